import type { Json, JsonObject } from '@verify-images/primitives'

/**
 * The policy as Kyverno's API has it (kyverno.io/v1, defaults of the CRD filled in).
 *
 * The types describe the JSON itself: variables may occur anywhere in a rule, so a rule is substituted as JSON and then
 * decoded again into these types.
 *
 * @see Kyverno, api/kyverno/v1
 */

export type FailureAction = 'Audit' | 'Enforce' | 'audit' | 'enforce'
export type FailurePolicy = 'Ignore' | 'Fail'
export type SignatureType = 'Cosign' | 'SigstoreBundle' | 'Notary'

/** Where a document was read from; lines and columns count from 1. */
export interface Position {
  readonly line: number
  readonly column: number
}

export interface Policy {
  readonly apiVersion: string
  readonly kind: 'ClusterPolicy' | 'Policy'
  readonly name: string
  /** Only of a `Policy`; `default` when the document names none. */
  readonly namespace?: string
  readonly labels: Readonly<Record<string, string>>
  readonly annotations: Readonly<Record<string, string>>
  readonly spec: PolicySpec
  /** Name of the source text, for messages. */
  readonly source?: string
  /** The position of a path such as `spec.rules[0].name` in the source; of the nearest parent if it has none. */
  readonly locate: (path: string) => Position | undefined
  /** Findings from the text alone, in text order. */
  readonly findings: readonly PolicyFinding[]
}

/** A finding for the policy's author. A `problem` is an entry that fails for every image. */
export interface PolicyFinding {
  readonly severity: 'problem' | 'warning'
  readonly code: PolicyFindingCode
  readonly path: string
  readonly message: string
  readonly line?: number
  readonly column?: number
}

export type PolicyFindingCode =
  /** An attestation without attestors (S8): Kyverno accepts any signer with a Fulcio certificate. */
  | 'POLICY_ATTESTORS_MISSING'
  /** A nested attestor set with a negative count. */
  | 'POLICY_ATTESTOR_INVALID'
  | 'POLICY_AUTOGEN_PARTIAL'
  | 'POLICY_CONDITION_INCOMPLETE'
  | 'POLICY_ENTRY_UNVERIFIABLE'
  | 'POLICY_FIELD_DEPRECATED'
  | 'POLICY_FIELD_IGNORED'
  | 'POLICY_IMAGE_PATTERN_DOUBTFUL'
  | 'POLICY_KIND_DOUBTFUL'
  | 'POLICY_MATCH_CONDITIONS_IGNORED'
  | 'POLICY_RULE_UNSUPPORTED'
  | 'POLICY_VARIABLE_UNRESOLVED'

export interface PolicySpec {
  readonly rules: readonly Rule[]
  readonly applyRules?: 'All' | 'One'
  readonly failurePolicy?: FailurePolicy
  readonly validationFailureAction: FailureAction
  readonly validationFailureActionOverrides?: readonly FailureActionOverride[]
  readonly emitWarning: boolean
  readonly admission: boolean
  readonly background: boolean
  readonly schemaValidation?: boolean
  readonly webhookTimeoutSeconds?: number
  readonly webhookConfiguration?: WebhookConfiguration
}

export interface FailureActionOverride {
  readonly action?: string
  readonly namespaces?: readonly string[]
  readonly namespaceSelector?: LabelSelector
}

export interface WebhookConfiguration {
  readonly failurePolicy?: FailurePolicy
  readonly timeoutSeconds?: number
  readonly matchConditions?: readonly { readonly name: string; readonly expression: string }[]
}

export interface Rule {
  readonly name: string
  readonly context?: readonly ContextEntry[]
  readonly reportProperties?: Readonly<Record<string, string>>
  readonly match: MatchResources
  readonly exclude?: MatchResources
  readonly imageExtractors?: Readonly<Record<string, readonly ImageExtractor[]>>
  /** An array of conditions (the old form) or an any/all object. */
  readonly preconditions?: Json
  readonly skipBackgroundRequests?: boolean
  readonly verifyImages?: readonly ImageVerification[]
  /** The other kinds of rules: kept in their place, checked, and not evaluated. */
  readonly mutate?: JsonObject
  readonly validate?: JsonObject
  readonly generate?: JsonObject
  readonly celPreconditions?: readonly { readonly name: string; readonly expression: string }[]
}

export interface MatchResources extends MatchBlock {
  readonly any?: readonly MatchBlock[]
  readonly all?: readonly MatchBlock[]
}

export interface MatchBlock {
  readonly resources?: ResourceDescription
  readonly roles?: readonly string[]
  readonly clusterRoles?: readonly string[]
  readonly subjects?: readonly Subject[]
}

export interface Subject {
  readonly kind: string
  readonly name: string
  readonly namespace?: string
}

