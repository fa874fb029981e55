import type {
  AttestorEvaluatorOptions,
  KeyResolver,
  SignatureVerifier,
  TrustMaterialSource,
} from '@verify-images/attestor-evaluator'
import type { RevocationChecker } from '@verify-images/notary'
import type { Policy, PolicyException } from '@verify-images/policy-parser'
import type { CredentialProvider, RegistryClient } from '@verify-images/registry-fetcher'
import { aBoolean, aFunction, anything, type OptionTable } from '@verify-images/primitives'
import { checkOptions } from './check-options.ts'
import type { ResourceRequest } from './request/admission-request.ts'
import type { PlatformChoice } from './engine/images/platforms.ts'
import type { KubernetesReader } from './kubernetes.ts'
import { findProblems, type Problem } from './problems.ts'
import {
  readReview,
  refuseReview,
  toReviewResponse,
  type AdmissionReview,
  type AdmissionReviewResponse,
} from './request/review.ts'
import { scanResource, type ScanOptions } from './engine/scan.ts'
import type { CompatibilityOptions, Settings } from './settings.ts'
import type { ImageVerdict, ResourceVerdict, ScanVerdict } from './verdict/verdict.ts'
import { VerifierError } from './verifier-error.ts'
import { readOptions } from './verifier-options.ts'
import { verifyImage, type ImageRequest } from './engine/verify-image.ts'
import { verifyResource } from './engine/verify-resource.ts'

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
  /**
   * What it means that no policy concerns an image, or an object of a kind whose images nobody knows; `admit` unless
   * given, as in a cluster. Objects that run nothing are admitted either way.
   */
  readonly unmatched?: 'admit' | 'refuse'
  /** Milliseconds for one evaluation, all requests together. */
  readonly deadlineMs?: number
  /** The time; one reading per evaluation. The system's unless given. */
  readonly clock?: () => Date
  /** Weaker behaviour of Kyverno that can be asked for; each option is named after its risk. All are off by default. */
  readonly compatibility?: CompatibilityOptions
}

/** What a webhook knows beside what is in the review. */
export interface ReviewRequest extends Pick<
  ResourceRequest,
  'roles' | 'clusterRoles' | 'namespaceLabels' | 'signal' | 'deadlineMs'
> {
  /** Hears what a review could not be evaluated for, which is not for the requester: for a log. */
  readonly onFault?: (fault: unknown) => void
}

const sharedOptions = {
  roles: anything,
  clusterRoles: anything,
  namespaceLabels: anything,
  signal: anything,
  deadlineMs: anything,
} as const
const reviewRequestOptions: OptionTable<ReviewRequest> = { ...sharedOptions, onFault: aFunction }
const resourceRequestOptions: OptionTable<ResourceRequest> = {
  ...sharedOptions,
  operation: anything,
  admission: anything,
  oldObject: anything,
  userInfo: anything,
  namespace: anything,
  subresource: anything,
  kind: anything,
  uid: anything,
  dryRun: aBoolean,
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
  readonly review: (review: AdmissionReview, request?: ReviewRequest) => Promise<AdmissionReviewResponse>
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
    verifyResource: async (resource, request = {}) => {
      checkOptions(request, resourceRequestOptions)
      return verifyResource(settings, resource, request)
    },
    verifyImage: (reference, request = {}) => verifyImage(settings, reference, request),
    review: async (review, request = {}) => reviewRequest(settings, review, request),
    scan: (resource, scan = {}) => scanResource(settings, resource, scan),
  }
}

async function reviewRequest(
  settings: Settings,
  review: AdmissionReview,
  extra: ReviewRequest,
): Promise<AdmissionReviewResponse> {
  try {
    checkOptions(extra, reviewRequestOptions)
    const { onFault: _, ...known } = extra
    const { uid, resource, request } = readReview(review)
    return toReviewResponse(uid, await verifyResource(settings, resource, { ...known, ...request }))
  } catch (error) {
    if (error instanceof VerifierError) return refuseReview(review, error.message)
    tell(extra, error)
    // A webhook that answers nothing leaves the decision to whoever configured it.
    return refuseReview(review, 'the request could not be evaluated', 500)
  }
}

/** A log that fails must not keep the answer from the requester. */
function tell({ onFault }: ReviewRequest, fault: unknown): void {
  try {
    onFault?.(fault)
  } catch {
    // There is nobody else to tell.
  }
}
