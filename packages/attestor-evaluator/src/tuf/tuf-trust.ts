import { initTUF } from '@sigstore/tuf'
import {
  anAbortSignal,
  aPositiveInteger,
  aString,
  CheckError,
  type OptionTable,
  untilAborted,
} from '@verify-images/primitives'
import { AttestorError } from '../attestor-error.ts'
import { checkOptions } from '../check-options.ts'
import type { TrustMaterialSource } from '../signature-verifier.ts'
import { parseTrustedRoot } from '../sigstore/trusted-root.ts'
import type { TrustMaterial } from '../sigstore/trust-material.ts'

/** Sigstore's public instance. The TUF client brings its first root, so `rootPath` is not needed. */
export const sigstoreMirror = 'https://tuf-repo-cdn.sigstore.dev'
/** GitHub's instance, which signs artifact attestations of private repositories. It needs `rootPath`. */
export const githubMirror = 'https://tuf-repo.github.com'

export interface TufTrustOptions {
  /** The folder for verified metadata. Anyone who can write to it chooses whom to trust. */
  readonly cachePath: string
  /** The URL of the repository; default: Sigstore's public one. `http:` is allowed. */
  readonly mirrorUrl?: string | undefined
  /** The file of the repository's first root; needed only until the cache has one. */
  readonly rootPath?: string | undefined
  /** The timeout of each request in milliseconds; default: 5000. */
  readonly timeoutMs?: number | undefined
}

const tufTrustOptions: OptionTable<TufTrustOptions> = {
  cachePath: aString,
  mirrorUrl: aString,
  rootPath: aString,
  timeoutMs: aPositiveInteger,
}

/** A trust root that is updated over TUF. */
export interface TufTrust extends TrustMaterialSource {
  /** Returns the trust of the last successful refresh. Only the first call uses the network. */
  load(signal: AbortSignal): Promise<TrustMaterial>
  /** Fetches newer metadata. When that fails, `load` keeps returning the previous trust. */
  refresh(signal: AbortSignal): Promise<TrustMaterial>
}

/**
 * Creates a source of trust from a TUF repository. Call `refresh` from a timer, not for each request.
 *
 * @throws AttestorError ATTESTOR_OPTIONS_INVALID; ATTESTOR_TRUST_UNAVAILABLE for a mirror that is not an http(s) URL, and
 *   from `load` and `refresh` when the repository is unavailable or its metadata does not verify
 * @see https://theupdateframework.github.io/specification/latest/
 */
export function tufTrust(options: TufTrustOptions): TufTrust {
  checkOptions(options, tufTrustOptions, { required: ['cachePath'] })
  const mirrorUrl = checkMirror(options.mirrorUrl ?? sigstoreMirror)
  let current: TrustMaterial | undefined
  let update: Promise<TrustMaterial> | undefined

  const refresh = async (signal: AbortSignal): Promise<TrustMaterial> => {
    checkOptions({ signal }, { signal: anAbortSignal }, { required: ['signal'] })
    signal.throwIfAborted()
    update ??= fetchTrust(mirrorUrl, options)
      .then((material) => (current = material))
      .finally(() => {
        update = undefined
      })
    const pending = update
    // The client takes no signal; it ends by its own timeouts.
    return untilAborted(signal, () => pending)
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
    if (cause instanceof CheckError) throw cause
    const problem = cause instanceof Error ? `${cause.name}: ${cause.message}` : 'unknown error'
    throw new AttestorError(
      'ATTESTOR_TRUST_UNAVAILABLE',
      `fetching the trusted root from the TUF repository failed: ${problem.split('\n', 1)[0]?.slice(0, 200)}`,
      { cause },
    )
  }
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
      '`mirrorUrl`: expected an http or https URL without credentials, query or fragment',
    )
  }
  return text.replace(/\/$/, '')
}
