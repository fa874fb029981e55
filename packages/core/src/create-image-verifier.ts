import type {
  AttestorEvaluatorOptions,
  KeyResolver,
  SignatureVerifier,
  TrustMaterialSource,
} from '@verify-images/attestor-evaluator'
import type { RevocationChecker } from '@verify-images/notary'
import type { Policy, PolicyException } from '@verify-images/policy-parser'
import type { CredentialProvider, RegistryClient } from '@verify-images/registry-fetcher'
import { aFunction, anAbortSignal, type BudgetLimits, type OptionTable } from '@verify-images/primitives'
import type { ArtifactCache } from './artifact-cache.ts'
import { resourceRequestOptions, type ResourceRequest } from './request/admission-request.ts'
import type { PlatformChoice } from './engine/images/platforms.ts'
import type { KubernetesReader } from './kubernetes.ts'
import { findProblems, type Problem } from './problems.ts'
import {
  readReview,
  refuseReview,
  toReviewResponse,
  type AdmissionReview,
  type ReviewResult,
} from './request/review.ts'
import { scanResource, type ScanOptions } from './engine/scan.ts'
import type { CompatibilityOptions, Settings } from './settings.ts'
import type { ImageVerdict, ResourceVerdict, ScanVerdict } from './verdict/verdict.ts'
import { trustProblems } from './trust-problems.ts'
import { writeSnapshot } from './snapshot/snapshot.ts'
import { checkOptions, VerifierError } from './verifier-error.ts'
import { readOptions } from './verifier-options.ts'
import { planRequests, type PlanOptions, type RequestPlan } from './engine/plan.ts'
import { settingsOfRun } from './engine/run.ts'
import { verifyAll, type RunResult, type VerifyAllOptions } from './engine/verify-all.ts'
import { verifyImage, type ImageRequest } from './engine/verify-image.ts'
import { verifyResource } from './engine/verify-resource.ts'

/**
 * Options for {@link createImageVerifier}. Only `policies` is required. Omitted integrations are disabled; nothing is
 * read from the environment.
 */
export interface ImageVerifierOptions {
  readonly policies: readonly Policy[]
  /** PolicyExceptions; the caller decides which namespaces to take them from. */
  readonly exceptions?: readonly PolicyException[]
  /** By default anonymous and over HTTPS. */
  readonly registry?: RegistryClient
  /**
   * The Sigstore trust root for attestors without one of their own. By default a built-in copy of the trusted root of
   * Sigstore's public good instance. With `none` those attestors cannot be checked.
   */
  readonly trust?: TrustMaterialSource | 'none'
  /** Resolves the KMS references that policies name. Keys in Secrets are read through `kubernetes`. */
  readonly keys?: KeyResolver
  /** What policies may read of a cluster. */
  readonly kubernetes?: KubernetesReader
  /** Credential sources that policies may name under `imageRegistryCredentials.providers`: `amazon`, `google`, … */
  readonly credentialProviders?: Readonly<Record<string, CredentialProvider>>
  /**
   * Checks whether the certificate of a Notary Project signature is revoked. Without it a certificate that names a
   * responder or a revocation list is inconclusive.
   */
  readonly revocation?: RevocationChecker
  /** Further verifiers, or replacements for the built-in ones: one per `type`. */
  readonly verifiers?: readonly SignatureVerifier[]
  /** Options for attestors; see `@verify-images/attestor-evaluator`. */
  readonly attestors?: Omit<AttestorEvaluatorOptions, 'verifiers'>
  /** Registry of references that name none; `docker.io` by default. */
  readonly defaultRegistry?: string
  /** Whether the default registry is written into references; true by default. */
  readonly enableDefaultRegistryMutation?: boolean
  /** The namespace of Secrets that a policy names without one; `kyverno` by default. */
  readonly kyvernoNamespace?: string
  /** Which parts of a multi-platform image must be signed; `index` by default, as in Kyverno. */
  readonly platforms?: PlatformChoice
  /**
   * Whether to admit an image that no policy matches, or an object of a kind whose image fields are unknown; `admit` by
   * default, as in a cluster. Objects that run nothing are always admitted.
   */
  readonly unmatched?: 'admit' | 'refuse'
  /**
   * The kinds whose image fields are known without `imageExtractors`: those of `kyverno` (default), or also the
   * `common` ones of other projects: Argo Rollouts, Knative, Tekton, …. See docs/kinds.md.
   */
  readonly extractors?: 'kyverno' | 'common'
  /**
   * Further kinds whose objects run no image, which `unmatched: 'refuse'` admits: `<Kind>.<group>`, such as
   * `Widget.example.com`.
   */
  readonly kindsWithoutImages?: readonly string[]
  /**
   * Whether `review` admits an update without judging it if neither the specification of the object nor anything that
   * rules select by has changed. Images that a new policy would refuse then go on running, and an update does not tell.
   * Updates under deletion, and of Jobs that start no Pod by it, are always admitted this way. Default: false.
   */
  readonly skipUnchangedImages?: boolean
  /** Milliseconds for one evaluation, including all requests. */
  readonly deadlineMs?: number
  /**
   * Bytes of a verified payload, such as an SBOM, from which on it is parsed and evaluated in a worker thread. Default:
   * 512 KiB.
   */
  readonly workerBytes?: number
  /**
   * What one evaluation may spend, beside time; a scan has this for each object. An evaluation that exceeds it is
   * inconclusive, and its reason names the limit and what used most of it. See docs/limits.md for the defaults.
   */
  readonly limits?: Partial<BudgetLimits>
  /**
   * Keeps what evaluations read and verified, for later ones: `createArtifactCache({ … })`. By default nothing is kept.
   */
  readonly cache?: ArtifactCache
  /** Called once per evaluation; must return a valid Date. By default the system clock. */
  readonly clock?: () => Date
  /** Weaker behaviour of Kyverno that can be asked for; each option is named after its risk. All are off by default. */
  readonly compatibility?: CompatibilityOptions
}

