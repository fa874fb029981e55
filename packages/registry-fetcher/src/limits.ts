/**
 * The bounds of the registry client. A registry, and whoever can write to it, is assumed hostile: everything it sends
 * is counted, and what goes over a bound is refused, never cut and used.
 */
export interface RegistryLimits {
  /** A `.sig` manifest of 1000 signatures with certificates, chains and log bundles is about 8 MB; registries themselves take 4 MB. */
  readonly manifestBytes: number
  /** What one session may keep and read in all: twenty images with attestations of some MB each fit. */
  readonly sessionBytes: number
  /** Requests of one session, retries and tokens included: 20 images × 50 referrers × 2, and room for authentication. */
  readonly sessionRequests: number
  /** How long a session may take. An admission webhook has 30 s at most. */
  readonly sessionMs: number
  /** One request with its retries and redirects; a byte a second must not hold a session until its deadline. */
  readonly requestMs: number
  /** TCP and TLS handshake; as upstream's dial timeout. */
  readonly connectMs: number
  /** From the request being sent to its first header, and between two pieces of a body. */
  readonly idleMs: number
  /** Tries of one request: the first, and two more for what passes by itself (a reset connection, 429, 5xx). */
  readonly tries: number
  /** Wait before the second try, doubled before the third, where the registry names none. */
  readonly retryDelayMs: number
  /** Longest wait before a further try; a registry that asks for more is taken at its word and given up. */
  readonly retryAfterMs: number
  /** Redirects of one request; registries need one or two (storage, then its mirror). */
  readonly redirects: number
  /** Referrers kept of one listing. Evaluators look at far fewer. */
  readonly referrers: number
  /** Pages of one listing: 1000 referrers at 50 a page. */
  readonly referrerPages: number
  /** The body of a token answer. Real tokens are 1–8 kB. */
  readonly tokenBytes: number
  /** Tokens kept by a client; the oldest go first. */
  readonly cachedTokens: number
  /** How long a token is used at most, whatever its answer says. */
  readonly tokenMs: number
  /** The body of an error answer; only its first lines are shown. */
  readonly errorBodyBytes: number
  /** Connections kept open to one host. */
  readonly connectionsPerHost: number
}

export const DEFAULT_LIMITS: RegistryLimits = {
  manifestBytes: 8 * 1024 * 1024,
  sessionBytes: 512 * 1024 * 1024,
  sessionRequests: 5000,
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

/** `WWW-Authenticate`, `Location` and `Link`. Node already refuses header blocks over 16 KiB; a custom fetch may not. */
export const MAX_HEADER_LENGTH: number = 8 * 1024
/** Challenges in one answer, and parameters in one challenge. */
export const MAX_CHALLENGE_PARTS: number = 16
/** One token; longer ones would not fit into a request's headers. */
export const MAX_TOKEN_LENGTH: number = 16 * 1024
/** What of a registry's own words is shown. */
export const MAX_SHOWN_LENGTH: number = 1000
/** Docker config files and pull secrets; a Kubernetes Secret holds at most 1 MiB. */
export const MAX_CONFIG_LENGTH: number = 1024 * 1024
/** Redirects of one revocation list. */
export const MAX_RESPONDER_REDIRECTS = 3
/** A URL in a certificate. */
export const MAX_RESPONDER_URL_LENGTH = 2048
/** One answer of a responder with its redirects, from the first byte sent to the last one read. */
export const RESPONDER_TIMEOUT_MS = 5000
/** Pieces of a body (of a custom fetch) that may be of any size; each costs time, however small. */
export const MAX_SMALL_PIECES: number = 10_000
/** What the further ones must hold on average; honest ones are a network packet at least. */
export const MIN_PIECE_BYTES: number = 64
/**
 * What a body's framing (chunks, TLS records) may take on the wire beyond the body's own size, doubled. Node takes the
 * pieces together before we see them; their cost shows in this.
 */
export const MAX_FRAMING_BYTES: number = 1024 * 1024
