import {
  anAbortSignal,
  aPositiveInteger,
  aString,
  CheckError,
  type OptionTable,
  untilAborted,
  messageOf,
} from '@verify-images/primitives'
import { AttestorError } from '../attestor-error.ts'
import { checkOptions } from '../check-options.ts'
import type { TrustMaterialSource } from '../signature-verifier.ts'
import { builtInTrust, type BuiltInTrust } from '../sigstore/public-good.ts'
import { parseTrustedRoot } from '../sigstore/trusted-root.ts'
import type { TrustMaterial, TrustOrigin } from '../sigstore/trust-material.ts'

/** Sigstore's public instance. The TUF client brings its first root, so `root` is not needed. */
export const sigstoreMirror = 'https://tuf-repo-cdn.sigstore.dev'
/** GitHub's instance, which signs artifact attestations of private repositories. It needs `root`. */
export const githubMirror = 'https://tuf-repo.github.com'

/** Sigstore's own clients refresh once a day. */
const REFRESH_MS = 24 * 60 * 60 * 1000
/** After a refresh that failed. */
const RETRY_MS = 10 * 60 * 1000
/** For a whole refresh in the background: a dozen small files. */
const BACKGROUND_MS = 60_000

export interface RefreshOptions {
  /** The folder for verified metadata. Anyone who can write to it chooses whom to trust. */
  readonly cacheFolder: string
  /** Milliseconds after which the next evaluation begins a refresh in the background; default: a day. */
  readonly refreshMs?: number | undefined
  /** The timeout of each request in milliseconds; default: 5000. */
  readonly timeoutMs?: number | undefined
}

export interface GithubTrustOptions extends RefreshOptions {
  /** The file of the repository's first root, as `gh attestation trusted-root` verifies it. */
  readonly root: string
}

export interface TufTrustOptions extends RefreshOptions {
  /** The URL of the repository; default: Sigstore's public one. `http:` is allowed. */
  readonly mirror?: string | undefined
  /** The file of the repository's first root; needed only until the cache has one. */
  readonly root?: string | undefined
}

const refreshOptions: OptionTable<RefreshOptions> = {
  cacheFolder: aString,
  refreshMs: aPositiveInteger,
  timeoutMs: aPositiveInteger,
}
const githubTrustOptions: OptionTable<GithubTrustOptions> = { ...refreshOptions, root: aString }
const tufTrustOptions: OptionTable<TufTrustOptions> = { ...githubTrustOptions, mirror: aString }

/** A trust root that is updated over TUF. */
export interface TufTrust extends TrustMaterialSource {
  /**
   * Returns the trust in use. Waits for the network only if there is none yet; otherwise a refresh that is due runs in
   * the background.
   */
  load(signal: AbortSignal): Promise<TrustMaterial>
  /** Fetches newer metadata. When that fails, `load` keeps returning the previous trust. */
  refresh(signal: AbortSignal): Promise<TrustMaterial>
  origin(): TrustOrigin
}

/**
 * Creates the trust of Sigstore's public good instance, kept fresh over TUF. Until the first refresh it is the built-in
 * copy, so that no evaluation waits.
 *
 * @throws AttestorError ATTESTOR_OPTIONS_INVALID
 * @example createImageVerifier({ policies, trust: sigstorePublicGood({ cacheFolder: '/var/cache/verify-images' }) })
 */
export function sigstorePublicGood(options: RefreshOptions): TufTrust {
  checkOptions(options, refreshOptions, { required: ['cacheFolder'] })
  return refreshed({ ...options, mirror: sigstoreMirror }, builtInTrust())
}

/**
 * Creates the trust of GitHub's instance, which signs artifact attestations of private repositories, kept fresh over
 * TUF.
 *
 * @throws AttestorError ATTESTOR_OPTIONS_INVALID
 */
export function githubTrust(options: GithubTrustOptions): TufTrust {
  checkOptions(options, githubTrustOptions, { required: ['cacheFolder', 'root'] })
  return refreshed({ ...options, mirror: githubMirror })
}

/**
 * Creates a source of trust from a TUF repository.
 *
 * @throws AttestorError ATTESTOR_OPTIONS_INVALID; ATTESTOR_TRUST_UNAVAILABLE for a mirror that is not an http(s) URL,
 *   and
 *   from `load` and `refresh` when the repository is unavailable or its metadata does not verify
 * @see https://theupdateframework.github.io/specification/latest/
 */
export function tufTrust(options: TufTrustOptions): TufTrust {
  checkOptions(options, tufTrustOptions, { required: ['cacheFolder'] })
  return refreshed({ ...options, mirror: checkMirror(options.mirror ?? sigstoreMirror) })
}

