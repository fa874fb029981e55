import type { ImageVerifier } from '@verify-images/core'
import {
  aFunction,
  anObject,
  aPositiveInteger,
  isObject,
  oneOf,
  recordOf,
  withMethods,
  type OptionKind,
  type OptionTable,
} from '@verify-images/primitives'
import { Registry } from 'prom-client'
import type { UnpinnedImages } from './answer.ts'
import { DEFAULT_WEBHOOK_LIMITS, type WebhookLimits } from './limits.ts'
import { silentLogger, type WebhookLogger } from './logger.ts'
import { NO_POLICIES, type PolicyCounts } from './metrics.ts'
import { verifierReadiness, type Readiness, type ReadinessCheck } from './readiness.ts'
import { checkOptions } from './webhook-error.ts'

/** A verifier that may be replaced while the webhook runs, for instance when policies change. */
export interface VerifierSource {
  /** The verifier for the next review; undefined until there is one. */
  current(): ImageVerifier | undefined
  /** Returns what `/readyz` also says about the policies. The check that there are any is made in any case. */
  readiness?(): Readiness
  /** Returns the counts of policies, for metrics. */
  counts?(): PolicyCounts
}

export interface WebhookOptions {
  readonly verifier: ImageVerifier | VerifierSource
  /**
   * The validating endpoint denies images that are not pinned although a policy wants it, or warns of them. Default:
   * `deny`.
   */
  readonly unpinned?: UnpinnedImages
  readonly limits?: Partial<WebhookLimits>
  /** Default: nothing is logged. */
  readonly logger?: WebhookLogger
  /** Further checks of `/readyz` by name, for instance of a reader of the cluster or of the trust root. */
  readonly checks?: Readonly<Record<string, ReadinessCheck>>
  /** The registry of the metrics. Default: a new one. */
  readonly metrics?: Registry
}

const aVerifier: OptionKind = {
  expected: 'a verifier of createImageVerifier, or an object with `current`',
  fits: (value) => isObject(value) && (aFunction.fits(value['current']) || aFunction.fits(value['review'])),
}

const webhookOptions: OptionTable<WebhookOptions> = {
  verifier: aVerifier,
  unpinned: oneOf('deny', 'warn'),
  limits: anObject,
  logger: withMethods('a logger', 'info', 'warn', 'error'),
  checks: recordOf(aFunction),
  metrics: { expected: 'a registry of prom-client', fits: (value) => value instanceof Registry },
}
const limitOptions: OptionTable<WebhookLimits> = {
  bodyBytes: aPositiveInteger,
  tokens: aPositiveInteger,
  depth: aPositiveInteger,
  concurrency: aPositiveInteger,
  queue: aPositiveInteger,
  deadlineMs: aPositiveInteger,
  reserveMs: aPositiveInteger,
}
/** Options with their defaults, and one way to the current verifier. */
export interface CheckedOptions {
  readonly current: () => ImageVerifier | undefined
  readonly counts: (() => PolicyCounts) | undefined
  readonly checks: Readonly<Record<string, ReadinessCheck>>
  readonly unpinned: UnpinnedImages
  readonly limits: WebhookLimits
  readonly logger: WebhookLogger
  readonly registry: Registry
}

/** @throws WebhookError WEBHOOK_OPTIONS_INVALID */
export function readOptions(options: WebhookOptions): CheckedOptions {
  checkOptions(options, webhookOptions, { required: ['verifier'] })
  checkOptions(options.limits ?? {}, limitOptions, { path: 'limits' })
  const { verifier, unpinned = 'deny', limits, logger = silentLogger, metrics = new Registry() } = options
  const source: VerifierSource = 'current' in verifier ? verifier : { current: () => verifier }
  const current = (): ImageVerifier | undefined => source.current()
  return {
    current,
    counts: source.counts && (() => source.counts?.() ?? NO_POLICIES),
    checks: { policies: () => verifierReadiness(current(), source.readiness?.()), ...options.checks },
    unpinned,
    limits: { ...DEFAULT_WEBHOOK_LIMITS, ...limits },
    logger,
    registry: metrics,
  }
}
