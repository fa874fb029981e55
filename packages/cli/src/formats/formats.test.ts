import { createImageVerifier, parsePolicies, type ImageVerifier, type ResourceVerdict } from '@verify-images/core'
import { createSigningWorld, type SigningWorld } from '@verify-images/testing'
import { clusterPolicy, entryOf, keyAttestor } from '@verify-images/testing/internal'
import { load } from 'js-yaml'
import type { Log } from 'sarif'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { formatVerdicts } from './format-verdicts.ts'
import { formatProblemsForGitHub } from './format-github.ts'
import { formatProblemsAsSarif } from './format-sarif.ts'
import type { Detail } from '../command-line/arguments.ts'
import type { Unfinished, Verified } from './results.ts'

let world: SigningWorld
/** The time that it took makes no difference. */
type Given = Omit<Verified, 'ms'>
let good: Given
let bad: Given
let unchecked: Given
let unmatched: Given
let partly: Given
beforeAll(async () => {
  world = await createSigningWorld()
  world.image('registry.test/app:signed').signedBy(world.key('release'))
  world.image('registry.test/app:unsigned')
  const verifier = verifierOf()
  good = { subject: 'Pod default/good', verdict: await verifier.verifyResource(pod('registry.test/app:signed')) }
  bad = {
    subject: 'Pod default/bad',
    verdict: await verifier.verifyResource(pod('registry.test/app:unsigned', 'registry.test/app:signed')),
  }
  unchecked = { subject: 'Pod default/gone', verdict: await verifier.verifyResource(pod('registry.test:1/app:1')) }
  partly = {
    subject: 'Pod default/partly',
    verdict: await verifierOf('refuse').verifyResource(pod('registry.test/app:signed', 'elsewhere.test/app:1')),
  }
  unmatched = {
    subject: 'Pod default/other',
    verdict: await verifierOf('refuse').verifyResource(pod('elsewhere.test/app:1')),
  }
})
afterAll(() => world.close())

function verifierOf(unmatchedImages: 'admit' | 'refuse' = 'admit'): ImageVerifier {
  const attestor = keyAttestor(world.key('release'))
  const policy = clusterPolicy([entryOf(attestor, { imageReferences: ['registry.test*'] })])
  return createImageVerifier({
    policies: parsePolicies(JSON.stringify(policy, undefined, 2), { source: 'policies/signed images.json' }),
    registry: world.registryClient(),
    unmatched: unmatchedImages,
  })
}

const pod = (...images: readonly string[]): object => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'app', namespace: 'default' },
  spec: { containers: images.map((image, i) => ({ name: `c${String(i)}`, image })) },
})
type Output = Parameters<typeof formatVerdicts>[1]['output']
const format = (output: Output, ...given: readonly Given[]): string => formatResults(output, given)
const formatResults = (
  output: Output,
  given: readonly Given[],
  { unfinished = [], detail = 'summary', colors = false }: FormatOptions = {},
): string =>
  formatVerdicts({ verified: given.map((each) => ({ ...each, ms: 1500 })), unfinished }, { output, detail }, { colors })
interface FormatOptions {
  readonly unfinished?: readonly Unfinished[]
  readonly detail?: Detail
  readonly colors?: boolean
}
/** A verdict whose texts are chosen by an attacker. */
const forged = (text: string): Given => {
  const [first] = bad.verdict.rules
  const rule = {
    ...first,
    image: text,
    message: text,
    reasons: [{ code: 'ATTESTOR_NO_SIGNATURE', message: text, policy: 'p', rule: 'r' }],
  }
  return { subject: text, verdict: { ...bad.verdict, rules: [rule] } as ResourceVerdict }
}

test('text ends with a summary of several verdicts, and not of one', () => {
  expect(format('text', good, bad, unchecked)).toMatch(/\n3 verified: 1 admitted, 1 denied, 1 not checked\n$/)
  expect(format('text', good)).not.toContain('verified:')
})

test('YAML has the same data as JSON', () => {
  expect(load(format('yaml', good, bad))).toEqual(JSON.parse(format('json', good, bad)))
})

