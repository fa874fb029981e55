import { policyKey, refusedImages, type RefusedImage } from '@verify-images/core'
import {
  describeRefused,
  describeUnfinished,
  unblamedDenial,
  type Results,
  type Unfinished,
  type Verified,
} from './results.ts'

/**
 * Formats verdicts as JUnit XML: a suite for each object or image, a case for each rule. A rejection is a failure; what
 * could not be checked is an error.
 *
 * @see https://github.com/testmoapp/junitxml, which describes what consumers read
 */
export function formatJUnit({ verified, unfinished }: Results): string {
  return junitDocument([...verified.map(suiteOf), ...unfinished.map(unfinishedSuite)])
}

/** Makes the document of suites. */
export function junitDocument(suites: readonly Suite[]): string {
  const sum = (count: keyof Counts): number => suites.reduce((total, { counts }) => total + counts[count], 0)
  const all = { tests: sum('tests'), failures: sum('failures'), errors: sum('errors') }
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="verify-images" ${countsIn(all)}>`,
    ...suites.map(({ xml }) => xml),
    '</testsuites>',
    '',
  ].join('\n')
}

interface Counts {
  readonly tests: number
  readonly failures: number
  readonly errors: number
}

export interface Suite {
  readonly counts: Counts
  readonly xml: string
}

function countsIn({ tests, failures, errors }: Counts): string {
  return `tests="${String(tests)}" failures="${String(failures)}" errors="${String(errors)}"`
}

function suiteOf({ subject, verdict }: Verified): Suite {
  const images = refusedImages(verdict)
  const refused = Map.groupBy(images, ({ policy, rule }) => JSON.stringify([policy, rule]))
  const denial = unblamedDenial(verdict, images)
  const cases = casesOf(subject, verdict, refused)
  if (denial !== undefined) cases.push(caseOf(subject, 'policies', [`<failure message="${attribute(denial)}"/>`]))
  if (cases.length === 0) cases.push(caseOf(subject, 'policies'))
  const bad = [...refused.values()]
  const errors = bad.filter((found) => found.every(({ outcome }) => outcome === 'inconclusive')).length
  const failures = bad.length - errors + (denial === undefined ? 0 : 1)
  return junitSuite(subject, cases, { tests: cases.length, failures, errors })
}

export function junitSuite(name: string, cases: readonly string[], counts: Counts): Suite {
  const open = `  <testsuite name="${attribute(name)}" ${countsIn(counts)}>`
  return { counts, xml: [open, ...cases, '  </testsuite>'].join('\n') }
}

function unfinishedSuite({ subject, because }: Unfinished): Suite {
  const error = `<error type="${because}" message="${describeUnfinished({ because })}"/>`
  return junitSuite(subject, [caseOf(subject, 'policies', [error])], { tests: 1, failures: 0, errors: 1 })
}

/** Returns one case for each rule, by policy and name: a rule has a row for each phase, entry and image. */
function casesOf(
  subject: string,
  { rules }: Verified['verdict'],
  refused: ReadonlyMap<string, readonly RefusedImage[]>,
): string[] {
  const named = new Map(
    rules.map(({ policy, policyNamespace, rule, status }) => {
      const name = policyKey({ namespace: policyNamespace, name: policy })
      return [JSON.stringify([name, rule]), { name: `${name}/${rule}`, isSkipped: status === 'skip' }] as const
    }),
  )
  return [...named].map(([key, { name, isSkipped }]) => {
    const problems = (refused.get(key) ?? []).map(problemOf)
    return caseOf(subject, name, problems.length === 0 && isSkipped ? ['<skipped/>'] : problems)
  })
}

export function caseOf(subject: string, name: string, elements: readonly string[] = []): string {
  const open = `    <testcase classname="${attribute(subject)}" name="${attribute(name)}"`
  if (elements.length === 0) return `${open}/>`
  return [`${open}>`, ...elements.map((element) => `      ${element}`), '    </testcase>'].join('\n')
}

function problemOf(refused: RefusedImage): string {
  const { subject, outcome, reasons, message } = refused
  const element = outcome === 'inconclusive' ? 'error' : 'failure'
  const [first] = reasons
  const type = attribute(first?.code ?? outcome)
  const headline = attribute(`${subject}: ${first?.message ?? message}`)
  const ours = reasons.length === 0 ? [] : [describeRefused(refused)]
  const text = content([...ours, `Kyverno: ${message}`].join('\n'))
  return `<${element} type="${type}" message="${headline}">${text}</${element}>`
}

/** Escapes text for XML 1.0, and replaces the characters that it cannot have. */
export function content(text: string): string {
  return text
    .replace(/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, '\uFFFD')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
}

export function attribute(text: string): string {
  return content(text)
    .replaceAll('"', '&quot;')
    .replace(/[\t\n\r]/g, ' ')
}
