import { expect, test } from 'vitest'
import { decodeNestedSet } from './decode-nested-set.ts'
import { expandKeys } from './expand-keys.ts'
import { requiredCount } from './attestor-set.ts'

const pem = (name: string): string => `-----BEGIN PUBLIC KEY-----\n${name}\n-----END PUBLIC KEY-----`

test('takes several keys of one field apart and keeps everything else', () => {
  const entry = {
    keys: { publicKeys: `${pem('a')}\n${pem('b')}\nrest`, rekor: { ignoreTlog: true } },
    annotations: { x: 'y' },
  }
  expect(expandKeys([{ keyless: {} }, entry])).toEqual([
    { position: 0, entry: { keyless: {} } },
    { position: 1, entry: { ...entry, keys: { ...entry.keys, publicKeys: pem('a') } } },
    { position: 1, entry: { ...entry, keys: { ...entry.keys, publicKeys: `\n${pem('b')}` } } },
  ])
})

test('leaves one key, a reference and an RSA block as they are', () => {
  const entries = [
    `${pem('a')}\nrest`,
    'k8s://a/b',
    '-----BEGIN RSA PUBLIC KEY-----\n-----END RSA PUBLIC KEY-----'.repeat(2),
  ].map((publicKeys) => ({ keys: { publicKeys } }))
  expect(expandKeys(entries).map(({ entry }) => entry)).toEqual(entries)
})

test.each([
  [undefined, 3, 3],
  [0, 3, 3],
  [2, 3, 2],
  [5, 3, 5],
  [undefined, 0, undefined],
  [1, 0, undefined],
  [-1, 3, undefined],
  [1.5, 3, undefined],
  [Number.NaN, 3, undefined],
])('count %s of %s entries requires %s', (count, entries, expected) => {
  expect(requiredCount(count === undefined ? {} : { count }, entries)).toBe(expected)
})

test.each([
  ['a string', 'x'],
  ['an array', []],
  ['entries that are an object', { entries: {} }],
  ['a count that is a string', { count: '2', entries: [] }],
  ['a key that is a number', { entries: [{ keys: { publicKeys: 1 } }] }],
  ['a flag that is a string', { entries: [{ keyless: { rekor: { ignoreTlog: 'yes' } } }] }],
  ['annotations that are an array', { entries: [{ annotations: ['a'] }] }],
  ['nothing', null],
  ['counted in capitals', { count: 1, COUNT: 2, entries: [] }],
  ['keyed with a long s', { entries: [{ keyſ: {} }] }],
  ['relaxed in another case', { entries: [{ keys: { rekor: { ignoretlog: true } } }] }],
])('refuses a nested set that is %s', (_, value) => {
  expect(() => decodeNestedSet(value as never, '.attestors[0].entries[0]')).toThrow(
    expect.objectContaining({ code: 'ATTESTOR_POLICY_INVALID' }),
  )
})

test('takes a nested set as it is, unknown names and all, except that a null counts as left out', () => {
  const keys = { publicKeys: 'x', more: 1 }
  expect(decodeNestedSet({ count: 1, entries: [{ keys }] }, '')).toEqual({ count: 1, entries: [{ keys }] })
  const nulls = { count: null, entries: [{ keys: { ...keys, rekor: null }, keyless: null }, null] }
  expect(decodeNestedSet(nulls, '')).toEqual({ entries: [{ keys }, {}] })
})