interface Repository extends TufTrustOptions {
  readonly mirror: string
}

/** Returns the trust of a repository; until the first refresh it is `initial`, where there is one. */
export function refreshed(repository: Repository, initial?: BuiltInTrust): TufTrust {
  const { refreshMs = REFRESH_MS } = repository
  let fetched: TrustMaterial | undefined
  let update: Promise<TrustMaterial> | undefined
  let origin: TrustOrigin = initial?.origin() ?? {}
  let due = 0

  async function fetchOnce(): Promise<TrustMaterial> {
    due = Date.now() + refreshMs
    try {
      fetched = await fetchTrust(repository)
      origin = { asOf: new Date().toISOString() }
      return { ...fetched, origin }
    } catch (error) {
      due = Date.now() + RETRY_MS
      const message = messageOf(error)
      origin = { ...origin, failure: { at: new Date().toISOString(), message } }
      throw error
    } finally {
      update = undefined
    }
  }
  const refresh = async (signal: AbortSignal): Promise<TrustMaterial> => {
    checkSignal(signal)
    const pending = (update ??= fetchOnce())
    // The client takes no signal; it ends by its own timeouts.
    return untilAborted(signal, () => pending)
  }
  return {
    refresh,
    origin: () => origin,
    load: async (signal) => {
      checkSignal(signal)
      const inUse = fetched ?? (await initial?.load(signal))
      if (inUse === undefined) return refresh(signal)
      // The failure is reported in the origin; the evaluation continues with the trust it has.
      if (Date.now() >= due) refresh(AbortSignal.timeout(BACKGROUND_MS)).catch(() => undefined)
      return { ...inUse, origin }
    },
  }
}

function checkSignal(signal: AbortSignal): void {
  checkOptions({ signal }, { signal: anAbortSignal }, { required: ['signal'] })
  signal.throwIfAborted()
}

/**
 * Fetches `trusted_root.json` from a TUF repository, verified by its metadata and parsed, and returns it as it is.
 *
 * @throws AttestorError ATTESTOR_OPTIONS_INVALID, ATTESTOR_TRUST_UNAVAILABLE
 */
export async function fetchTrustedRoot(options: TufTrustOptions, signal: AbortSignal): Promise<string> {
  checkOptions(options, tufTrustOptions, { required: ['cacheFolder'] })
  checkSignal(signal)
  const repository = { ...options, mirror: checkMirror(options.mirror ?? sigstoreMirror) }
  return untilAborted(signal, async () => (await fetchRoot(repository)).json)
}

async function fetchTrust(repository: Repository): Promise<TrustMaterial> {
  return (await fetchRoot(repository)).material
}

async function fetchRoot({
  mirror: mirrorURL,
  cacheFolder,
  root,
  timeoutMs = 5000,
}: Repository): Promise<{ readonly json: string; readonly material: TrustMaterial }> {
  try {
    // Loaded only when asked for: it brings an HTTP stack of its own, which reads the proxy environment.
    const { initTUF } = await import('@sigstore/tuf')
    const client = await initTUF({
      cachePath: cacheFolder,
      mirrorURL,
      timeout: timeoutMs,
      retry: { retries: 1 },
      ...(root !== undefined && { rootPath: root }),
    })
    const json = await client.getTarget('trusted_root.json')
    return { json, material: parseTrustedRoot(json) }
  } catch (cause) {
    if (cause instanceof CheckError) throw cause
    throw new AttestorError(
      'ATTESTOR_TRUST_UNAVAILABLE',
      `fetching the trusted root from the TUF repository ${mirrorURL} failed: ${messagesOf(cause)}`,
      { cause },
    )
  }
}

/**
 * Returns the first lines of the messages of an error and its causes; `fetch` itself says no more than "fetch failed".
 */
function messagesOf(error: unknown): string {
  const messages: string[] = []
  for (let each = error; each instanceof Error && messages.length < MESSAGES; each = each.cause) {
    // Of several addresses that all refuse, Node has one error with a code and an empty message.
    const code = 'code' in each && typeof each.code === 'string' ? each.code : each.name
    messages.push((each.message === '' ? code : each.message).split('\n', 1)[0]?.slice(0, 200) ?? '')
  }
  return messages.length === 0 ? 'unknown error' : messages.join(': ')
}

/** Messages of a chain of causes; more than this is no longer the network's, and a chain may be circular. */
const MESSAGES = 4

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
      '`mirror`: expected an http or https URL without credentials, query or fragment',
    )
  }
  return text.replace(/\/$/, '')
}
