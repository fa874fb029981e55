import {
  createAttestorEvaluator, type AttestorEvaluatorOptions, type KeyResolver, type SignatureVerifier, type TrustMaterialSource,
} from '@verify-images/attestor-evaluator'
import { createNotaryVerifier, type RevocationChecker } from '@verify-images/notary'
import { createExpressionCache } from '@verify-images/condition-engine'
import type { Policy, PolicyException } from '@verify-images/policy-parser'
import { createRegistryClient, type CredentialProvider, type RegistryClient } from '@verify-images/registry-fetcher'
import type { ResourceRequest } from './request/admission-request.ts'
import { compilePolicy } from './compile-policy.ts'
import { checkDeadline } from './evaluation.ts'
import { isPlatformChoice, type PlatformChoice } from './images/platforms.ts'
import { keyResolver } from './key-resolver.ts'
import type { KubernetesReader } from './kubernetes.ts'
import { LIMITS } from './limits.ts'
import { findProblems, type Problem } from './problems.ts'
import { readReview, refuseReview, toReviewResponse, type AdmissionReview, type AdmissionReviewResponse } from './request/review.ts'
import { scanResource, type ScanOptions } from './scan.ts'
import type { Readings, Settings } from './settings.ts'
import type { ImageVerdict, ResourceVerdict, ScanVerdict } from './verdict/verdict.ts'
import { VerifierError } from './verifier-error.ts'
import { verifyImage, type ImageRequest } from './verify-image.ts'
import { verifyResource } from './verify-resource.ts'

/** What a verifier is made of. Only `policies` is needed; what is left out is not there, and nothing is taken from the surroundings. */
export interface ImageVerifierOptions {
  readonly policies: readonly Policy[]
  /** PolicyExceptions, from whichever namespaces the caller trusts. */
  readonly exceptions?: readonly PolicyException[]
  /** Anonymous and over HTTPS unless given. */
  readonly registry?: RegistryClient
  /** The Sigstore trust root for attestors that state none of their own. Without it those cannot be checked. */
  readonly trust?: TrustMaterialSource
  /** Keys that policies name: KMS references. Keys in Secrets are read through `kubernetes`. */
  readonly keys?: KeyResolver
  /** What policies may read of a cluster. */
  readonly kubernetes?: KubernetesReader
  /** Credential sources that policies may name under `imageRegistryCredentials.providers`: `amazon`, `google`, … */
  readonly credentialProviders?: Readonly<Record<string, CredentialProvider>>
  /** Who says whether the certificate of a Notary Project signature has been revoked. Without it one that names a responder or a list is inconclusive. */
  readonly revocation?: RevocationChecker
  /** Further verifiers, or ones that stand in for those in the box: one per `type`. */
  readonly verifiers?: readonly SignatureVerifier[]
  /** How attestors are read; see `@verify-images/attestor-evaluator`. */
  readonly attestors?: Omit<AttestorEvaluatorOptions, 'verifiers'>
  /** Registry of references that name none; `docker.io` unless given. */
  readonly defaultRegistry?: string
  /** Whether the default registry is written into references; true unless given. */
  readonly enableDefaultRegistryMutation?: boolean
  /** Kyverno's own namespace, where Secrets without one are looked for; `kyverno` unless given. */
  readonly kyvernoNamespace?: string
  /** What must be signed of an image for several platforms; `index` unless given, as Kyverno has it. */
  readonly platforms?: PlatformChoice
  /** What "no policy concerns this" means; `admit` unless given, as in a cluster. */
  readonly unmatched?: 'admit' | 'refuse'
  /** Milliseconds for one evaluation, all requests together. */
  readonly deadlineMs?: number
  /** The time; one reading per evaluation. The system's unless given. */
  readonly clock?: () => Date
  /** Kyverno's weaker readings, where they are wanted. Each takes the risk it is named for. */
  readonly readings?: Partial<Readings>
}

