import { CheckError } from '@verify-images/primitives'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseDigest, parseVerifiedPayload, predicateOf } from '@verify-images/primitives'
import type { Statement } from '../signature-verifier.ts'
import { readStatement, requireAnnotations, requireStatementType } from './statement.ts'

const hex = 'ab'.repeat(32)
const digest = parseDigest(`sha256:${hex}`)
const inToto = 'application/vnd.in-toto+json'
const good = {
  _type: 'https://in-toto.io/Statement/v1',
  subject: [{ digest: { sha256: hex }, annotations: { env: 'prod' } }],
  predicateType: 'https://example.com/x',
  predicate: { a: 1 },
}
const open = (document: unknown, type = inToto): Statement => {
  requireStatementType(type)
  const payload = Buffer.from(typeof document === 'string' ? document : JSON.stringify(document))
  const parsed = parseVerifiedPayload(payload, 'the statement')
  return readStatement({ document: parsed, predicate: predicateOf(parsed, 'predicate') }, digest)
}

test('parses a statement about the image', () => {
  expect(open(good)).toMatchObject({ type: 'https://example.com/x', predicate: { a: 1 } })
  expect(open({ ...good, _type: 'https://in-toto.io/Statement/v0.1', predicate: undefined }).predicate).toBeNull()
  const other = { name: 'x', digest: { sha256: 'cd'.repeat(32), gitCommit: '00' } }
  expect(open({ ...good, subject: [other, other, ...good.subject, other] }).type).toBe(good.predicateType)
})

describe('requireAnnotations', () => {
  const other = { digest: { sha256: 'cd'.repeat(32) }, annotations: { env: 'dev', toString: 'x', team: 'a' } }
  const statement = open({ ...good, subject: [other, ...good.subject] })
  const required = (annotations: Readonly<Record<string, string>>): ReadonlyMap<string, string> =>
    new Map(Object.entries(annotations))

  test('returns the annotations of the subject that is the image, and of no other subject', () => {
    expect([...requireAnnotations(required({ env: 'prod' }), statement, digest)]).toEqual([['env', 'prod']])
    expect([...requireAnnotations(required({}), statement, digest)]).toEqual([['env', 'prod']])
  })

  test.each([
    ['another value', { env: 'dev' }, 'prod'],
    ['an annotation that only another subject has', { team: 'a' }, ''],
    ['an inherited name', { constructor: '' }, ''],
    ['one right and one missing annotation', { env: 'prod', team: 'a' }, ''],
  ])('rejects %s', (_what, annotations, actual) => {
    expect(() => requireAnnotations(required(annotations), statement, digest)).toThrow(
      expect.objectContaining({
        code: 'ATTESTOR_ANNOTATION_MISMATCH',
        details: expect.objectContaining({ actual, difference: 'S29' }),
      }),
    )
  })

  test('rejects a message signature, which has no annotations, unless none is required', () => {
    expect(requireAnnotations(required({}), undefined, digest).size).toBe(0)
    expect(() => requireAnnotations(required({ env: 'prod' }), undefined, digest)).toThrow(
      expect.objectContaining({ code: 'ATTESTOR_ANNOTATION_MISMATCH' }),
    )
  })
})

test.each(
  (
    [
      ['another payload type', good, 'application/json'],
      ['the payload type in other letters', good, 'Application/vnd.in-toto+json'],
      ['the payload type with a parameter', good, `${inToto};x`],
      ['no payload type', good, ''],
      ['another type of document', { ...good, _type: 'https://in-toto.io/Link/v1' }],
      ['no predicate type', { ...good, predicateType: '' }],
      ['a member twice', JSON.stringify(good).replace('"subject"', '"subject":[],"subject"')],
      ['a member twice in other letters', JSON.stringify(good).replace('"subject"', '"Subject":[],"subject"')],
      ['an unknown member', { ...good, more: 1 }],
      ['a predicate that is a string', { ...good, predicate: 'x' }],
      ['a predicate that is an array', { ...good, predicate: [] }],
      ['no subject', { ...good, subject: [] }],
      ['a missing subject', { ...good, subject: undefined }],
      ['a subject that is null', { ...good, subject: [null] }],
      ['an empty subject', { ...good, subject: [{}] }],
      ['a subject without digests', { ...good, subject: [{ digest: {} }] }],
      ['a digest by another name', { ...good, subject: [{ digest: { sha512: hex } }] }],
      ['a digest by a name in other letters', { ...good, subject: [{ digest: { SHA256: hex } }] }],
      ['a digest in other letters', { ...good, subject: [{ digest: { sha256: hex.toUpperCase() } }] }],
      ['a digest with its algorithm', { ...good, subject: [{ digest: { sha256: digest } }] }],
      ['a digest that is cut short', { ...good, subject: [{ digest: { sha256: hex.slice(2) } }] }],
      ['a digest in a list', { ...good, subject: [{ digest: { sha256: [hex] } }] }],
      [
        'a name that is the image',
        { ...good, subject: [{ name: `registry/app@${digest}`, digest: { sha256: 'cd'.repeat(32) } }] },
      ],
      ['a good subject beside a malformed one', { ...good, subject: [...good.subject, { digest: { sha256: 'x' } }] }],
      ['too many subjects', { ...good, subject: Array.from({ length: 1025 }, () => good.subject[0]) }],
      [
        'too many digests of a subject',
        {
          ...good,
          subject: [
            {
              digest: Object.fromEntries([['sha256', hex], ...Array.from({ length: 32 }, (_, i) => [`a${i}`, '00'])]),
            },
          ],
        },
      ],
    ] as readonly (readonly [string, unknown, string?])[]
  ).map(([what, document, type = inToto]) => ({ what, document, type })),
)('rejects a statement with $what', ({ document, type }) => {
  expect(() => open(document, type)).toThrow(CheckError)
})

test('throws only CheckError for random statements', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      for (const document of [
        value,
        { ...good, subject: value },
        { ...good, subject: [value] },
        { ...good, _type: value },
      ]) {
        expect(() => open(document)).toThrow(CheckError)
      }
    }),
  )
})
