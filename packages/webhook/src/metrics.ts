import { policyKey, type ResourceVerdict } from '@verify-images/core'
import { collectDefaultMetrics, Counter, Gauge, Histogram, type Registry } from 'prom-client'
import { MAX_HOST_LABELS } from './limits.ts'
import type { Queue } from './queue.ts'

/** How a review was answered. */
export type ReviewAnswer = 'allowed' | 'denied' | 'shed' | 'failed'

/** Counts of the policies that a source follows, and of their changes. */
export interface PolicyCounts {
  /** Policies in use. */
  readonly policies: number
  /** Documents that cannot be used. */
  readonly broken: number
  /** How often a set was taken into use, and how often one was refused. */
  readonly accepted: number
  readonly refused: number
}

export const NO_POLICIES: PolicyCounts = { policies: 0, broken: 0, accepted: 0, refused: 0 }

export interface WebhookMetrics {
  readonly registry: Registry
  countReview(endpoint: string, answer: ReviewAnswer, verdict: ResourceVerdict | undefined, seconds: number): void
  /** Seconds since the epoch. */
  certificateExpires(at: number): void
}

/** Seconds, from a verdict without requests to the longest timeout that Kubernetes allows. */
const DURATION_BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30]

/** Creates the metrics of a webhook in a registry, with those of the process (memory, CPU, event-loop lag). */
export function createMetrics(
  queue: Queue,
  counts: (() => PolicyCounts) | undefined,
  registry: Registry,
): WebhookMetrics {
  const registers = [registry]
  const reviews = new Counter({
    name: 'verify_images_reviews_total',
    help: 'Reviews by endpoint, answer (allowed, denied, shed, failed) and outcome (accepted, rejected, inconclusive, none).',
    labelNames: ['endpoint', 'answer', 'outcome'],
    registers,
  })
  const policies = new Counter({
    name: 'verify_images_policy_results_total',
    help: 'Rule results by policy and outcome.',
    labelNames: ['policy', 'outcome'],
    registers,
  })
  const requests = new Counter({
    name: 'verify_images_registry_requests_total',
    help: 'Requests to registries and token servers by host.',
    labelNames: ['host'],
    registers,
  })
  const duration = new Histogram({
    name: 'verify_images_review_duration_seconds',
    help: 'Time from the request to its answer.',
    labelNames: ['endpoint', 'answer'],
    buckets: DURATION_BUCKETS,
    registers,
  })
  const expiry = new Gauge({
    name: 'verify_images_tls_certificate_expiry_timestamp_seconds',
    help: 'When the serving certificate expires.',
    registers,
  })
  registerQueue(queue, registers)
  if (counts !== undefined) registerPolicies(counts, registers)
  collectDefaultMetrics({ register: registry })
  const labelOf = createHostLabels()
  return {
    registry,
    countReview(endpoint, answer, verdict, seconds): void {
      reviews.inc({ endpoint, answer, outcome: verdict?.outcome ?? 'none' })
      duration.observe({ endpoint, answer }, seconds)
      if (verdict === undefined) return
      for (const { policy, policyNamespace, outcome } of verdict.rules)
        policies.inc({ policy: policyKey({ namespace: policyNamespace, name: policy }), outcome })
      for (const [host, count] of Object.entries(verdict.requests.byHost)) requests.inc({ host: labelOf(host) }, count)
    },
    certificateExpires: (at) => expiry.set(at),
  }
}

function registerQueue(queue: Queue, registers: Registry[]): void {
  new Gauge({
    name: 'verify_images_reviews_running',
    help: 'Reviews that are being evaluated.',
    registers,
    collect() {
      this.set(queue.running)
    },
  })
  new Gauge({
    name: 'verify_images_reviews_waiting',
    help: 'Reviews that wait for their turn.',
    registers,
    collect() {
      this.set(queue.waiting)
    },
  })
}

/** Returns a function that gives the first hosts a label of their own, and all others the same. */
function createHostLabels(): (host: string) => string {
  const hosts = new Set<string>()
  return (host) => {
    if (hosts.size < MAX_HOST_LABELS) hosts.add(host)
    return hosts.has(host) ? host : 'other'
  }
}

/** Registers the metrics of policies. They are read from the source at each scrape, so none is lost between two. */
function registerPolicies(counts: () => PolicyCounts, registers: Registry[]): void {
  new Gauge({
    name: 'verify_images_policies',
    help: 'Policies by state: used, and broken, which keep the last good set in use.',
    labelNames: ['state'],
    registers,
    collect() {
      this.set({ state: 'used' }, counts().policies)
      this.set({ state: 'broken' }, counts().broken)
    },
  })
  new Counter({
    name: 'verify_images_policy_reloads_total',
    help: 'Changes of the policies by result (accepted, refused).',
    labelNames: ['result'],
    registers,
    collect() {
      this.reset()
      this.inc({ result: 'accepted' }, counts().accepted)
      this.inc({ result: 'refused' }, counts().refused)
    },
  })
}
