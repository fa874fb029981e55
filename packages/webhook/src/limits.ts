/** The limits of the webhook, each with its reason. All are options. */
export const DEFAULT_WEBHOOK_LIMITS: WebhookLimits = {
  bodyBytes: 8 * 1024 * 1024,
  tokens: 1_000_000,
  depth: 200,
  concurrency: 64,
  queue: 256,
  deadlineMs: 10_000,
  reserveMs: 500,
}

export interface WebhookLimits {
  /**
   * Size of one review. It holds two objects, each below the 1.5 MiB of etcd, and JSON escapes some of their
   * characters.
   */
  readonly bodyBytes: number
  /** JSON tokens of a review: two objects of the largest size with short members. */
  readonly tokens: number
  /** Nesting of a review. Kubernetes objects nest about 20 deep. */
  readonly depth: number
  /** Reviews that are evaluated at the same time. Each may hold an object of some MiB and several connections. */
  readonly concurrency: number
  /** Reviews that wait for one of them to end. Further ones are shed: denied with the status code 429. */
  readonly queue: number
  /** Milliseconds for a review whose request states no `timeout`. Kubernetes uses 10 s unless told otherwise. */
  readonly deadlineMs: number
  /** Milliseconds before the API server's timeout at which an answer is sent: a late answer counts as none. */
  readonly reserveMs: number
}

/** Milliseconds that a review needs at least. One with less time left is shed: its answer would come too late. */
export const MIN_DEADLINE_MS = 100
/** Milliseconds of the longest timeout that Kubernetes allows. Other callers get no longer one. */
export const MAX_TIMEOUT_MS = 30_000
/** Registry hosts that get a label of their own in metrics. Users choose the hosts, so their number must be bounded. */
export const MAX_HOST_LABELS = 50
/**
 * Milliseconds between two reads of the files of a certificate. The kubelet replaces a mounted Secret within about a
 * minute.
 */
export const TLS_RELOAD_MS = 10_000
/** Milliseconds that a check of `/readyz` may take. The kubelet asks every few seconds. */
export const READINESS_MS = 2_000
/** Milliseconds that open reviews get to end when the server closes: as long as a review takes by default. */
export const DRAIN_MS = 10_000
/** Characters of one field of a log line: names and image references are shorter. */
export const MAX_LOGGED_CHARACTERS = 512
/** Refused images in one log line. A Pod with more has them in the audit log. */
export const MAX_LOGGED_REFUSALS = 10
