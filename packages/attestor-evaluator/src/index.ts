export { decodeCanonicalBase64 } from './canonical-base64.ts'
export { createAttestorEvaluator } from './attestor-evaluator.ts'
export type { AttestorEvaluator, AttestorEvaluatorOptions } from './attestor-evaluator.ts'
export { AttestorError } from './attestor-error.ts'
export type { AttestorErrorCode, AttestorErrorDetails } from './attestor-error.ts'
export { attestorOptions } from './attestor-options.ts'
export type { AttestorOptions, IdentityRequirement } from './attestor-options.ts'
export type { StatementJudge, StatementVerdict, VerifiedAttestationSets } from './attestors/evaluate-attestations.ts'
export type { AttestorFinding } from './attestors/finding.ts'
export { createBundleVerifier } from './bundle/bundle-verifier.ts'
export { createCosignVerifier } from './cosign/cosign-verifier.ts'
export type { LogQuery, TransparencyLogClient } from './cosign/online-log.ts'
export type { CosignVerifierOptions } from './cosign/options.ts'
export { certificateSigner } from './identity/signer.ts'
export type { Evidence, EvidenceFormat, NotaryEvidence, NotaryValidation, Outcome, Reason, Signer } from './outcome.ts'
export type {
  ArtifactSource, Descriptor, Digest, ImageSubject, KeyResolver, KeySource, ManifestNotFound, ReferrerListing, SourceFault, StoredManifest,
} from './ports.ts'
export { resolveImage } from './resolve-image.ts'
export type {
  AttestationRequest, SignatureRequest, SignatureVerifier, TrustMaterialSource, VerificationRun, VerifiedAttestations, VerifiedSignature,
  VerifiedStatement,
} from './signature-verifier.ts'
export { isJsonObject, ownMember, parseStrictJson } from './strict-json.ts'
export type { CertificateAuthority, LogKey, TimestampAuthorityTrust, TrustMaterial, ValidityWindow } from './sigstore/trust-material.ts'
export { trustedRoot } from './sigstore/trusted-root.ts'
export { createVerificationMemo } from './verification-memo.ts'
export type { VerificationMemo } from './verification-memo.ts'
