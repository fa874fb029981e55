/**
 * The limits of this package. Everyone who can push to a registry, or answer for a responder, chooses what is parsed
 * here. Input beyond a limit is rejected, never truncated.
 */

/** Signatures of one artifact that are tried, as in Kyverno. */
export const MAX_SIGNATURES = 10
/** Referrers of one artifact, as in Kyverno. */
export const MAX_REFERRERS = 50
/** Size of the layer of an attestation, as in Kyverno. */
export const MAX_PREDICATE_BYTES = 10_000_000
/**
 * Size of a signature envelope. A real one has 2–20 kB; Kyverno reads 10 MB of each, before anything in it is
 * verified.
 */
export const MAX_ENVELOPE_BYTES: number = 1024 * 1024
/** JSON tokens of an envelope or its protected header. A real one has about 40. */
export const MAX_ENVELOPE_TOKENS = 1_000
/** JSON tokens of a signed payload: a descriptor, and user metadata of some thousand names. */
export const MAX_PAYLOAD_TOKENS = 10_000
/** Size of the manifest of a signature or an attestation, as in notation. */
export const MAX_MANIFEST_BYTES: number = 4 * 1024 * 1024
/** Items of a COSE envelope. A real one has about 30. */
export const MAX_CBOR_ITEMS = 1_000
/** Nesting of a COSE envelope; a real one has three levels. */
export const MAX_CBOR_DEPTH = 16
/** Certificates of one chain, as in x509. */
export const MAX_CHAIN_CERTIFICATES = 12
/** Names in `crit`. The specification knows four. */
export const MAX_CRITICAL_NAMES = 32
/** Size of a timestamp with the certificates of its authority. Real ones have 1–8 kB. */
export const MAX_TIMESTAMP_BYTES: number = 128 * 1024
/** Certificates of one attestor or trust store. Real ones have fewer than ten. */
export const MAX_TRUSTED_CERTIFICATES = 256
/** Trust stores of all types. Statements name them one by one. */
export const MAX_TRUST_STORES = 1_000

/** Characters of a trust policy document: one statement has about 300. */
export const MAX_TRUST_POLICY_LENGTH: number = 1024 * 1024
/** Statements of one trust policy, which are compared with each image. Real ones have fewer than ten. */
export const MAX_STATEMENTS = 1000
/** Scopes, and trust stores, of one statement of a trust policy. Real ones name some dozen. */
export const MAX_STATEMENT_ENTRIES = 1000
/** Trusted identities of one statement: each is compared with each other one. */
export const MAX_IDENTITIES = 200
/** Characters of a repository in `registryScopes`; registries accept names of fewer. */
export const MAX_SCOPE_LENGTH = 512
/**
 * Characters of a trusted identity; the longest distinguished names of public authorities have about 300 characters.
 */
export const MAX_IDENTITY_LENGTH = 4096

/** Size of an OCSP response with the responder's certificates. Real ones have 0.5–4 kB. */
export const MAX_OCSP_BYTES: number = 64 * 1024
/** Size of one CRL. Those of code signing CAs have up to some megabytes, the largest of public CAs some tens. */
export const MAX_CRL_BYTES: number = 32 * 1024 * 1024
/** Entries of a CRL that are scanned between two looks at the clock: about 0.2 ms. */
export const CRL_SLICE_ENTRIES = 500
/** Certificates in one OCSP response. Real ones have one or two. */
export const MAX_RESPONDER_CERTIFICATES = 10
/** OCSP responders, or CRLs, that are asked for one certificate. Real certificates name one or two. */
export const MAX_RESPONDERS = 5
/** Difference by which the clock of a responder may be ahead of ours. Synchronised clocks differ by seconds. */
export const MAX_CLOCK_SKEW_MS: number = 5 * 60_000
/** Wait for an answer of the cache. One that takes longer is treated as empty: asking the responder is then as fast. */
export const CACHE_TIMEOUT_MS = 250
/** Size of the answers that the cache in memory keeps: two of the largest CRLs, or thousands of OCSP responses. */
export const MAX_CACHE_BYTES: number = 64 * 1024 * 1024
/** Answers that the cache in memory keeps: one for each certificate authority or certificate in use. */
export const MAX_CACHE_ENTRIES = 1000
/** Characters of a foreign value that a message shows, so that it stays on one line. */
export const MAX_SHOWN_LENGTH = 120
