export {
  fetchTrustedRoot,
  githubTrust,
  publicGoodRoot,
  sigstorePublicGood,
  trustedRoot,
  tufTrust,
} from '@verify-images/attestor-evaluator'
export type { GithubTrustOptions, RefreshOptions, TufTrust, TufTrustOptions } from '@verify-images/attestor-evaluator'
export type {
  AttachmentClaims,
  AttachmentReader,
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
  StoredAttachment,
  UnreadablePart,
} from '@verify-images/attestor-evaluator'
export type {
  DiscoveredArtifact,
  DiscoveredChild,
  DiscoveredLayer,
  Discovery,
  Evidence,
  KeyResolver,
  KeySource,
  Reason,
  SignatureVerifier,
  Signer,
  TrustMaterial,
  TrustMaterialSource,
  TrustOrigin,
} from '@verify-images/attestor-evaluator'
export { createArtifactCache } from './artifact-cache.ts'
export type { ArtifactCache, ArtifactCacheOptions } from './artifact-cache.ts'
export { openSnapshot } from './snapshot/snapshot.ts'
export type { OpenSnapshotOptions, SnapshotOptions } from './snapshot/snapshot.ts'
export { redisContent } from './redis-content.ts'
export type { RedisCommands, RedisContentOptions } from './redis-content.ts'
export type { SharedContent } from '@verify-images/registry-fetcher'
export { createHttpRevocationChecker } from './http-revocation.ts'
export type { HttpRevocationOptions } from './http-revocation.ts'
export type { RevocationAnswer, RevocationChecker, RevocationRequest } from '@verify-images/notary'
export { parseImageReference } from '@verify-images/image-matcher'
export type { ImageReference, RegistrySettings } from '@verify-images/image-matcher'
export type { Policy, PolicyException, PolicyIssue, SourceDocument } from '@verify-images/policy-parser'
export { PolicyError } from '@verify-images/policy-parser'
export {
  anonymous,
  createLayoutClient,
  createRegistryClient,
  dockerConfig,
  firstOf,
  fixed,
  pullSecrets,
} from '@verify-images/registry-fetcher'
export type {
  Credential,
  CredentialProvider,
  RegistryClient,
  RegistryClientOptions,
} from '@verify-images/registry-fetcher'
export type { AdmissionMembers, Operation, ResourceRequest, UserInfo } from './request/admission-request.ts'
export { createImageVerifier } from './create-image-verifier.ts'
export type {
  Evaluations,
  ImageVerifier,
  ImageVerifierOptions,
  ReviewRequest,
  RunOptions,
} from './create-image-verifier.ts'
export { discoverImage } from './discover-image.ts'
export type { DiscoverOptions } from './discover-image.ts'
export { explain } from './verdict/explain.ts'
export type { ExplainOptions } from './verdict/explain.ts'
export { policyKey } from './verdict/rule-result.ts'
export { describeReason, describeReasons } from './verdict/describe-reason.ts'
export { escapeMarkdown } from './verdict/explain-markdown.ts'
export { refusedImages } from './verdict/refused-images.ts'
export type { RefusedImage } from './verdict/refused-images.ts'
export type { PlatformChoice } from './engine/images/platforms.ts'
export type { JsonPatchOperation } from './request/json-patch.ts'
export { fixedObjects } from './kubernetes.ts'
export type { ApiCall, KubernetesReader, ListableKind, ReadableKind } from './kubernetes.ts'
export type { Json, JsonObject } from '@verify-images/primitives'
export { isForeign, readDocuments } from '@verify-images/policy-parser'
export { parseExceptions, parsePolicies } from './parse-policies.ts'
export type { Problem } from './problems.ts'
export type { BudgetLimits, DifferenceRow, ReasonCode } from '@verify-images/primitives'
export { differences } from './kyverno/differences.ts'
export type { Difference, DifferenceDirection } from './kyverno/differences.ts'
export type { PolicyReport, ReportOptions, ReportResult } from './verdict/policy-report.ts'
export type { AdmissionReview, AdmissionReviewResponse, RefusalCode, ReviewResult } from './request/review.ts'
export type { PlanOptions, RequestPlan } from './engine/plan.ts'
export type { RunResult, VerifyAllOptions } from './engine/verify-all.ts'
export type { ScanOptions } from './engine/scan.ts'
export type { CompatibilityOptions } from './settings.ts'
export type { Phase, RuleOutcome, RuleReason, RuleResult, RuleStatus } from './verdict/rule-result.ts'
export type { Unjudged } from './engine/unchanged-object.ts'
export type { ImageResult, ImageVerdict, RequestCost, ResourceVerdict, ScanVerdict } from './verdict/verdict.ts'
export { VerifierError } from './verifier-error.ts'
export type { VerifierErrorCode } from './verifier-error.ts'
export type { ImageRequest } from './engine/verify-image.ts'
export { matchRule } from './match/match-rule.ts'
export type { GroupVersionKind, MatchRequest, MatchResult, RequestObjects, RequestUser } from './match/match-request.ts'
export { groupVersionKindOf } from './match/object-metadata.ts'
