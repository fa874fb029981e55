/**
 * The limits of this package. Anybody who can push to a registry, or answer for a responder, chooses what is parsed
 * here. Input beyond a limit is rejected, never truncated.
 */

/** Signatures of one artifact that are tried, as in Kyverno. */
export const MAX_SIGNATURES = 10
/** Referrers of one artifact, as in Kyverno. */
export const MAX_REFERRERS = 50
/** The layer of an attestation, as in Kyverno. */
export const MAX_PREDICATE_BYTES = 10_000_000
/** A signature envelope. A real one has 2–20 kB; Kyverno reads 10 MB of each, before anything in it is verified. */
export const MAX_ENVELOPE_BYTES: number = 1024 * 1024
/** JSON tokens of an envelope or its protected header. A real one has about 40. */
export const MAX_ENVELOPE_TOKENS = 1_000
/** JSON tokens of a signed payload: a descriptor, and user metadata with two tokens for each name. */
export const MAX_PAYLOAD_TOKENS = 10_000
/** The manifest of a signature or an attestation, as in notation. */
export const MAX_MANIFEST_BYTES: number = 4 * 1024 * 1024
/** Items of a COSE envelope. A real one has about 30. */
export const MAX_CBOR_ITEMS = 1_000
/** Nesting of a COSE envelope; a real one has three levels. */
export const MAX_CBOR_DEPTH = 16
/** Certificates of one chain, as in x509. */
export const MAX_CHAIN_CERTIFICATES = 12
/** Names in `crit`. The specification knows four. */
export const MAX_CRITICAL_NAMES = 32
/** A timestamp token with the certificates of its authority has 1–8 kB. */
export const MAX_TIMESTAMP_BYTES: number = 128 * 1024
/** Certificates of an attestor or a trust store. */
export const MAX_TRUSTED_CERTIFICATES = 256
/** Trust stores of all types. Statements name them one by one. */
export const MAX_TRUST_STORES = 1_000

/** A trust policy document; one statement has about 300 bytes. */
export const MAX_TRUST_POLICY_LENGTH: number = 1024 * 1024
export const MAX_STATEMENTS = 1000
/** Scopes and stores of one statement. */
export const MAX_STATEMENT_ENTRIES = 1000
/** Trusted identities of one statement: each is compared with each other one. */
export const MAX_IDENTITIES = 200
/** A repository in `registryScopes`; registries accept fewer. */
export const MAX_SCOPE_LENGTH = 512
/** A trusted identity; the longest distinguished names of public authorities have about 300 characters. */
export const MAX_IDENTITY_LENGTH = 4096

/** An OCSP response with the responder's certificates has 0.5–4 kB. */
export const MAX_OCSP_BYTES: number = 64 * 1024
/** A CRL. Those of code signing CAs have up to some megabytes, the largest of public CAs some tens. */
export const MAX_CRL_BYTES: number = 32 * 1024 * 1024
/** Entries of a CRL that are scanned between two looks at the clock: about 0.2 ms. */
export const CRL_SLICE_ENTRIES = 500
/** Certificates in an OCSP response. */
export const MAX_RESPONDER_CERTIFICATES = 10
/** OCSP responders or CRLs of one certificate. */
export const MAX_RESPONDERS = 5
/** How far the clock of a responder may be ahead of ours. */
export const MAX_CLOCK_SKEW_MS: number = 5 * 60_000
/** A cache that takes longer is treated as empty. */
export const CACHE_TIMEOUT_MS = 250
/** Size of the cache in memory. */
export const MAX_CACHE_BYTES: number = 64 * 1024 * 1024
export const MAX_CACHE_ENTRIES = 1000
/** Characters of a foreign value that a message shows. */
export const MAX_SHOWN_LENGTH = 120