/** What a webhook knows beyond the review. */
export interface ReviewRequest extends Pick<
  ResourceRequest,
  'roles' | 'clusterRoles' | 'namespaceLabels' | 'signal' | 'deadlineMs'
> {
  /** Called with the internal error when a review cannot be evaluated. Log it; the requester gets a generic message. */
  readonly onFault?: (fault: unknown) => void
}

const { roles, clusterRoles, namespaceLabels, signal, deadlineMs } = resourceRequestOptions
const reviewRequestOptions: OptionTable<ReviewRequest> = {
  roles,
  clusterRoles,
  namespaceLabels,
  signal,
  deadlineMs,
  onFault: aFunction,
}

/** Evaluations that share nothing, or those of one run. */
export interface Evaluations {
  /** Verifies an object as Kyverno's webhooks would. */
  readonly verifyResource: (resource: object, request?: ResourceRequest) => Promise<ResourceVerdict>
  /** Verifies an image as if a Pod ran it. */
  readonly verifyImage: (reference: string, request?: ImageRequest) => Promise<ImageVerdict>
  /** Verifies an existing object as a background scan does: no requester, no patches. */
  readonly scan: (resource: object, options?: ScanOptions) => Promise<ScanVerdict>
}

export interface RunOptions {
  /** Ends the work that the evaluations of the run share. */
  readonly signal?: AbortSignal
}

const runOptions: OptionTable<RunOptions> = { signal: anAbortSignal }

/**
 * Verifies images, objects and admission requests against one set of policies. Immutable; safe to share and to use
 * concurrently.
 */
