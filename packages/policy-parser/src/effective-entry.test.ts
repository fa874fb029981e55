import { describe, expect, test } from 'vitest'
import { effectiveEntry } from './effective-entry.ts'
import type { ImageVerification } from './model.ts'

const FLAGS = { mutateDigest: false, verifyDigest: true, required: true, useCache: true }
const entry = (changes: Partial<ImageVerification>): ImageVerification => ({ ...FLAGS, ...changes })
const keySet = { entries: [{ keys: { publicKeys: 'k' } }] }

describe('effectiveEntry', () => {
  test('an entry without a short form stays unchanged', () => {
    const given = entry({ imageReferences: ['a'], roots: 'r' })
    expect(effectiveEntry(given)).toBe(given)
  })

  test('the deprecated `image` becomes one of the image references', () => {
    expect(effectiveEntry(entry({ image: 'b', imageReferences: ['a'] }))).toEqual({
      ...FLAGS,
      imageReferences: ['a', 'b'],
    })
  })

  test('the deprecated `key` becomes a further attestor set', () => {
    expect(effectiveEntry(entry({ key: 'k', attestors: [{ entries: [] }] })).attestors).toEqual([
      { entries: [] },
      keySet,
    ])
  })

  test('the deprecated `issuer` becomes an attestor set with its subject and roots', () => {
    expect(effectiveEntry(entry({ issuer: 'i', subject: 's', roots: 'r' }))).toEqual({
      ...FLAGS,
      attestors: [{ entries: [{ keyless: { issuer: 'i', subject: 's', roots: 'r' } }] }],
    })
  })

  test('the deprecated `key` wins over `issuer`', () =>
    expect(effectiveEntry(entry({ key: 'k', issuer: 'i' })).attestors).toEqual([keySet]))

  test('the annotations of a short form become those of its attestor', () => {
    expect(effectiveEntry(entry({ key: 'k', annotations: { a: 'b' } })).attestors).toEqual([
      { entries: [{ annotations: { a: 'b' }, keys: { publicKeys: 'k' } }] },
    ])
  })

  test('the deprecated `key` is attached to every attestation', () => {
    const effective = effectiveEntry(
      entry({ key: 'k', attestations: [{ type: 'a' }, { type: 'b', attestors: [{ entries: [] }] }] }),
    )
    expect(effective.attestors).toBeUndefined()
    expect(effective.attestations).toEqual([
      { type: 'a', attestors: [keySet] },
      { type: 'b', attestors: [{ entries: [] }, keySet] },
    ])
  })

  test('annotations alone make no attestor set', () => {
    expect(
      effectiveEntry(entry({ image: 'b', annotations: { a: 'b' }, attestations: [{ type: 'a' }] })).attestations,
    ).toEqual([{ type: 'a' }])
  })

  test('an effective entry stays unchanged when it is converted again', () => {
    const once = effectiveEntry(entry({ image: 'b', key: 'k' }))
    expect(effectiveEntry(once)).toBe(once)
  })
})
