import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Json, JsonObject } from '@verify-images/primitives'
import { computeRules } from './compute-rules.ts'
import { decodeRule } from './decode-rule.ts'
import { effectiveEntry } from './effective-entry.ts'
import { parseExceptions } from './parse-exceptions.ts'
import { parsePolicies } from './parse-policies.ts'
import { PolicyError } from './policy-error.ts'
import { readDocuments } from './read-documents.ts'
import { validatePolicy } from './validate-policy.ts'

/** Runs something that may refuse its input, and nothing else. */
function refusing<T>(run: () => T): T | undefined {
  try {
    return run()
  } catch (error) {
    if (error instanceof PolicyError) return undefined
    throw error
  }
}

const words = fc.constantFrom(
  'spec',
  'rules',
  'name',
  'match',
  'any',
  'all',
  'resources',
  'kinds',
  'Pod',
  'verifyImages',
  'imageReferences',
  'attestors',
  'entries',
  'keys',
  'publicKeys',
  'count',
  'attestor',
  'attestations',
  'conditions',
  'key',
  'operator',
  'value',
  'Equals',
  'preconditions',
  'context',
  'variable',
  'jmesPath',
  'validate',
  'deny',
  'mutate',
  'foreach',
  'exclude',
  '__proto__',
  'constructor',
  '{{ request.object.x }}',
  '{{',
  '}}',
  '{{ {{a}} }}',
  '$(./x)',
  '$(',
  '*',
  '',
  'metadata',
  'annotations',
)
const json: fc.Arbitrary<Json> = fc.letrec<{ value: Json }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 6 },
    words,
    fc.constantFrom<Json>(null, true, false, 0, -1, 1, 1.5),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(words, tie('value'), { maxKeys: 4 }),
  ),
})).value
const yamlText = fc.string({
  unit: fc.constantFrom(
    'a',
    'b',
    ': ',
    '\n',
    '- ',
    '  ',
    '[',
    ']',
    '{',
    '}',
    ',',
    '&a ',
    '*a',
    '<<: ',
    '"',
    "'",
    '|',
    '!!str ',
    '---\n',
    '#',
    '? ',
    '\t',
    '\r',
    '0x1',
    '%',
  ),
})

describe('for any text', () => {
  test('any text is read or refused with PolicyError', () => {
    fc.assert(
      fc.property(fc.oneof(yamlText, fc.string()), (text) => {
        for (const document of refusing(() => readDocuments(text)) ?? [])
          expect(document.locate('a.b[0]')?.line).toBeGreaterThan(0)
      }),
      { numRuns: 500 },
    )
  })

  test('JSON is read as by JSON.parse', () => {
    fc.assert(
      fc.property(
        json.filter((value) => value !== null),
        (value) => {
          expect(readDocuments(JSON.stringify({ value }))[0]?.value).toEqual(JSON.parse(JSON.stringify({ value })))
        },
      ),
    )
  })

  test('any policy or exception is parsed or refused with PolicyError', () => {
    fc.assert(
      fc.property(fc.constantFrom('ClusterPolicy', 'Policy', 'PolicyException'), json, (kind, spec) => {
        const text = JSON.stringify({
          apiVersion: kind === 'PolicyException' ? 'kyverno.io/v2' : 'kyverno.io/v1',
          kind,
          metadata: { name: 'p' },
          spec,
        })
        refusing(() => parsePolicies(text))
        refusing(() => parseExceptions(text))
      }),
      { numRuns: 300 },
    )
  })
})

describe('for any rule', () => {
  const rule = fc.record(
    {
      name: words,
      match: json,
      exclude: json,
      preconditions: json,
      verifyImages: fc.array(json, { maxLength: 2 }),
      context: json,
      validate: json,
      mutate: json,
      generate: json,
    },
    { requiredKeys: [] },
  )

  test('any document is validated without throwing', () => {
    fc.assert(
      fc.property(rule, (value) => {
        const document: JsonObject = {
          apiVersion: 'kyverno.io/v1',
          kind: 'ClusterPolicy',
          metadata: { name: 'p' },
          spec: { rules: [value] },
        }
        const { accepted, errors } = validatePolicy(document)
        expect(accepted).toBe(errors.length === 0)
      }),
      { numRuns: 300 },
    )
  })

  test('a decoded rule decodes to itself, and its entries convert to effective ones', () => {
    fc.assert(
      fc.property(rule, (value) => {
        const decoded = refusing(() => decodeRule(value))
        if (decoded === undefined) return
        expect(decodeRule(JSON.parse(JSON.stringify(decoded)) as Json)).toEqual(decoded)
        for (const entry of decoded.verifyImages ?? []) effectiveEntry(entry)
      }),
      { numRuns: 300 },
    )
  })

  test('rules are computed for any policy without throwing', () => {
    fc.assert(
      fc.property(rule, fc.constantFrom('', 'Deployment', 'CronJob'), (value, kind) => {
        const decoded = refusing(() => decodeRule({ match: {}, name: 'r', ...value }))
        if (decoded === undefined) return
        const spec = {
          rules: [decoded],
          validationFailureAction: 'Audit',
          emitWarning: false,
          admission: true,
          background: true,
        } as const
        computeRules(
          {
            apiVersion: 'kyverno.io/v1',
            kind: 'ClusterPolicy',
            name: 'p',
            labels: {},
            annotations: {},
            spec,
            locate: () => undefined,
            findings: [],
          },
          kind,
        )
      }),
      { numRuns: 300 },
    )
  })

  test('no input changes a prototype', () => expect(Object.keys(Object.prototype)).toEqual([]))
})