export interface ImageVerifier extends Evaluations {
  /** The version of Kyverno that decisions are measured against. */
  readonly compatibility: { readonly kyverno: '1.19' }
  /**
   * What can never pass in these policies, known before the first image is fetched, and current problems of the trust
   * root.
   */
  readonly problems: readonly Problem[]
  /** Warnings about these policies; they change no verdict. */
  readonly warnings: readonly Problem[]
  /**
   * Answers an AdmissionReview, and returns the verdict too. The promise does not reject, whatever the review contains;
   * only an aborted `signal` rejects it, with its reason.
   */
  readonly review: (review: AdmissionReview, request?: ReviewRequest) => Promise<ReviewResult>
  /**
   * Starts a run: evaluations with one clock reading, which read each tag, signature and key once. It needs no closing.
   *
   * @throws VerifierError VERIFIER_OPTIONS_INVALID
   */
  readonly openRun: (options?: RunOptions) => Evaluations
  /** Verifies objects, and images given as strings, in one run that reads everything once; yields in their order. */
  readonly verifyAll: (
    items: Iterable<object | string> | AsyncIterable<object | string>,
    options?: VerifyAllOptions,
  ) => AsyncGenerator<RunResult, void, undefined>
  /**
   * Verifies in one run, and writes everything that it read into a folder, from which `openSnapshot` evaluates again
   * without a socket.
   *
   * @throws VerifierError VERIFIER_OPTIONS_INVALID if the folder has a snapshot already
   */
  readonly snapshot: (
    items: Iterable<object | string> | AsyncIterable<object | string>,
    folder: string,
    options?: VerifyAllOptions,
  ) => Promise<readonly RunResult[]>
  /**
   * Fills the `cache` of the verifier with what evaluations of these objects or images need, such as before a rollout.
   */
  readonly warm: (
    items: Iterable<object | string> | AsyncIterable<object | string>,
    options?: VerifyAllOptions,
  ) => Promise<void>
  /** Says which hosts and repositories an evaluation may ask, and for how many requests at most, without making any. */
  readonly plan: (resource: object, options?: PlanOptions) => Promise<RequestPlan>
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
  const problems = found.filter(({ severity }) => severity === 'problem')
  return {
    compatibility: { kyverno: '1.19' },
    get problems() {
      return [...problems, ...trustProblems(settings)]
    },
    warnings: found.filter(({ severity }) => severity === 'warning'),
    ...evaluationsOf(settings),
    openRun: (run = {}) => {
      checkOptions(run, runOptions)
      return evaluationsOf(settingsOfRun(settings, run.signal ?? new AbortController().signal))
    },
    review: async (review, request = {}) => reviewRequest(settings, review, request),
    verifyAll: (items, all = {}) => verifyAll(settings, items, all),
    snapshot: (items, folder, all = {}) => writeSnapshot(settings, items, folder, all),
    warm: async (items, all = {}) => {
      for await (const { kind } of verifyAll(settings, items, all)) void kind
    },
    plan: (resource, plan = {}) => planRequests(settings, resource, plan),
  }
}

function evaluationsOf(settings: Settings): Evaluations {
  return {
    verifyResource: async (resource, request = {}) => {
      checkOptions(request, resourceRequestOptions)
      return verifyResource(settings, resource, request)
    },
    verifyImage: (reference, request = {}) => verifyImage(settings, reference, request),
    scan: (resource, scan = {}) => scanResource(settings, resource, scan),
  }
}

async function reviewRequest(settings: Settings, review: AdmissionReview, extra: ReviewRequest): Promise<ReviewResult> {
  try {
    checkOptions(extra, reviewRequestOptions)
    const { onFault: _, ...known } = extra
    const { uid, resource, request } = readReview(review)
    const verdict = await verifyResource(settings, resource, { ...known, ...request }, { isReview: true })
    return { response: toReviewResponse(uid, verdict), verdict }
  } catch (error) {
    // Only a caller who no longer wants an answer aborts. The check of the options is what refuses any other signal.
    if (extra.signal instanceof AbortSignal) extra.signal.throwIfAborted()
    if (error instanceof VerifierError) return { response: refuseReview(review, error.message) }
    report(extra, error)
    // Without an answer, the failure policy of the webhook would decide.
    return { response: refuseReview(review, 'the request could not be evaluated', 500) }
  }
}

/** Calls the log. One that throws must not cost the requester the answer. */
function report({ onFault }: ReviewRequest, fault: unknown): void {
  try {
    onFault?.(fault)
  } catch {
    // No other place to report it.
  }
}
