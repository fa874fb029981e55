import { aPositiveNumber, aText, anAbortSignal, type OptionTable } from '@verify-images/primitives'
import { initTUF } from '@sigstore/tuf'
import { AttestorError } from '../attestor-error.ts'
import { checkOptions } from '../check-options.ts'
import type { TrustMaterialSource } from '../signature-verifier.ts'
import { parseTrustedRoot } from '../sigstore/trusted-root.ts'
import type { TrustMaterial } from '../sigstore/trust-material.ts'
import { sigstoreMirror } from './mirrors.ts'

export interface TufTrustOptions {
  /** Where the client keeps what it has verified. Whoever can write there chooses whom to trust. */
  readonly cachePath: string
  /** The repository; Sigstore's public one unless given. Plain http only because it is written here. */
  readonly mirrorUrl?: string | undefined
  /** The first root of the repository, a file; only needed until the cache holds one. */
  readonly rootPath?: string | undefined
  /** For each of the few files that are fetched; 5 s unless given. */
  readonly timeoutMs?: number | undefined
}

const tufTrustOptions: OptionTable<TufTrustOptions> = {
  cachePath: aText,
  mirrorUrl: aText,
  rootPath: aText,
  timeoutMs: aPositiveNumber,
}

/** A trusted root that is kept up to date over TUF. */
export interface TufTrust extends TrustMaterialSource {
  /** The trust of the last successful refresh; the first call makes one, later ones never touch the network. */
  load(signal: AbortSignal): Promise<TrustMaterial>
  /** Fetches what is newer. When that fails, what was there before stays in use. */
  refresh(signal: AbortSignal): Promise<TrustMaterial>
}

/**
 * Trust from a TUF repository, which is asked only when told to: refresh it from a timer, not from a request.
 *
 * @throws AttestorError ATTESTOR_OPTIONS_INVALID; ATTESTOR_TRUST_UNAVAILABLE for a mirror that is no http(s) URL; from `load` and `refresh` when the
 *   repository cannot be had, or what it serves does not verify
 * @see https://theupdateframework.github.io/specification/latest/
 */
export function tufTrust(options: TufTrustOptions): TufTrust {
  checkOptions(options, tufTrustOptions, ['cachePath'])
  const mirrorUrl = checkMirror(options.mirrorUrl ?? sigstoreMirror)
  let current: TrustMaterial | undefined
  let update: Promise<TrustMaterial> | undefined

  const refresh = async (signal: AbortSignal): Promise<TrustMaterial> => {
    checkOptions({ signal }, { signal: anAbortSignal }, ['signal'])
    signal.throwIfAborted()
    update ??= fetchTrust(mirrorUrl, options)
      .then((material) => (current = material))
      .finally(() => {
        update = undefined
      })
    return untilAborted(update, signal)
  }
  return { refresh, load: async (signal) => current ?? (await refresh(signal)) }
}

async function fetchTrust(
  mirrorURL: string,
  { cachePath, rootPath, timeoutMs = 5000 }: TufTrustOptions,
): Promise<TrustMaterial> {
  try {
    const client = await initTUF({
      cachePath,
      mirrorURL,
      timeout: timeoutMs,
      retry: { retries: 1 },
      ...(rootPath !== undefined && { rootPath }),
    })
    return parseTrustedRoot(await client.getTarget('trusted_root.json'))
  } catch (cause) {
    if (cause instanceof AttestorError) throw cause
    const told = cause instanceof Error ? `${cause.name}: ${cause.message}` : 'unknown fault'
    throw new AttestorError(
      'ATTESTOR_TRUST_UNAVAILABLE',
      `the TUF repository gives no trusted root (${told.split('\n', 1)[0]?.slice(0, 200)})`,
      { cause },
    )
  }
}

/** The client takes no signal; an aborted caller stops waiting, and the client ends by its own timeouts. */
function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const stop = (): void => reject(signal.reason as Error)
    signal.addEventListener('abort', stop, { once: true })
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop))
  })
}

function checkMirror(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (
    url === undefined ||
    (url.protocol !== 'https:' && url.protocol !== 'http:') ||
    url.username !== '' ||
    url.search !== '' ||
    url.hash !== ''
  ) {
    throw new AttestorError(
      'ATTESTOR_TRUST_UNAVAILABLE',
      'the TUF mirror must be an http or https URL without credentials, query or fragment',
    )
  }
  return text.replace(/\/$/, '')
}
