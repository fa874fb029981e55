/**
 * The bounds of this package. Whoever can push to a registry, or answers for a responder, chooses what is read here; what
 * goes over a bound is refused, never cut and used.
 */

/** Signatures of one artifact that are tried; upstream's bound. */
export const MAX_SIGNATURES = 10
/** Referrers of one artifact that are looked at; upstream fails above. */
export const MAX_REFERRERS = 50
/** A signature envelope, or the layer of an attestation; upstream's bound. */
export const MAX_PAYLOAD_BYTES = 10_000_000
/** The manifest of a signature or an attestation, as in notation. */
export const MAX_MANIFEST_BYTES: number = 4 * 1024 * 1024
/** Items of a COSE envelope. A real one has about 30. */
export const MAX_CBOR_ITEMS = 10_000
/** Nesting of a COSE envelope; a real one has three levels. */
export const MAX_CBOR_DEPTH = 16
/** Certificates of a signer, as in chains everywhere else here. */
export const MAX_CHAIN_CERTIFICATES = 12
/** Names in `crit`. The specification knows four. */
export const MAX_CRITICAL_NAMES = 32
/** A timestamp token with the certificates of its authority has 1–8 kB. */
export const MAX_TIMESTAMP_BYTES: number = 128 * 1024
/** Certificates that a policy or a trust store names. */
export const MAX_TRUSTED_CERTIFICATES = 256

/** A trust policy document; one statement has about 300 bytes. */
export const MAX_TRUST_POLICY_LENGTH: number = 1024 * 1024
export const MAX_STATEMENTS = 1000
/** Scopes, stores and identities of one statement. */
export const MAX_STATEMENT_ENTRIES = 1000
/** A trusted identity; the longest distinguished names of public authorities have about 300 characters. */
export const MAX_IDENTITY_LENGTH = 4096

/** An OCSP answer with the responder's certificates has 0.5–4 kB. */
export const MAX_OCSP_BYTES: number = 64 * 1024
/** A revocation list. Those of code signing authorities have up to some megabytes; more costs too much time to read. */
export const MAX_CRL_BYTES: number = 10 * 1024 * 1024
/** DER elements of a revocation list: each revoked certificate takes three to eight. */
export const MAX_CRL_ELEMENTS = 1_000_000
/** Certificates an OCSP answer may bring. */
export const MAX_RESPONDER_CERTIFICATES = 10
/** Responders or lists of one certificate that are asked. */
export const MAX_RESPONDERS = 5
/** How far the clock of a responder may be ahead of ours. */
export const MAX_CLOCK_SKEW_MS: number = 5 * 60_000
/** A cache that takes longer than this has no answer. */
export const CACHE_TIMEOUT_MS = 250
/** What the cache in memory keeps. */
export const MAX_CACHE_BYTES: number = 64 * 1024 * 1024
export const MAX_CACHE_ENTRIES = 1000
/** How much of an outside value a message shows. */
export const MAX_SHOWN_LENGTH = 120
