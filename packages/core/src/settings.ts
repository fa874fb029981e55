import type { AttestorEvaluator, KeyResolver, TrustMaterialSource } from '@verify-images/attestor-evaluator'
import type { BudgetLimits, RememberedResults } from '@verify-images/primitives'
import type { EngineOptions } from '@verify-images/condition-engine'
import type { RegistrySettings } from '@verify-images/image-matcher'
import type { PolicyException } from '@verify-images/policy-parser'
import type { CredentialProvider, RegistryCache, RegistryClient } from '@verify-images/registry-fetcher'
import type { CompiledPolicy } from './engine/compile-policy.ts'
import type { PlatformChoice } from './engine/images/platforms.ts'
import type { Kyverno } from './engine/ports.ts'
import type { RuleInputs } from './engine/unchanged-object.ts'
import type { KubernetesReader } from './kubernetes.ts'

/** The options of a verifier, checked and compiled. Immutable, and shared by all its evaluations. */
export interface Settings {
  readonly policies: readonly CompiledPolicy[]
  /** By the key of the policy that they name. */
  readonly exceptions: ReadonlyMap<string, readonly PolicyException[]>
  readonly registry: RegistryClient
  readonly attestors: AttestorEvaluator
  readonly trust: TrustMaterialSource | undefined
  readonly keys: KeyResolver | undefined
  readonly kubernetes: KubernetesReader | undefined
  /** Credential providers by the name that policies use under `imageRegistryCredentials.providers`. */
  readonly credentialProviders: ReadonlyMap<string, CredentialProvider>
  /** The namespace of pull secrets that a policy names without one. */
  readonly kyvernoNamespace: string
  readonly clock: () => Date
  /** Asked in front of the registries: all, and those without anything that was read before. */
  readonly caches: Readonly<Record<'all' | 'ofNow', readonly RegistryCache[]>>
  /** Results of verifications that earlier evaluations remember. */
  readonly results: RememberedResults | undefined
  readonly engine: EngineOptions
  readonly references: RegistrySettings
  readonly platforms: PlatformChoice
  readonly unmatched: 'admit' | 'refuse'
  readonly extractors: 'kyverno' | 'common'
  /** `<Kind>.<group>`, or `<Kind>` for a kind of Kubernetes' core. */
  readonly kindsWithoutImages: ReadonlySet<string>
  readonly skipUnchangedImages: boolean
  /** What the rules read of an object, apart from its specification. */
  readonly ruleInputs: RuleInputs
  readonly deadlineMs: number
  readonly workerBytes: number
  readonly limits: BudgetLimits
  readonly compatibility: Required<CompatibilityOptions>
  readonly kyverno: Kyverno
}

/**
 * Weaker behaviour of Kyverno that can be asked for. Each option is named after its risk, is off by default and has a
 * row in docs/differences.md.
 */
export interface CompatibilityOptions {
  /** S3: trust the verification record in the annotations of the object. Whoever may write the object can forge it. */
  readonly trustRecordsInAnnotations?: boolean
  /** S15: match patterns against one form of an image reference only, so that its other forms escape the rule. */
  readonly matchOneSpellingOnly?: boolean
  /** S18, S19: interpret wildcards in data, and let values that cannot be compared pass a `deny`. */
  readonly compareConditionsLoosely?: boolean
}