export interface ResourceDescription {
  readonly kinds?: readonly string[]
  readonly name?: string
  readonly names?: readonly string[]
  readonly namespaces?: readonly string[]
  readonly annotations?: Readonly<Record<string, string>>
  readonly selector?: LabelSelector
  readonly namespaceSelector?: LabelSelector
  readonly operations?: readonly string[]
}

export interface LabelSelector {
  readonly matchLabels?: Readonly<Record<string, string>>
  readonly matchExpressions?: readonly LabelRequirement[]
}

export interface LabelRequirement {
  readonly key: string
  readonly operator: string
  readonly values?: readonly string[]
}

export interface ImageExtractor {
  readonly path: string
  readonly value?: string
  readonly name?: string
  readonly key?: string
  readonly jmesPath?: string
}

/** One of `configMap`, `apiCall`, `imageRegistry`, `variable`, `globalReference` is set. */
export interface ContextEntry {
  readonly name: string
  readonly configMap?: { readonly name: string; readonly namespace?: string }
  readonly apiCall?: JsonObject
  readonly imageRegistry?: JsonObject
  readonly variable?: { readonly value?: Json; readonly jmesPath?: string; readonly default?: Json }
  readonly globalReference?: { readonly name: string; readonly jmesPath?: string }
}

/** One entry of `rules[].verifyImages[]`. */
export interface ImageVerification {
  readonly failureAction?: FailureAction
  readonly type?: SignatureType
  readonly image?: string
  readonly imageReferences?: readonly string[]
  readonly skipImageReferences?: readonly string[]
  readonly key?: string
  readonly roots?: string
  readonly subject?: string
  readonly issuer?: string
  readonly additionalExtensions?: Readonly<Record<string, string>>
  readonly attestors?: readonly AttestorSet[]
  readonly attestations?: readonly Attestation[]
  readonly annotations?: Readonly<Record<string, string>>
  readonly repository?: string
  readonly cosignOCI11?: boolean
  readonly mutateDigest: boolean
  readonly verifyDigest: boolean
  readonly required: boolean
  readonly useCache: boolean
  readonly validate?: { readonly message?: string; readonly deny?: { readonly conditions?: Json } }
  readonly imageRegistryCredentials?: ImageRegistryCredentials
}

export interface ImageRegistryCredentials {
  readonly allowInsecureRegistry?: boolean
  readonly providers?: readonly string[]
  readonly secrets?: readonly string[]
}

export interface AttestorSet {
  readonly count?: number
  readonly entries?: readonly AttestorEntry[]
}

/** Exactly one of `keys`, `certificates`, `keyless`, `attestor` is set. */
export interface AttestorEntry {
  readonly keys?: StaticKeyAttestor
  readonly certificates?: CertificateAttestor
  readonly keyless?: KeylessAttestor
  /** A nested {@link AttestorSet}, untyped in the CRD: no defaults are filled in inside. */
  readonly attestor?: Json
  readonly annotations?: Readonly<Record<string, string>>
  readonly repository?: string
  readonly signatureAlgorithm?: string
}

export interface StaticKeyAttestor {
  readonly publicKeys?: string
  readonly signatureAlgorithm?: string
  readonly kms?: string
  readonly secret?: { readonly name: string; readonly namespace: string }
  readonly rekor?: Rekor
  readonly ctlog?: CTLog
}

export interface CertificateAttestor {
  readonly cert?: string
  readonly certChain?: string
  readonly rekor?: Rekor
  readonly ctlog?: CTLog
}

export interface KeylessAttestor {
  readonly issuer?: string
  readonly issuerRegExp?: string
  readonly subject?: string
  readonly subjectRegExp?: string
  readonly roots?: string
  readonly additionalExtensions?: Readonly<Record<string, string>>
  readonly rekor?: Rekor
  readonly ctlog?: CTLog
}

export interface Rekor {
  readonly url?: string
  readonly pubkey?: string
  readonly ignoreTlog?: boolean
}

export interface CTLog {
  readonly ignoreSCT?: boolean
  readonly pubkey?: string
  readonly tsaCertChain?: string
}

export interface Attestation {
  readonly name?: string
  readonly type?: string
  readonly predicateType?: string
  readonly attestors?: readonly AttestorSet[]
  readonly conditions?: readonly AnyAllConditions[]
}

export interface AnyAllConditions {
  readonly any?: readonly Condition[]
  readonly all?: readonly Condition[]
}

export interface Condition {
  readonly key?: Json
  readonly operator?: string
  readonly value?: Json
  readonly message?: string
}

/** kyverno.io/v2 and v2beta1. */
export interface PolicyException {
  readonly name: string
  readonly namespace: string
  readonly background: boolean
  readonly match: MatchResources
  readonly conditions?: AnyAllConditions
  readonly exceptions: readonly { readonly policyName: string; readonly ruleNames: readonly string[] }[]
}
