import { describe, expect, test } from 'vitest'
import { effectiveEntry } from './effective-entry.ts'
import type { ImageVerification } from './model.ts'

const FLAGS = { mutateDigest: false, verifyDigest: true, required: true, useCache: true }
const entry = (changes: Partial<ImageVerification>): ImageVerification => ({ ...FLAGS, ...changes })
const keySet = { entries: [{ keys: { publicKeys: 'k' } }] }

describe('effectiveEntry', () => {
  test('is the entry itself where there is no short form', () => {
    const given = entry({ imageReferences: ['a'], roots: 'r' })
    expect(effectiveEntry(given)).toBe(given)
  })

  test('takes the image among the references', () => {
    expect(effectiveEntry(entry({ image: 'b', imageReferences: ['a'] }))).toEqual({
      ...FLAGS,
      imageReferences: ['a', 'b'],
    })
  })

  test('makes a set of a key, behind those that are there', () => {
    expect(effectiveEntry(entry({ key: 'k', attestors: [{ entries: [] }] })).attestors).toEqual([
      { entries: [] },
      keySet,
    ])
  })

  test('makes a set of an issuer, with its subject and roots', () => {
    expect(effectiveEntry(entry({ issuer: 'i', subject: 's', roots: 'r' }))).toEqual({
      ...FLAGS,
      attestors: [{ entries: [{ keyless: { issuer: 'i', subject: 's', roots: 'r' } }] }],
    })
  })

  test('prefers the key to the issuer', () =>
    expect(effectiveEntry(entry({ key: 'k', issuer: 'i' })).attestors).toEqual([keySet]))

  test('gives the annotations to the new attestor', () => {
    expect(effectiveEntry(entry({ key: 'k', annotations: { a: 'b' } })).attestors).toEqual([
      { entries: [{ annotations: { a: 'b' }, keys: { publicKeys: 'k' } }] },
    ])
  })

  test('attaches the key to every attestation, so that it is not lost', () => {
    const effective = effectiveEntry(
      entry({ key: 'k', attestations: [{ type: 'a' }, { type: 'b', attestors: [{ entries: [] }] }] }),
    )
    expect(effective.attestors).toBeUndefined()
    expect(effective.attestations).toEqual([
      { type: 'a', attestors: [keySet] },
      { type: 'b', attestors: [{ entries: [] }, keySet] },
    ])
  })

  test('attaches nothing where annotations alone stand beside an image', () => {
    expect(
      effectiveEntry(entry({ image: 'b', annotations: { a: 'b' }, attestations: [{ type: 'a' }] })).attestations,
    ).toEqual([{ type: 'a' }])
  })

  test('changes nothing the second time', () => {
    const once = effectiveEntry(entry({ image: 'b', key: 'k' }))
    expect(effectiveEntry(once)).toBe(once)
  })
})
