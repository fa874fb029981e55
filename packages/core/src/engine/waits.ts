import type { ArtifactSource, KeyResolver, TrustMaterialSource } from '@verify-images/attestor-evaluator'
import type { CheckedReader } from '../kubernetes.ts'

/** Tracks what an evaluation waits for, so that a deadline can name the slow host and the stage. */
export interface Waits {
  /** Does work that waits for others, which is named if the deadline passes meanwhile. */
  readonly during: <T>(what: string, work: () => Promise<T>) => Promise<T>
  /** What was awaited when the signal was aborted. */
  readonly interrupted: readonly string[]
}

/** Creates the tracker. It must be the first listener of the signal: the others end what is awaited. */
export function watchWaits(signal: AbortSignal): Waits {
  const waiting = new Map<symbol, string>()
  let interrupted: readonly string[] = []
  signal.addEventListener('abort', () => (interrupted = [...new Set(waiting.values())]), { once: true })
  return {
    during: async (what, work) => {
      const key = Symbol(what)
      waiting.set(key, what)
      try {
        return await work()
      } finally {
        waiting.delete(key)
      }
    },
    get interrupted() {
      return interrupted
    },
  }
}

/** As many as fit on a line. */
const MAX_DESCRIBED = 3

/** Returns the end of a sentence: `, while waiting for …`, empty if nothing was awaited. */
export function describeWaits(interrupted: readonly string[]): string {
  if (interrupted.length === 0) return ''
  const more = interrupted.length - MAX_DESCRIBED
  const named = interrupted.slice(0, MAX_DESCRIBED).join(', ')
  return `, while waiting for ${named}${more > 0 ? ` and ${String(more)} more` : ''}`
}

export function watchSource(source: ArtifactSource, { during }: Waits): ArtifactSource {
  return {
    fetchManifest: (repository, reference, signal) =>
      during(`the manifest ${reference} of ${repository}`, () => source.fetchManifest(repository, reference, signal)),
    fetchBlob: (repository, blob, maxBytes, signal) =>
      during(`the blob ${blob.digest} of ${repository}`, () => source.fetchBlob(repository, blob, maxBytes, signal)),
    listReferrers: (repository, subject, signal) =>
      during(`the referrers of ${subject} of ${repository}`, () => source.listReferrers(repository, subject, signal)),
  }
}

export function watchKeys(keys: KeyResolver, { during }: Waits): KeyResolver {
  return {
    resolveKey: (source, signal) =>
      during(
        source.kind === 'kms' ? `the key ${source.uri}` : `the key in Secret ${source.namespace}/${source.name}`,
        () => keys.resolveKey(source, signal),
      ),
  }
}

export function watchTrust(trust: TrustMaterialSource, { during }: Waits): TrustMaterialSource {
  return { load: (signal) => during('the trust root', () => trust.load(signal)) }
}

export function watchReader(reader: CheckedReader, { during }: Waits): CheckedReader {
  const { call, globalEntry, list } = reader
  return {
    read: (kind, namespace, name, signal) =>
      during(`${kind} ${namespace === undefined ? '' : `${namespace}/`}${name} of the cluster`, () =>
        reader.read(kind, namespace, name, signal),
      ),
    ...(call && {
      call: (request, signal) =>
        during(`the API call ${request.method} ${request.target === 'service' ? request.url : request.path}`, () =>
          call(request, signal),
        ),
    }),
    ...(globalEntry && {
      globalEntry: (name, signal) => during(`the global entry ${name}`, () => globalEntry(name, signal)),
    }),
    ...(list && { list: (kind, signal) => during(`the ${kind}s of the cluster`, () => list(kind, signal)) }),
  }
}
