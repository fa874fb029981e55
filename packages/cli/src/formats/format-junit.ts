import { refusedImages, type RefusedImage } from '@verify-images/core'
import { unblamedDenial, type Verified } from './verified.ts'

/**
 * Formats verdicts as JUnit XML: a suite for each object or image, a case for each rule. A rejection is a failure; what
 * could not be checked is an error.
 *
 * @see https://github.com/testmoapp/junitxml, which describes what consumers read
 */
export function formatJUnit(verified: readonly Verified[]): string {
  const suites = verified.map(suiteOf)
  const sum = (count: (suite: Suite) => number): string =>
    String(suites.reduce((total, suite) => total + count(suite), 0))
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="verify-images" tests="${sum(({ tests }) => tests)}" failures="${sum(({ failures }) => failures)}" errors="${sum(({ errors }) => errors)}">`,
    ...suites.map(({ xml }) => xml),
    '</testsuites>',
    '',
  ].join('\n')
}

interface Suite {
  readonly tests: number
  readonly failures: number
  readonly errors: number
  readonly xml: string
}

function suiteOf({ subject, verdict }: Verified): Suite {
  const images = refusedImages(verdict)
  const refused = Map.groupBy(images, ({ policy, rule }) => JSON.stringify([policy, rule]))
  const rules = new Map(
    verdict.rules.map(({ policy, policyNamespace, rule, status }) => {
      const name = policyNamespace === undefined ? policy : `${policyNamespace}/${policy}`
      return [JSON.stringify([name, rule]), { name: `${name}/${rule}`, isSkipped: status === 'skip' }] as const
    }),
  )
  const cases = [...rules].map(([key, { name, isSkipped }]) => {
    const found = refused.get(key) ?? []
    const open = `    <testcase classname="${attribute(subject)}" name="${attribute(name)}"`
    if (found.length === 0) return isSkipped ? `${open}><skipped/></testcase>` : `${open}/>`
    return [`${open}>`, ...found.map(problemOf), '    </testcase>'].join('\n')
  })
  const denial = unblamedDenial(verdict, images)
  if (denial !== undefined || cases.length === 0)
    cases.push(
      `    <testcase classname="${attribute(subject)}" name="policies"${denial === undefined ? '/>' : `><failure message="${attribute(denial)}"/></testcase>`}`,
    )
  const bad = [...refused.values()]
  const errors = bad.filter((found) => found.every(({ outcome }) => outcome === 'inconclusive')).length
  const failures = bad.length - errors + (denial === undefined ? 0 : 1)
  return {
    tests: cases.length,
    failures,
    errors,
    xml: [
      `  <testsuite name="${attribute(subject)}" tests="${String(cases.length)}" failures="${String(failures)}" errors="${String(errors)}">`,
      ...cases,
      '  </testsuite>',
    ].join('\n'),
  }
}

function problemOf({ image = 'the object', outcome, reasons, message }: RefusedImage): string {
  const element = outcome === 'inconclusive' ? 'error' : 'failure'
  const [first] = reasons
  const text = reasons.map(
    ({ code, message: cause, path = '' }) => `${code}: ${cause}${path === '' ? '' : ` (${path})`}`,
  )
  return `      <${element} type="${attribute(first?.code ?? outcome)}" message="${attribute(`${image}: ${first?.message ?? message}`)}">${content([...text, `Kyverno: ${message}`].join('\n'))}</${element}>`
}

/** Characters that XML 1.0 cannot have, escaped or not, are replaced. */
function content(text: string): string {
  return text
    .replace(/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, '\uFFFD')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
}

function attribute(text: string): string {
  return content(text)
    .replaceAll('"', '&quot;')
    .replace(/[\t\n\r]/g, ' ')
}
