import {
  createEvaluationBudget,
  createVerificationMemo,
  type EvaluationBudget,
  type KeyResolver,
  type TrustMaterialSource,
  type VerificationMemo,
} from '@verify-images/attestor-evaluator'
import type { EngineOptions } from '@verify-images/condition-engine'
import { linkSignals, untilAborted, type JsonObject } from '@verify-images/primitives'
import type { RegistrySession } from '@verify-images/registry-fetcher'
import type { AdmissionRequest } from '../request/admission-request.ts'
import { readOnce, type CheckedReader } from '../kubernetes.ts'
import { namespaceLabels, type NamespaceLabels } from './namespace-labels.ts'
import type { FoundImages } from './images/rule-images.ts'
import type { ResolvedTags } from './read-tags-once.ts'
import { requesterRoles, type RequesterRoles } from './requester-roles.ts'
import { loadOnce, resolveOnce } from './resolve-once.ts'
import { cachesFor } from './use-cache.ts'
import { watchKeys, watchReader, watchTrust, watchWaits, type Waits } from './waits.ts'
import { LIMITS } from '../limits.ts'
import { type LargePredicates, largePredicates } from '../predicate-pool.ts'
import type { Settings } from '../settings.ts'
import { VerifierError } from '../verifier-error.ts'

/** The state of one evaluation: one request, one time, one signal, one registry session, one memo. */
export interface Evaluation {
  readonly settings: Settings
  readonly request: AdmissionRequest
  readonly now: Date
  readonly signal: AbortSignal
  /** What is awaited: the reason of a deadline names it. */
  readonly waits: Waits
  readonly session: RegistrySession
  /** The manifest that each tag resolved to, over all credentials. */
  readonly tags: ResolvedTags
  /** Each signature is verified once, whichever rules ask for it. */
  readonly memo: VerificationMemo
  /** The budget of the whole evaluation. */
  readonly budget: EvaluationBudget
  readonly engine: EngineOptions
  /** Reads verified payloads, and evaluates over those that are too large for this thread. */
  readonly predicates: LargePredicates
  /** Each key is resolved once, and the trust root is loaded once. */
  readonly keys: KeyResolver | undefined
  readonly trust: TrustMaterialSource | undefined
  /** Each object is read once. */
  readonly kubernetes: CheckedReader | undefined
  /** Where we and Kyverno differ about this object; shown as warnings. */
  readonly notices: Set<string>
  /** What was found in each object that a rule without extractors of its own has searched. */
  readonly ordinaryImages: WeakMap<JsonObject, FoundImages>
  /** JSON pointers of the images that some rule matches whose preconditions hold. */
  readonly matchedImages: Set<string>
  /** Read at most once. */
  readonly namespaceLabels: () => Promise<NamespaceLabels>
  /** Looked up at most once. */
  readonly requesterRoles: () => Promise<RequesterRoles>
  /** Clears the timer of the deadline and the listener at the caller's signal. */
  readonly end: () => void
}

interface EvaluationLimits {
  readonly signal?: AbortSignal
  readonly deadlineMs?: number
}

/**
 * Returns the verdict of one evaluation. A deadline that passes is in the verdict; a caller who aborts wants none.
 *
 * @throws VerifierError VERIFIER_OPTIONS_INVALID; the reason of the caller's signal once it is aborted
 */
export async function withEvaluation<Verdict>(
  settings: Settings,
  request: AdmissionRequest,
  limits: EvaluationLimits,
  evaluate: (evaluation: Evaluation) => Promise<Verdict>,
): Promise<Verdict> {
  const evaluation = beginEvaluation(settings, request, limits)
  try {
    if (limits.signal === undefined) return await evaluate(evaluation)
    return await untilAborted(limits.signal, () => evaluate(evaluation))
  } finally {
    evaluation.end()
  }
}

/** Starts an evaluation: reads the clock once and starts the deadline. */
function beginEvaluation(settings: Settings, request: AdmissionRequest, limits: EvaluationLimits): Evaluation {
  const { deadlineMs = settings.deadlineMs } = limits
  checkDeadline(deadlineMs)
  if (limits.signal !== undefined && !(limits.signal instanceof AbortSignal))
    throw new VerifierError('VERIFIER_OPTIONS_INVALID', '`signal`: expected an AbortSignal')
  const now = readClock(settings)
  const { signal, dispose } = linkSignals(limits.signal === undefined ? [] : [limits.signal], deadlineMs)
  const waits = watchWaits(signal)
  const kubernetes = settings.kubernetes && watchReader(readOnce(settings.kubernetes), waits)
  const budget = createEvaluationBudget(settings.limits)
  let labels: Promise<NamespaceLabels> | undefined
  let roles: Promise<RequesterRoles> | undefined
  return {
    settings,
    request,
    now,
    signal,
    waits,
    session: settings.registry.openSession({ signal, deadlineMs, budget, caches: cachesFor(settings, request) }),
    tags: new Map(),
    memo: createVerificationMemo(settings.results),
    budget,
    engine: { ...settings.engine, now: () => now },
    predicates: largePredicates({
      workerBytes: settings.workerBytes,
      budget,
      maxTokens: settings.limits.tokens,
      engine: settings.engine,
      now,
      signal,
    }),
    keys: settings.keys && watchKeys(resolveOnce(settings.keys, signal), waits),
    trust: settings.trust && watchTrust(loadOnce(settings.trust, signal), waits),
    kubernetes,
    notices: new Set(),
    ordinaryImages: new WeakMap(),
    matchedImages: new Set(),
    namespaceLabels: () => (labels ??= namespaceLabels(request, kubernetes, signal)),
    requesterRoles: () => (roles ??= requesterRoles(request, kubernetes, signal)),
    end: dispose,
  }
}

/** Comparisons with an invalid Date are always false, so every certificate would look valid. */
export function readClock({ clock }: Pick<Settings, 'clock'>): Date {
  const now: unknown = clock()
  if (!(now instanceof Date) || Number.isNaN(now.getTime()))
    throw new VerifierError('VERIFIER_OPTIONS_INVALID', '`clock`: expected a function that returns a valid Date')
  return new Date(now)
}

/** @throws VerifierError VERIFIER_OPTIONS_INVALID */
export function checkDeadline(deadlineMs: number): void {
  if (Number.isSafeInteger(deadlineMs) && deadlineMs > 0 && deadlineMs <= LIMITS.deadlineMs) return
  throw new VerifierError(
    'VERIFIER_OPTIONS_INVALID',
    `\`deadlineMs\`: expected an integer from 1 to ${String(LIMITS.deadlineMs)}, got ${String(deadlineMs)}`,
  )
}
