export type {
  AnyAllConditions, Attestation, AttestorEntry, AttestorSet, CertificateAttestor, Condition, ContextEntry, CTLog, FailureAction,
  FailureActionOverride, FailurePolicy, ImageExtractor, ImageRegistryCredentials, ImageVerification, Json, JsonObject,
  KeylessAttestor, LabelRequirement, LabelSelector, MatchBlock, MatchResources, Policy, PolicyException, PolicySpec, Position, Rekor,
  ResourceDescription, Rule, SignatureType, StaticKeyAttestor, Subject, WebhookConfiguration,
} from './model.ts'