describe('JUnit', () => {
  test('JUnit has a suite for each subject, a failure for a rejection, and an error for an inconclusive check', () => {
    const xml = format('junit', good, bad, unchecked)
    expect(xml).toContain('<testsuites name="verify-images" tests="3" failures="1" errors="1">')
    expect(xml).toContain('<testcase classname="Pod default/good" name="signed/check"/>')
    expect(xml).toContain(
      '<failure type="ATTESTOR_NO_SIGNATURE" message="registry.test/app:unsigned: the image is not signed">',
    )
    expect(xml).toMatch(/<error type="REGISTRY_[A-Z_]+" message="registry\.test:1\/app:1: /)
  })

  test('JUnit has a failure for an object that is denied without a rule', () => {
    expect(format('junit', unmatched)).toContain('<failure message="no policy matches the image elsewhere.test/app:1')
  })

  test('JUnit escapes text from a registry', () => {
    const xml = format('junit', forged("</failure></testcase>\"\u0000\u001b&<x a='1'>"))
    expect(xml.match(/<\/testcase>/g)).toHaveLength(1)
    expect(xml).not.toContain('<x')
    expect(xml).not.toContain('\u001b')
    expect(xml).toContain('&lt;/failure&gt;&lt;/testcase&gt;&quot;\uFFFD\uFFFD&amp;')
  })
})

describe('SARIF', () => {
  const parsed = (...verified: readonly Given[]): Log => JSON.parse(format('sarif', ...verified)) as Log

  test('SARIF has a result at the line of the rule for each image that is not accepted', () => {
    const { version, runs } = parsed(good, bad, unchecked)
    expect(version).toBe('2.1.0')
    expect(runs[0]?.results).toHaveLength(2)
    expect(runs[0]?.results?.[0]).toMatchObject({
      ruleId: 'ATTESTOR_NO_SIGNATURE',
      level: 'error',
      message: {
        text: expect.stringContaining('registry.test/app:unsigned: ATTESTOR_NO_SIGNATURE: the image is not signed'),
      },
      locations: [
        {
          physicalLocation: {
            artifactLocation: { uri: 'policies/signed%20images.json' },
            region: { startLine: 11 },
          },
        },
      ],
      properties: { policy: 'signed', rule: 'check', outcome: 'rejected' },
    })
    expect(runs[0]?.results?.[1]).toMatchObject({ level: 'warning', properties: { outcome: 'inconclusive' } })
  })

  test('SARIF lists each rule id of its results', () => {
    const { runs } = parsed(bad, unchecked)
    const listed = runs[0]?.tool.driver.rules?.map(({ id }) => id)
    expect(listed).toEqual([...new Set(runs[0]?.results?.map(({ ruleId }) => ruleId))].sort())
  })
})

describe('GitHub', () => {
  test('GitHub annotations are at the line of the rule, with an error for what is denied', () => {
    expect(format('github', good)).toBe('')
    expect(format('github', bad)).toMatch(
      /^::error file=policies\/signed images\.json,line=11,title=signed\/check%3A rejected::Pod default\/bad: registry\.test\/app:unsigned: ATTESTOR_NO_SIGNATURE: the image is not signed; at attestors\[0\]\.entries\[0\] \(policies\/signed images\.json:\d+\)\n$/,
    )
    expect(format('github', unchecked)).toMatch(/^::warning file=/)
    expect(format('github', unmatched)).toMatch(/^::error title=denied::Pod default\/other: no policy matches/)
  })

  test('GitHub annotations escape text from a registry', () => {
    const lines = format('github', forged('x\n::set-output name=a::b\r\n%0A::error::c')).trimEnd().split('\n')
    expect(lines).toHaveLength(1)
    expect(lines[0]).toContain('x%0A::set-output name=a::b%0D%0A%250A::error::c')
  })
})

test('an image that no policy matches is never hidden by one that passes', () => {
  expect(partly.verdict.admitted).toBe(false)
  expect(format('junit', partly)).toContain('<testsuites name="verify-images" tests="2" failures="1" errors="0">')
  expect(format('junit', partly)).toContain('<failure message="no policy matches the image elsewhere.test/app:1')
  expect(JSON.parse(format('sarif', partly))).toMatchObject({
    runs: [{ results: [{ level: 'error', message: { text: expect.stringContaining('elsewhere.test/app:1') } }] }],
  })
  expect(format('github', partly)).toMatch(/^::error title=denied::Pod default\/partly: no policy matches/)
})

test('JUnit counts cases: a rule that refuses two images is one failure', () => {
  const [row] = bad.verdict.rules
  const rules = [row, { ...row, image: 'registry.test/app:other' }]
  expect(format('junit', { ...bad, verdict: { ...bad.verdict, rules } as ResourceVerdict })).toContain(
    '<testsuites name="verify-images" tests="1" failures="1" errors="0">',
  )
})

test('under Audit a rejection is a warning in every format that has levels', () => {
  const audited = { ...bad, verdict: { ...bad.verdict, admitted: true } as ResourceVerdict }
  expect(format('github', audited)).toMatch(/^::warning /)
  expect(JSON.parse(format('sarif', audited))).toMatchObject({ runs: [{ results: [{ level: 'warning' }] }] })
})

test('every format has the same text of a reason, escaped in its own way', () => {
  const reason = 'ATTESTOR_NO_SIGNATURE: a & b | c / d; at attestors[0]; candidate sha256:00; expected <x>; got 100%'
  const [row] = bad.verdict.rules
  const rule = {
    ...row,
    image: 'i',
    reasons: [
      {
        code: 'ATTESTOR_NO_SIGNATURE',
        policy: 'p',
        rule: 'r',
        message: 'a & b | c\n\nd',
        path: 'attestors[0]',
        candidate: 'sha256:00',
        expected: '<x>',
        actual: '100%',
      },
    ],
  }
  const one = { subject: 's', verdict: { ...bad.verdict, rules: [rule] } as ResourceVerdict }
  expect(format('text', one)).toContain(`    - ${reason}\n`)
  expect(JSON.parse(format('sarif', one))).toMatchObject({
    runs: [{ results: [{ message: { text: `s: i: ${reason}` } }] }],
  })
  expect(format('github', one)).toMatch(/::s: i: ATTESTOR_NO_SIGNATURE: .*; got 100%25\n$/)
  expect(format('junit', one)).toContain(reason.replace('&', '&amp;').replace('<x>', '&lt;x&gt;'))
  expect(format('markdown', one)).toContain('a &#38; b &#124; c / d; at attestors&#91;0&#93;')
})

test('a namespaced policy has its namespace in every format', () => {
  const [row] = bad.verdict.rules
  const rules = [{ ...row, policyNamespace: 'team' }]
  const one = { subject: 's', verdict: { ...bad.verdict, rules } as ResourceVerdict }
  expect(format('text', one)).toContain('by policy team/signed, rule check')
  expect(formatResults('text', [one], { detail: 'all' })).toContain(' team/signed/check: fail')
  expect(format('junit', one)).toContain('name="team/signed/check"')
  expect(format('github', one)).toContain('title=team/signed/check%3A rejected')
  expect(JSON.parse(format('sarif', one))).toMatchObject({
    runs: [{ results: [{ properties: { policy: 'team/signed' } }] }],
  })
})

test('Markdown has a heading for each subject', () => {
  expect(format('markdown', good, bad)).toMatch(
    /^### Pod default\/good\n\n\*\*admitted.*### Pod default\/bad\n\n\*\*denied/s,
  )
  expect(format('markdown', forged('<b>@all'))).not.toMatch(/<b>|@all/)
})

test('reports are PolicyReports or those of OpenReports', () => {
  expect(JSON.parse(format('policyreport', good))).toMatchObject({ apiVersion: 'wgpolicyk8s.io/v1alpha2' })
  expect(JSON.parse(format('openreports', good, bad))).toMatchObject({
    kind: 'List',
    items: [{ apiVersion: 'openreports.io/v1alpha1' }, { apiVersion: 'openreports.io/v1alpha1' }],
  })
})

test('problems of policies have their line in SARIF and on GitHub', () => {
  const problem = {
    severity: 'problem',
    code: 'POLICY_ENTRY_UNVERIFIABLE',
    policy: 'signed',
    path: 'spec.rules[0]',
    message: 'never: passes, ever',
    source: 'a,b.yaml',
    line: 7,
    column: 3,
  } as const
  expect(formatProblemsForGitHub([problem])).toBe(
    '::error file=a%2Cb.yaml,line=7,col=3,title=POLICY_ENTRY_UNVERIFIABLE::spec.rules[0]: never: passes, ' +
      'ever; to do: add `attestors` or `attestations`, or set `required: false`\n',
  )
  expect(JSON.parse(formatProblemsAsSarif([{ ...problem, severity: 'warning' }]))).toMatchObject({
    runs: [
      {
        results: [
          {
            ruleId: 'POLICY_ENTRY_UNVERIFIABLE',
            level: 'warning',
            locations: [{ physicalLocation: { region: { startLine: 7, startColumn: 3 } } }],
          },
        ],
      },
    ],
  })
})
