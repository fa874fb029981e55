import { describe, expect, test } from 'vitest'
import { parseExceptions } from './parse-exceptions.ts'

const EXCEPTION = `apiVersion: kyverno.io/v2
kind: PolicyException
metadata: {name: e, namespace: team}
spec:
  match:
    any:
    - resources: {kinds: [Pod], names: ['debug-*']}
  exceptions:
  - policyName: p
    ruleNames: ['check', 'autogen-*']
`

describe('parseExceptions', () => {
  test.each([
    [
      'aliases of aliases',
      [...Array(10).keys()].map(
        (i) =>
          `a${i}: &a${i} [${Array(9)
            .fill(i ? `*a${i - 1}` : 'x')
            .join()}]`,
      ),
    ],
    ['merges of merges', [...Array(3_000).keys()].map((i) => `m${i}: &m${i} {${i ? `<<: *m${i - 1}, ` : ''}k${i}: 0}`)],
  ])('exceptions with %s are refused before they are built, as policies are', (_, lines) => {
    expect(() => parseExceptions(EXCEPTION)).not.toThrow()
    expect(() => parseExceptions(`${EXCEPTION}${lines.join('\n')}\n`)).toThrow(
      expect.objectContaining({ issues: [expect.objectContaining({ code: 'POLICY_TOO_LARGE' })] }),
    )
  })

  test('parses an exception', () => {
    expect(parseExceptions(EXCEPTION)).toEqual([
      {
        name: 'e',
        namespace: 'team',
        background: true,
        match: { any: [{ resources: { kinds: ['Pod'], names: ['debug-*'] } }] },
        exceptions: [{ policyName: 'p', ruleNames: ['check', 'autogen-*'] }],
      },
    ])
  })

  test('parses an exception with conditions and of the older version, and skips policies', () => {
    const text = `${EXCEPTION.replace('v2', 'v2beta1')}  background: false\n  conditions: {any: [{key: a, operator: Equals, value: b}]}\n---\napiVersion: kyverno.io/v1\nkind: ClusterPolicy\n`
    expect(parseExceptions(text)).toMatchObject([
      { background: false, conditions: { any: [{ key: 'a', operator: 'Equals', value: 'b' }] } },
    ])
  })

  test('empty conditions of an exception count as absent', () => {
    const conditionsOf = (conditions: string): unknown =>
      parseExceptions(`${EXCEPTION}  conditions: ${conditions}\n`)[0]?.conditions
    expect(['{}', '{all: []}', '{any: null, all: []}'].map(conditionsOf)).toEqual([undefined, undefined, undefined])
    expect(conditionsOf('{any: []}')).toEqual({ any: [] })
  })

  test('parses exceptions in the list kinds of the API server', () => {
    const item = JSON.stringify({
      apiVersion: 'kyverno.io/v2',
      kind: 'PolicyException',
      metadata: { name: 'e' },
      spec: {
        match: { any: [{ resources: { kinds: ['Pod'] } }] },
        exceptions: [{ policyName: 'p', ruleNames: ['r'] }],
      },
    })
    expect(
      parseExceptions(`{"apiVersion": "kyverno.io/v2", "kind": "PolicyExceptionList", "items": [${item}]}`),
    ).toMatchObject([{ name: 'e' }])
  })

  test.each([
    ['another kind', 'kind: PolicyException', 'kind: Exception', 'POLICY_KIND_UNSUPPORTED'],
    ['another version', 'kyverno.io/v2', 'kyverno.io/v1', 'POLICY_KIND_UNSUPPORTED'],
    ['the old match', 'any:', 'resources: {kinds: [Pod]}\n    any:', 'POLICY_FIELD_UNKNOWN'],
    ['no rule names', "    ruleNames: ['check', 'autogen-*']\n", '', 'POLICY_FIELD_MISSING'],
    ['an empty policy name', 'policyName: p', "policyName: ''", 'POLICY_FIELD_MISSING'],
    ['users in background mode', '- resources:', '- clusterRoles: [admin]\n      resources:', 'POLICY_FIELD_CONFLICT'],
    ['a selector without requirements', 'kinds: [Pod]', 'kinds: [Pod], selector: {}', 'POLICY_FIELD_INVALID'],
    ['no match', "    any:\n    - resources: {kinds: [Pod], names: ['debug-*']}\n", '', 'POLICY_FIELD_MISSING'],
    ['text for background', 'match:', "background: 'no'\n  match:", 'POLICY_FIELD_INVALID'],
  ])('refuses an exception with %s', (_name, from, to, code) => {
    expect(EXCEPTION).toContain(from)
    expect(() => parseExceptions(EXCEPTION.replace(from, to))).toThrow(expect.objectContaining({ code }))
  })
})
