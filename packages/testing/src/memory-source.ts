import type {
  ArtifactSource,
  Descriptor,
  ManifestNotFound,
  ReferrerListing,
  StoredManifest,
} from '@verify-images/attestor-evaluator'
import type { Digest, RegistryDetail } from '@verify-images/primitives'
import { contentOf, descriptorOf, OCI_MANIFEST } from './content.ts'

/**
 * An artifact source without a registry, for tests of how artifacts are verified rather than fetched: its referrers
 * listing may contradict its manifests, and any request may fail.
 */
export interface MemorySource extends ArtifactSource {
  /** Every request, such as `manifest v1` or `blob sha256:…`, in order. */
  readonly asked: string[]
  /** Whether the referrers listing claims to be complete. Default: `true`. */
  complete: boolean
  /** The error to throw in place of an answer. */
  fault?: (what: 'manifest' | 'blob' | 'referrers', name: string) => Error | undefined
  /** Makes all requests for this tag or digest fail. */
  breakAt(name: string, error: Error): void
  putBlob(bytes: Uint8Array): Descriptor
  putManifest(repository: string, tag: string | undefined, manifest: unknown, mediaType?: string): Digest
  /** Replaces the listing for a subject. Nothing is listed that is not put here. */
  putReferrers(subject: Digest, descriptors: readonly Descriptor[]): void
}

export function createMemorySource(): MemorySource {
  const manifests = new Map<string, StoredManifest>()
  const blobs = new Map<string, Uint8Array>()
  const referrers = new Map<string, readonly Descriptor[]>()
  const errors = new Map<string, Error>()
  const source: MemorySource = {
    asked: [],
    complete: true,
    breakAt: (name, error) => void errors.set(name, error),
    putBlob: (bytes) => {
      const blob = contentOf('application/octet-stream', bytes)
      blobs.set(blob.digest, bytes)
      return descriptorOf(blob)
    },
    putManifest: (repository, tag, manifest, mediaType = OCI_MANIFEST) => {
      const content = contentOf(
        mediaType,
        manifest instanceof Uint8Array ? manifest : Buffer.from(JSON.stringify(manifest)),
      )
      for (const reference of [content.digest, ...(tag === undefined ? [] : [tag])])
        manifests.set(`${repository} ${reference}`, content)
      return content.digest
    },
    putReferrers: (subject, descriptors) => void referrers.set(subject, descriptors),
    async fetchManifest(repository, reference): Promise<StoredManifest | ManifestNotFound> {
      ask('manifest', reference)
      return (
        manifests.get(`${repository} ${reference}`) ?? {
          notFound: true,
          detail: {
            kind: 'registry-answer',
            method: 'GET',
            url: `https://${repository.replace('/', '/v2/')}/manifests/${reference}`,
            status: 404,
            errors: [{ code: 'MANIFEST_UNKNOWN', message: 'Unknown manifest' }],
          },
        }
      )
    },
    async fetchBlob(_repository, { digest }): Promise<Uint8Array> {
      ask('blob', digest)
      const bytes = blobs.get(digest)
      if (bytes === undefined) throw sourceFault('REGISTRY_NOT_FOUND', false)
      return bytes
    },
    async listReferrers(_repository, subject): Promise<ReferrerListing> {
      ask('referrers', subject)
      return { descriptors: referrers.get(subject) ?? [], complete: source.complete, source: 'api' }
    },
  }
  function ask(what: 'manifest' | 'blob' | 'referrers', name: string): void {
    source.asked.push(`${what} ${name}`)
    const error = errors.get(name) ?? source.fault?.(what, name)
    if (error !== undefined) throw error
  }
  return source
}

/** Returns the error of a source that cannot fetch. With `refused` the registry did not take the connection. */
export function sourceFault(code: string, refused: boolean, message = 'the registry is gone'): Error {
  const detail: RegistryDetail = {
    kind: 'registry-transport',
    ...{ stage: 'dial', fault: 'refused', systemCode: 'ECONNREFUSED' },
    ...{ method: 'GET', url: 'https://registry.test/v2/', host: 'registry.test', address: '203.0.113.1:443' },
  }
  return Object.assign(new Error(message), { code, ...(refused && { detail }) })
}
