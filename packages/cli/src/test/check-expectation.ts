import type { ImageVerdict, Policy, ResourceVerdict, RuleResult } from '@verify-images/core'
import type { Expectation } from './test-file.ts'

/** One expectation about one object or image, and whether it was met. */
export interface TestResult {
  /** `policy/rule, Pod default/app`. */
  readonly name: string
  readonly status: 'passed' | 'failed' | 'skipped'
  /** What was expected and what was got, or why it was not run. */
  readonly text: string
  readonly verdict?: ResourceVerdict | ImageVerdict
}

/** An object or image of a test file with its verdict. */
export interface Subject {
  readonly kind: string
  readonly namespace: string
  readonly name: string
  /** `Pod default/app`, or the image. */
  readonly shown: string
  readonly verdict: ResourceVerdict | ImageVerdict
}

/** Compares what a test file expects of one rule with the verdicts of its objects and images. */
export function checkExpectation(
  expected: Expectation,
  policies: readonly Policy[],
  subjects: readonly Subject[],
): readonly TestResult[] {
  const rule = `${expected.policy}/${expected.rule}`
  const problem = problemWith(expected, policies)
  const named = [...expected.resources, ...expected.images]
  if (problem !== undefined) return named.map((name) => ({ name: `${rule}, ${name}`, ...problem }))
  return named.flatMap((name): readonly TestResult[] => {
    const found = subjects.filter((subject) => isNamed(subject, name, expected))
    if (found.length === 0) return [{ name: `${rule}, ${name}`, status: 'failed', text: 'the object does not exist' }]
    return found.map((subject) => ({ name: `${rule}, ${subject.shown}`, ...compare(expected, subject.verdict) }))
  })
}

/** Returns the failure for a misspelt name, which would otherwise count as a skipped rule. */
function problemWith(
  expected: Expectation,
  policies: readonly Policy[],
): Pick<TestResult, 'status' | 'text'> | undefined {
  const policy = policies.find(({ name, namespace }) =>
    [name, ...(namespace === undefined ? [] : [`${namespace}/${name}`])].includes(expected.policy),
  )
  if (policy === undefined) return { status: 'failed', text: `there is no policy \`${expected.policy}\`` }
  const rule = policy.spec.rules.find(({ name }) => name === ruleName(expected.rule))
  if (rule === undefined) return { status: 'failed', text: `the policy has no rule \`${expected.rule}\`` }
  if (rule.verifyImages === undefined)
    return { status: 'skipped', text: 'the rule does not verify images: test it with the command line of Kyverno' }
  return undefined
}

/** Returns the name of the rule that one for Pod controllers was generated from: a test may name either. */
function ruleName(name: string): string {
  return name.replace(/^autogen-(?:cronjob-)?/, '')
}

function isNamed({ kind, namespace, name }: Subject, wanted: string, expected: Expectation): boolean {
  if (kind === 'image') return expected.images.includes(name) && name === wanted
  if (!expected.resources.includes(wanted)) return false
  const isKind = expected.kind === undefined || expected.kind === kind
  return isKind && (wanted === name || wanted === `${namespace}/${name}`)
}

function compare(
  expected: Expectation,
  verdict: ResourceVerdict | ImageVerdict,
): Pick<TestResult, 'status' | 'text' | 'verdict'> {
  const rows = verdict.rules.filter((row) => isRowOf(row, expected))
  const got = summaryOf(rows)
  const parts = [
    ['result', expected.result, got.result] as const,
    ['outcome', expected.outcome, got.outcome] as const,
    [
      'code',
      expected.code,
      got.codes.find((code) => code === expected.code) ?? (got.codes.join(', ') || 'none'),
    ] as const,
  ].filter(([, wanted]) => wanted !== undefined)
  const wrong = parts.filter(([, wanted, found]) => wanted !== found)
  if (wrong.length === 0) return { status: 'passed', text: parts.map(([, wanted]) => wanted).join(', ') }
  const text = wrong.map(([what, wanted, found]) => `expected ${what} ${String(wanted)}, got ${found}`).join('; ')
  return { status: 'failed', text, verdict }
}

function isRowOf({ policy, policyNamespace, rule, image }: RuleResult, expected: Expectation): boolean {
  const names = [policy, ...(policyNamespace === undefined ? [] : [`${policyNamespace}/${policy}`])]
  const isRule = rule === expected.rule || ruleName(rule) === expected.rule
  return names.includes(expected.policy) && isRule && (expected.image === undefined || image === expected.image)
}

/** From the worst: one row that fails makes the rule fail. A rule without rows counts as skipped. */
const RESULTS = ['fail', 'error', 'warn', 'pass'] as const
const OUTCOMES = ['rejected', 'inconclusive'] as const

function summaryOf(rows: readonly RuleResult[]): {
  readonly result: string
  readonly outcome: string
  readonly codes: readonly string[]
} {
  return {
    result: RESULTS.find((result) => rows.some(({ status }) => status === result)) ?? 'skip',
    outcome: OUTCOMES.find((outcome) => rows.some((row) => row.outcome === outcome)) ?? 'accepted',
    codes: [...new Set(rows.flatMap(({ reasons }) => reasons.map(({ code }) => code)))],
  }
}
