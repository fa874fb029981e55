export type {
  AnyAllConditions,
  Attestation,
  AttestorEntry,
  AttestorSet,
  CertificateAttestor,
  Condition,
  ContextEntry,
  CTLog,
  FailureAction,
  FailureActionOverride,
  FailurePolicy,
  ImageExtractor,
  ImageRegistryCredentials,
  ImageVerification,
  KeylessAttestor,
  LabelRequirement,
  LabelSelector,
  MatchBlock,
  MatchResources,
  Policy,
  PolicyException,
  PolicyFinding,
  PolicyFindingCode,
  PolicySpec,
  Position,
  Rekor,
  ResourceDescription,
  Rule,
  SignatureType,
  StaticKeyAttestor,
  Subject,
  WebhookConfiguration,
} from './model.ts'
export type { Json, JsonObject } from '@verify-images/primitives'
export { computeRules } from './compute-rules.ts'
export type { ComputedRule } from './compute-rules.ts'
export { podKinds } from './autogen/controllers.ts'
export { parseKindSelector } from './kind-selector.ts'
export type { KindSelector } from './kind-selector.ts'
export { decodeRule, encodeRule } from './decode-rule.ts'
export { PolicyError } from './policy-error.ts'
export type { PolicyErrorCode, PolicyIssue } from './policy-error.ts'
export { readDocuments } from './read-documents.ts'
export type { ReadDocumentsOptions, SourceDocument } from './read-documents.ts'
export { validatePolicy } from './validate-policy.ts'
export type { PolicyValidation, ValidationOptions } from './validate-policy.ts'
export { effectiveEntry } from './effective-entry.ts'
export { parseExceptions } from './parse-exceptions.ts'
export { isForeign, parsePolicies } from './parse-policies.ts'
export type { ForeignOptions, ParseOptions } from './parse-policies.ts'
