import type { Policy } from '@verify-images/policy-parser'
import {
  aBoolean,
  anything,
  digestHex,
  digestOf,
  isJsonObject,
  trimEnd,
  type OptionTable,
} from '@verify-images/primitives'
import { checkOptions } from '../verifier-error.ts'
import type { AdmissionRequest } from '../request/admission-request.ts'
import type { PolicyResponse } from '../engine/ports.ts'
import type { PolicyReport, ReportOptions, ReportResult } from '../verdict/policy-report.ts'
import { policyKey, type RuleResult, type RuleStatus } from '../verdict/rule-result.ts'

export interface ReportSubject {
  readonly apiVersion: string
  readonly kind: string
  readonly name: string
  readonly namespace?: string
  readonly uid?: string
  /** Tells objects apart that have no name yet: the API server makes one of `generateName` only later. */
  readonly requestUid?: string
}

const reportOptions: OptionTable<ReportOptions> = { openreports: aBoolean, timestamp: anything }

/**
 * Returns the report of one request.
 *
 * @throws VerifierError VERIFIER_OPTIONS_INVALID
 */
export function reportOf(
  request: AdmissionRequest,
  responses: readonly Pick<PolicyResponse, 'policy' | 'rows'>[],
  now: Date,
  options: ReportOptions,
): PolicyReport {
  checkOptions(options, reportOptions)
  const reported = responses.filter(({ policy: { labels } }) => !Object.hasOwn(labels, EXCLUDE_LABEL))
  const rows = reported.flatMap(({ policy, rows: ofPolicy }) => ofPolicy.map((row) => ({ policy, row })))
  return buildReport(subjectOf(request), rows, Math.floor(now.getTime() / 1000), options)
}

/** Returns the object of a request as a report names it. */
function subjectOf({ object, oldObject, name, namespace, uid: requestUid }: AdmissionRequest): ReportSubject {
  const { apiVersion, kind, metadata } = object ?? oldObject ?? {}
  const { uid, generateName } = isJsonObject(metadata) ? metadata : {}
  return {
    apiVersion: String(apiVersion),
    kind: String(kind),
    name: name || (typeof generateName === 'string' ? generateName : ''),
    ...(namespace === '' ? {} : { namespace }),
    ...(typeof uid === 'string' ? { uid } : {}),
    ...(name === '' && requestUid !== '' ? { requestUid } : {}),
  }
}

/** A policy with this label is left out of reports, whatever the label's value. */
const EXCLUDE_LABEL = 'reports.kyverno.io/disabled'
const SEVERITIES = ['critical', 'high', 'medium', 'low', 'info']

/**
 * Returns the report that Kyverno's report controller writes for these rows.
 *
 * @see Kyverno, pkg/utils/report
 */
export function buildReport(
  subject: ReportSubject,
  rows: readonly { readonly policy: Policy; readonly row: RuleResult }[],
  seconds: number,
  { openreports = false, timestamp = seconds }: ReportOptions = {},
): PolicyReport {
  const results = rows.map(({ policy, row }) => resultOf(policy, row, timestamp)).sort(byPolicyAndRule)
  const count = (status: RuleStatus): number => results.filter(({ result }) => result === status).length
  const namespaced = subject.namespace !== undefined
  return {
    apiVersion: openreports ? 'openreports.io/v1alpha1' : 'wgpolicyk8s.io/v1alpha2',
    kind: openreports ? (namespaced ? 'Report' : 'ClusterReport') : namespaced ? 'PolicyReport' : 'ClusterPolicyReport',
    metadata: {
      name: reportName(subject),
      ...(namespaced ? { namespace: subject.namespace } : {}),
      labels: { 'app.kubernetes.io/managed-by': 'verify-images' },
    },
    scope: scopeOf(subject),
    results,
    summary: {
      pass: count('pass'),
      fail: count('fail'),
      warn: count('warn'),
      error: count('error'),
      skip: count('skip'),
    },
  }
}

/**
 * Returns the name of the report of an object: its UID, as in Kyverno, else one of its own that the API server accepts.
 *
 * @see Kubernetes, "Object Names and IDs": at most 253 characters
 */
function reportName({ uid, kind, namespace, name, requestUid }: ReportSubject): string {
  if (uid !== undefined) return uid
  const parts = [kind, namespace, trimEnd(name, '-'), requestUid]
  // Names of roles may have colons, which other names may not.
  const whole = parts
    .filter(Boolean)
    .join('-')
    .toLowerCase()
    .replace(/[^a-z0-9.-]+/g, '-')
  if (whole.length <= MAX_NAME) return whole
  const hash = digestHex(digestOf(Buffer.from(whole))).slice(0, HASH_LENGTH)
  return `${trimEnd(trimEnd(whole.slice(0, MAX_NAME - HASH_LENGTH - 1), '.'), '-')}-${hash}`
}

const MAX_NAME = 253
const HASH_LENGTH = 16

function scopeOf({ requestUid: _, ...scope }: ReportSubject): PolicyReport['scope'] {
  return scope
}

function resultOf(policy: Policy, row: RuleResult, seconds: number): ReportResult {
  const note = (name: string): string | undefined =>
    Object.hasOwn(policy.annotations, name) ? policy.annotations[name] : undefined
  const scored = note('policies.kyverno.io/scored') !== 'false'
  const category = note('policies.kyverno.io/category')
  const severity = note('policies.kyverno.io/severity')
  return {
    source: 'kyverno',
    policy: policyKey(policy),
    rule: row.rule,
    message: reportMessage(row),
    result: row.status === 'fail' && !scored ? 'warn' : row.status,
    scored,
    ...(category === undefined ? {} : { category }),
    ...(severity !== undefined && SEVERITIES.includes(severity) ? { severity } : {}),
    timestamp: { seconds, nanos: 0 },
    properties: {
      ...row.properties,
      // Kyverno writes this for admission reports too.
      process: policy.spec.background ? 'background scan' : policy.spec.admission ? 'admission review' : '',
      ...(row.exceptions && row.exceptions.length > 0 ? { exceptions: row.exceptions.map(nameOf).join(',') } : {}),
    },
  }
}

/** A rule may state its own message: `reportProperties.message`, else `passMessage` and so on. */
function reportMessage({ status, message, properties = {} }: RuleResult): string {
  for (const key of ['message', `${status}Message`])
    if (Object.hasOwn(properties, key) && properties[key]) return properties[key]
  return message
}

/** Returns the name of a key `namespace/name`. */
function nameOf(key: string): string {
  return key.slice(key.indexOf('/') + 1)
}

function byPolicyAndRule(a: ReportResult, b: ReportResult): number {
  return compare(a.policy, b.policy) || compare(a.rule, b.rule)
}

function compare(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1
}