/** Judges images, objects and admission requests by one set of policies. Immutable; safe to share and to use concurrently. */
export interface ImageVerifier {
  /** What can never pass in these policies, known before the first image. */
  readonly problems: readonly Problem[]
  /** What is worth knowing about these policies, and changes no verdict. */
  readonly warnings: readonly Problem[]
  /** Judges an object as Kyverno's webhooks would. */
  readonly verifyResource: (resource: object, request?: ResourceRequest) => Promise<ResourceVerdict>
  /** Judges an image as if a Pod ran it. */
  readonly verifyImage: (reference: string, request?: ImageRequest) => Promise<ImageVerdict>
  /** Answers an AdmissionReview; never rejects for what is in it. */
  readonly review: (review: AdmissionReview, request?: Pick<ResourceRequest, 'roles' | 'clusterRoles' | 'namespaceLabels' | 'signal' | 'deadlineMs'>) => Promise<AdmissionReviewResponse>
  /** Judges an object that is already there, as a background scan does: nothing is patched, nobody asked for it. */
  readonly scan: (resource: object, options?: ScanOptions) => Promise<ScanVerdict>
}

/**
 * Compiles policies into a verifier. Touches no network.
 *
 * @throws VerifierError VERIFIER_OPTIONS_INVALID
 * @example
 * const verifier = createImageVerifier({ policies: parsePolicies(text) })
 * const verdict = await verifier.verifyImage('ghcr.io/acme/app:1.2')
 */
export function createImageVerifier(options: ImageVerifierOptions): ImageVerifier {
  const settings = readOptions(options)
  const found = findProblems(settings)
  return {
    problems: found.filter(({ severity }) => severity === 'problem'),
    warnings: found.filter(({ severity }) => severity === 'warning'),
    verifyResource: (resource, request = {}) => verifyResource(settings, resource, request),
    verifyImage: (reference, request = {}) => verifyImage(settings, reference, request),
    review: async (review, request = {}) => reviewRequest(settings, review, request),
    scan: (resource, scan = {}) => scanResource(settings, resource, scan),
  }
}

async function reviewRequest(settings: Settings, review: AdmissionReview, extra: ResourceRequest): Promise<AdmissionReviewResponse> {
  try {
    const { uid, resource, request } = readReview(review)
    return toReviewResponse(uid, await verifyResource(settings, resource, { ...extra, ...request }))
  } catch (error) {
    if (error instanceof VerifierError) return refuseReview(review, error.message)
    // A webhook that answers nothing leaves the decision to whoever configured it; what went wrong may not be for the requester.
    return refuseReview(review, 'the request could not be evaluated', 500)
  }
}

function readOptions(options: ImageVerifierOptions): Settings {
  const { policies, deadlineMs = LIMITS.evaluationMs, unmatched = 'admit', readings = {} } = options
  if (!Array.isArray(policies)) throw new VerifierError('VERIFIER_OPTIONS_INVALID', 'policies must be a list, as parsePolicies gives it')
  checkDeadline(deadlineMs)
  if (unmatched !== 'admit' && unmatched !== 'refuse') throw new VerifierError('VERIFIER_OPTIONS_INVALID', 'unmatched must be `admit` or `refuse`')
  if (options.platforms !== undefined && !isPlatformChoice(options.platforms)) throw new VerifierError('VERIFIER_OPTIONS_INVALID', 'platforms must be `index`, `any-child`, `every-child`, or a list of platforms such as `linux/amd64`')
  const references = {
    ...(options.defaultRegistry === undefined ? {} : { defaultRegistry: options.defaultRegistry }),
    ...(options.enableDefaultRegistryMutation === undefined ? {} : { enableDefaultRegistryMutation: options.enableDefaultRegistryMutation }),
  }
  return {
    policies: policies.map(compilePolicy),
    exceptions: [...(options.exceptions ?? [])],
    registry: options.registry ?? createRegistryClient(),
    attestors: createAttestorEvaluator({ ...options.attestors, verifiers: [createNotaryVerifier(options.revocation && { revocation: options.revocation }), ...(options.verifiers ?? [])] }),
    trust: options.trust,
    keys: keyResolver(options.kubernetes, options.keys),
    kubernetes: options.kubernetes,
    credentialProviders: new Map(Object.entries(options.credentialProviders ?? {})),
    kyvernoNamespace: options.kyvernoNamespace ?? 'kyverno',
    clock: options.clock ?? (() => new Date()),
    engine: { ...references, expressions: createExpressionCache() },
    references,
    platforms: options.platforms ?? 'index',
    unmatched,
    deadlineMs,
    readings: { trustRecordsInAnnotations: false, matchOneSpellingOnly: false, compareConditionsLoosely: false, ...readings },
  }
}
