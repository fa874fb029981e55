import { describe, expect, test } from 'vitest'
import { decodeRule } from './decode-rule.ts'

const rule = { name: 'r', match: {}, verifyImages: [{}] }

describe('decodeRule', () => {
  test("decodeRule fills in Go's zero values for absent flags, not the defaults of the CRD", () => {
    expect(decodeRule(rule).verifyImages).toEqual([
      { mutateDigest: false, verifyDigest: false, required: false, useCache: false },
    ])
  })

  test('decodeRule fills in a name and a match, which are never absent in Go', () => {
    expect(decodeRule({ name: null })).toEqual({ name: '', match: {} })
  })

  test('decodeRule drops nulls and unknown fields, and accepts names in any case', () => {
    expect(
      decodeRule({ ...rule, Context: null, bogus: 1, verifyImages: [{ MUTATEDIGEST: true, type: null }] }),
    ).toEqual({
      name: 'r',
      match: {},
      verifyImages: [{ mutateDigest: true, verifyDigest: false, required: false, useCache: false }],
    })
  })

  test('decodeRule keeps plain JSON unchanged', () => {
    const attestor = { Entries: [null], count: -1 }
    expect(
      decodeRule({ ...rule, verifyImages: [{ attestors: [{ entries: [{ attestor }] }] }] }).verifyImages?.[0]
        ?.attestors?.[0]?.entries?.[0]?.attestor,
    ).toEqual(attestor)
  })

  test('decodeRule normalizes the field names of conditions', () => {
    expect(
      decodeRule({ ...rule, preconditions: { ALL: [{ Key: 'a', operator: 'Equals', value: null, more: 1 }] } })
        .preconditions,
    ).toEqual({ all: [{ key: 'a', operator: 'Equals' }] })
  })

  test.each([
    ['no mapping', 5, ''],
    ['text for a flag', { ...rule, verifyImages: [{ required: 'true' }] }, 'verifyImages[0].required'],
    [
      'a fraction for a count',
      { ...rule, verifyImages: [{ attestors: [{ count: 1.5 }] }] },
      'verifyImages[0].attestors[0].count',
    ],
    ['a number for text', { ...rule, name: 5 }, 'name'],
    ['conditions that are text', { ...rule, preconditions: 'x' }, 'preconditions'],
    ['a mapping for a list', { ...rule, context: {} }, 'context'],
  ])('decodeRule refuses %s', (_name, value, path) => {
    expect(() => decodeRule(value)).toThrow(
      expect.objectContaining({ code: 'POLICY_FIELD_INVALID', issues: [expect.objectContaining({ path })] }),
    )
  })
})
