export { CheckError, markVerified, reasonsOf } from '@verify-images/primitives'
export type { CheckErrorDetails, Verified } from '@verify-images/primitives'
export { attestorEvaluatorOptions, createAttestorEvaluator } from './attestor-evaluator.ts'
export type { AttestorEvaluator, AttestorEvaluatorOptions } from './attestor-evaluator.ts'
export { AttestorError } from './attestor-error.ts'
export { attestorOptions } from './attestor-options.ts'
export type { AttestorOptions, IdentityRequirement } from './attestor-options.ts'
export type { VerifiedAttestationSets } from './attestors/evaluate-attestations.ts'
export { statementChoices } from './attestors/named-statements.ts'
export type { NamedStatements, StatementChoice } from './attestors/named-statements.ts'
export type { StatementJudge, StatementVerdict } from './attestors/statement-conditions.ts'
export type { AttestorFinding } from './attestors/finding.ts'
export type { BundleCheckOptions } from './bundle/bundle-check.ts'
export { createBundleVerifier } from './bundle/bundle-verifier.ts'
export type { BundleVerifierOptions } from './bundle/bundle-verifier.ts'
export { createCosignVerifier } from './cosign/cosign-verifier.ts'
export type { LogQuery, TransparencyLogClient } from './cosign/online-log.ts'
export type { CosignVerifierOptions } from './cosign/options.ts'
export type { AttachmentReader, ClaimDescriptions, StoredAttachment } from './discovery/discovery.ts'
export type {
  AttachmentClaims,
  BundleClaims,
  ClaimedCertificate,
  ClaimedEnvelope,
  ClaimedLogEntry,
  ClaimedParts,
  ClaimedSigner,
  ClaimedSubject,
  ClaimedTimestamp,
  CosignAttestationClaims,
  CosignSignatureClaims,
  NotaryClaims,
  UnreadablePart,
} from './discovery/claims.ts'
export { claimDescriptions } from './discovery/describe-attachment.ts'
export { discover } from './discovery/discover.ts'
export type { DiscoveryOptions } from './discovery/discover.ts'
export type { DiscoveredArtifact, DiscoveredChild, DiscoveredLayer, Discovery } from './discovery/discovery.ts'
export type { PartReading } from './discovery/part-reading.ts'
export { certificateSigner } from './identity/signer.ts'
export type {
  Evidence,
  EvidenceFormat,
  Failure,
  NotaryEvidence,
  NotaryValidation,
  Outcome,
  Reason,
  Refusal,
  Signer,
} from './outcome.ts'
export type {
  ArtifactSource,
  Descriptor,
  ImageSubject,
  KeyResolver,
  KeySource,
  ManifestNotFound,
  ReferrerListing,
  SourceFault,
  StoredManifest,
} from './ports.ts'
export { resolveImage } from './resolve-image.ts'
export { aSignatureVerifier } from './signature-verifier.ts'
export type {
  AttestationRequest,
  SignatureRequest,
  SignatureVerifier,
  Statement,
  TrustMaterialSource,
  VerificationRun,
  VerifiedAttestations,
  VerifiedSignature,
  VerifiedStatement,
} from './signature-verifier.ts'
export type {
  CertificateAuthority,
  LogKey,
  TimestampAuthorityTrust,
  TrustMaterial,
  TrustOrigin,
  ValidityWindow,
} from './sigstore/trust-material.ts'
export { staleTrust } from './sigstore/trust-material.ts'
export { builtInTrust, publicGoodRoot } from './sigstore/public-good.ts'
export type { BuiltInTrust } from './sigstore/public-good.ts'
export { trustedRoot } from './sigstore/trusted-root.ts'
export {
  fetchTrustedRoot,
  githubMirror,
  githubTrust,
  sigstoreMirror,
  sigstorePublicGood,
  tufTrust,
} from './tuf/tuf-trust.ts'
export type { GithubTrustOptions, RefreshOptions, TufTrust, TufTrustOptions } from './tuf/tuf-trust.ts'
export { createEvaluationBudget, createVerificationMemo } from '@verify-images/primitives'
export type { BudgetLimits, EvaluationBudget } from '@verify-images/primitives'
export type { VerificationMemo } from '@verify-images/primitives'
