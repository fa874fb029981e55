/**
 * The bounds of the evaluator. Whoever can push to a registry chooses what is read here, so everything is counted, and
 * what goes over a bound is refused, never cut and used.
 */

/** Referrers of one image that are read; Kyverno fails above. */
export const MAX_REFERRERS = 50
/** Size of the layer that holds a bundle, as in Kyverno. */
export const MAX_BUNDLE_BYTES = 10_000_000
/** JSON tokens of a bundle. One with 32 log entries and their inclusion proofs has about 4000. */
export const MAX_BUNDLE_TOKENS = 10_000
/**
 * Size of a bundle without the payload of its envelope. Log entries have about 4 kB, those of the first days up to 1
 * MB.
 */
export const MAX_BUNDLE_OTHER_BYTES: number = 2 * 1024 * 1024
/** Log entries of one bundle, as in sigstore-go. Real bundles have one or two. */
export const MAX_LOG_ENTRIES = 32
/** Timestamps of one bundle, as in sigstore-go. Real bundles have one or two. */
export const MAX_TIMESTAMPS = 32
/** Certificates of a bundle's chain: a leaf and its intermediates. */
export const MAX_BUNDLE_CERTIFICATES = 10
/** Subjects of one statement, as in sigstore-go. */
export const MAX_SUBJECTS = 1024
/**
 * Size of the body of one log entry. Real ones have about 4 kB, those of type intoto of the first days more, because
 * they hold the whole attestation.
 */
export const MAX_LOG_BODY_BYTES = 1_000_000
/** JSON tokens of one log entry, body or annotation; real ones have about 30. */
export const MAX_LOG_BODY_TOKENS = 1_000
/** Hashes of an inclusion proof: one for each level of a tree of 2^63 leaves. */
export const MAX_PROOF_HASHES = 63
/** Characters of a checkpoint with its signatures. Real ones have a few hundred. */
export const MAX_CHECKPOINT_LENGTH: number = 64 * 1024
/** Signatures of one checkpoint: that of the log, and those of its witnesses. Real ones have fewer than ten. */
export const MAX_CHECKPOINT_SIGNATURES = 32
/** Size of one timestamp with the certificates of its authority. Real ones have 1–8 kB. */
export const MAX_TIMESTAMP_BYTES: number = 64 * 1024
/** SCTs embedded in one certificate. Fulcio embeds one; certificates of the web have two to five. */
export const MAX_SCTS = 16

/** Characters of a trusted root. The public one has 7000. */
export const MAX_TRUSTED_ROOT_LENGTH: number = 4 * 1024 * 1024
/** Authorities, and logs, of each kind in a trusted root. The public one has fewer than ten. */
export const MAX_TRUST_ENTRIES = 256
/** Certificates of one authority, as in sigstore-go. Real ones have two or three. */
export const MAX_AUTHORITY_CERTIFICATES = 12

/** Characters of one regular expression or wildcard pattern of a policy. More than any that a person writes. */
export const MAX_PATTERN_LENGTH = 2048
/** Signatures in one manifest, as in cosign. */
export const MAX_SIGNATURE_LAYERS = 1000
/**
 * Size of one layer of a signature or an attestation, as in cosign. An SBOM of 64 MB is 86 MB as base64 in its
 * envelope.
 */
export const MAX_PAYLOAD_BYTES: number = 128 * 1024 * 1024
/** Size of all layers of one manifest together: as much as an evaluation may read. */
export const MAX_TOTAL_PAYLOAD_BYTES: number = 512 * 1024 * 1024
/** Characters of one annotation that holds certificates or a log entry. Real ones have 1000–10 000. */
export const MAX_ANNOTATION_LENGTH: number = 256 * 1024
/** Certificates of a policy's chain, as in cosign: ten intermediates and a root. */
export const MAX_CHAIN_CERTIFICATES = 11
/** Certificates in the chain annotation of a signature: a policy's chain has at most eleven. */
export const MAX_ANNOTATED_CHAIN = 16
/** Nesting of attestor sets in attestor sets. A policy needs two levels. */
export const MAX_ATTESTOR_DEPTH = 8
/** Entries of one attestor set, where each key counts as an entry. Policies have some dozen. */
export const MAX_SET_ENTRIES = 256
/**
 * Choices of one statement per name that conditions are evaluated for: dozens of scans, or several statements of some
 * types.
 */
export const MAX_STATEMENT_CHOICES = 64
/** Payloads of one image that are fetched at the same time: enough to hide latency, and few in memory. */
export const MAX_PARALLEL_FETCHES = 8
/** Size of the payload of an image signature. Real ones have about 250 bytes, and annotations of some kB. */
export const MAX_SIMPLE_SIGNING_BYTES: number = 64 * 1024
/** JSON tokens of an envelope. One with 16 signatures has about 90. */
export const MAX_ENVELOPE_TOKENS = 1_000
/** Size of an envelope without its payload. 16 signatures with certificates have about 64 kB. */
export const MAX_ENVELOPE_OTHER_BYTES: number = 1024 * 1024
/** Signatures of one envelope of a legacy attestation; there is one in practice. */
export const MAX_ENVELOPE_SIGNATURES = 16

/**
 * Requests of one discovery. Images in use have some dozen attachments, each of which needs two, and four more for what
 * is attached to it; an index has some dozen images with four each.
 */
export const MAX_DISCOVERY_REQUESTS = 500
/** Levels of artifacts that are attached to artifacts: an SBOM of an image has a signature, and that has nothing. */
export const MAX_DISCOVERY_DEPTH = 2
/** Images of one index that a discovery looks at. Images in use have a dozen. */
export const MAX_DISCOVERY_CHILDREN = 50
/** Bytes read by one discovery. Attachments have some kB, except for SBOMs. */
export const MAX_DISCOVERY_BYTES: number = 64 * 1024 * 1024
/**
 * Characters of one claimed string of an attachment. Identities and predicate types have up to some hundred
 * characters.
 */
export const MAX_CLAIM_LENGTH = 4096
/** Annotations of one attachment that are shown. Real ones have fewer than ten. */
export const MAX_CLAIMED_ANNOTATIONS = 64
/** Digests of one statement that are shown, so that output stays readable; all of them are compared. */
export const MAX_CLAIMED_DIGESTS = 8
/** Public keys that a process keeps parsed; policies in use name some dozen. */
export const MAX_PARSED_KEYS = 256
