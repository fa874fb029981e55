/**
 * The limits of the registry client. Registries, and anyone who can push to them, are assumed to be hostile: everything
 * they send is counted, and what exceeds a limit is refused, never truncated and used.
 */
export interface RegistryLimits {
  /**
   * Size of one manifest. A `.sig` manifest of 1000 signatures with certificates, chains and log entries has about 8
   * MB; registries accept 4 MB.
   */
  readonly manifestBytes: number
  /** Duration of a session without a `deadlineMs`: as long as an admission webhook may take at most. */
  readonly sessionMs: number
  /**
   * Duration of one request with its retries and redirects, or two thirds of a longer deadline, so that one slow
   * request leaves time for others.
   */
  readonly requestMs: number
  /** Duration of the TCP and TLS handshakes of one connection, as in go-containerregistry. */
  readonly connectMs: number
  /**
   * Wait for the first header of an answer, and between two chunks of its body, or half of a longer deadline: a server
   * that has stalled this long does not recover in time.
   */
  readonly idleMs: number
  /** Attempts per request: the first one, and two more after a transient fault (connection reset, 429, 5xx). */
  readonly tries: number
  /**
   * Delay before the second attempt, doubled before the third, unless the registry sends `Retry-After`. Short against a
   * deadline of 10 s, and long enough for a connection that was reset.
   */
  readonly retryDelayMs: number
  /**
   * Longest `Retry-After` that is waited for. If a registry asks for more, the request is not repeated, because the
   * wait would use up the deadline.
   */
  readonly retryAfterMs: number
  /** Redirects per request; registries need one or two (to the storage, then to its mirror). */
  readonly redirects: number
  /** Referrers kept of one listing. Evaluators read at most 50; the rest serves to order them. */
  readonly referrers: number
  /** Pages of one referrers listing: 1000 referrers at 50 per page. */
  readonly referrerPages: number
  /** Size of a token answer. Real tokens have 1–8 kB. */
  readonly tokenBytes: number
  /** Tokens that a client keeps, one for each repository and credential; the oldest is dropped first. */
  readonly cachedTokens: number
  /**
   * Duration for which a token is reused, even if its answer states a longer lifetime: most registries issue them for
   * 300 s.
   */
  readonly tokenMs: number
  /**
   * Size of the body of an error answer that is read. Only its list of errors is printed; real ones have below 1 kB.
   */
  readonly errorBodyBytes: number
  /** Open connections to one host: enough for eight images at once, few enough not to trigger rate limits. */
  readonly connectionsPerHost: number
}

export const DEFAULT_LIMITS: RegistryLimits = {
  manifestBytes: 8 * 1024 * 1024,
  sessionMs: 30_000,
  requestMs: 20_000,
  connectMs: 5_000,
  idleMs: 10_000,
  tries: 3,
  retryDelayMs: 200,
  retryAfterMs: 2_000,
  redirects: 5,
  referrers: 1000,
  referrerPages: 20,
  tokenBytes: 128 * 1024,
  cachedTokens: 1000,
  tokenMs: 300_000,
  errorBodyBytes: 64 * 1024,
  connectionsPerHost: 16,
}

/**
 * Characters of `WWW-Authenticate`, `Location` and `Link`. Node refuses header blocks over 16 KiB; a custom fetch may
 * not.
 */
export const MAX_HEADER_LENGTH: number = 8 * 1024
/** Challenges of one answer, and parameters of one challenge. */
export const MAX_CHALLENGE_PARTS: number = 16
/** Characters of a token; a longer one does not fit into the headers of a request. */
export const MAX_TOKEN_LENGTH: number = 16 * 1024
/** JSON tokens of a token answer; real ones have about ten. */
export const MAX_TOKEN_ANSWER_TOKENS: number = 1000
/** JSON tokens of an error answer; real ones have about twenty. */
export const MAX_ERROR_TOKENS: number = 1000
/** Characters of a registry's own text that a message prints. */
export const MAX_PRINTED_LENGTH: number = 1000
/** Characters of a Docker config file or pull secret; a Kubernetes Secret holds at most 1 MiB. */
export const MAX_CONFIG_LENGTH: number = 1024 * 1024
/** Pull secrets of one provider. Real Pods name a few; the kubelet has no limit. */
export const MAX_PULL_SECRETS: number = 1000
/** Entries of all its secrets: each look-up compares its repository with every one. */
export const MAX_PULL_SECRET_ENTRIES: number = 10_000
/** Redirects followed for one certificate revocation list. Authorities need none or one. */
export const MAX_RESPONDER_REDIRECTS = 3
/** Characters of a responder's URL in a certificate; real ones have fewer than 100. */
export const MAX_RESPONDER_URL_LENGTH = 2048
/** Duration of one request to a responder with its redirects; a healthy one answers within a second. */
export const RESPONDER_TIMEOUT_MS = 5000
/**
 * Blobs that a session keeps, beside the latest. The signatures of 30 images have less than 1 MB, and the attestations
 * of one image seldom more than this; fifty bundles of 10 MB do not fit.
 */
export const MAX_KEPT_BLOB_BYTES: number = 64 * 1024 * 1024
/** Chunks of a body (of a custom fetch) that may have any size; each one costs time, however small. */
export const MAX_SMALL_CHUNKS: number = 10_000
/** Bytes that the chunks beyond these must have on average; honest ones have at least a network packet. */
export const MIN_CHUNK_BYTES: number = 64
/**
 * Bytes that the framing of a body (chunks, TLS records) may need on the wire beyond twice the size of the body. Node
 * joins small chunks before we see them; their cost is only visible here.
 */
export const MAX_FRAMING_BYTES: number = 1024 * 1024
/** Size of what a credential helper prints: tokens have up to 16 KiB. */
export const MAX_HELPER_OUTPUT_BYTES: number = 64 * 1024
/** Duration of one run of a credential helper; those of clouds request a token over the network. */
export const MAX_HELPER_MS: number = 10_000
/** Size of a registry cache: room for some eight thousand images with their signatures. */
export const DEFAULT_CACHE_BYTES: number = 64 * 1024 * 1024
/** Size that an entry of a registry cache is counted with, beside its key and content. */
export const CACHED_ITEM_BYTES = 512
/** Size that each descriptor of a cached listing is counted with. */
export const CACHED_DESCRIPTOR_BYTES = 512
/** Manifests of one OCI image layout, each of which is read to find the referrers of an image. */
export const MAX_LAYOUT_MANIFESTS = 10_000
/** Size of the blobs that processes share: signatures and bundles, not SBOMs. */
export const MAX_SHARED_BLOB_BYTES: number = 1024 * 1024
/** Duration of one look at shared content; a registry answers in about as long. */
export const SHARED_CACHE_MS = 250
/** How long shared content is left alone after it failed or was slow. */
export const SHARED_CACHE_PAUSE_MS = 5_000
