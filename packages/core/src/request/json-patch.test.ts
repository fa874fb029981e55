import fc from 'fast-check'
import { expect, test } from 'vitest'
import { applyJsonPatch, escapePointerToken, valueAt } from './json-patch.ts'

const pod = { metadata: { name: 'app' }, spec: { containers: [{ image: 'a' }, { image: 'b' }] } }

test('replaces a value in an array and leaves the original unchanged', () => {
  const patched = applyJsonPatch(pod, [{ op: 'replace', path: '/spec/containers/1/image', value: 'c' }])
  expect(patched).toEqual({ metadata: { name: 'app' }, spec: { containers: [{ image: 'a' }, { image: 'c' }] } })
  expect(pod.spec.containers[1]).toEqual({ image: 'b' })
  expect(patched['metadata']).toBe(pod.metadata)
})

test('adds a member whose name has slashes and tildes', () => {
  const path = `/metadata/${escapePointerToken('a/b~c')}`
  const patched = applyJsonPatch(pod, [{ op: 'add', path, value: 1 }])
  expect(patched['metadata']).toEqual({ name: 'app', 'a/b~c': 1 })
  expect(valueAt(patched, path)).toBe(1)
})

test.each([
  '/spec/containers/2/image',
  '/spec/containers/01/image',
  '/spec/containers/-/image',
  '/spec/none/x',
  '/metadata/name/x',
])('refuses the path %s, which does not exist', (path) => {
  expect(() => applyJsonPatch(pod, [{ op: 'replace', path, value: 'c' }])).toThrow(
    expect.objectContaining({ code: 'VERIFIER_PATCH_FAILED' }),
  )
})

test('a patch treats names of Object.prototype as ordinary keys', () => {
  const patched = applyJsonPatch({ metadata: {} }, [
    { op: 'add', path: '/metadata/__proto__', value: { polluted: true } },
  ])
  expect(Object.getOwnPropertyNames(patched['metadata'])).toEqual(['__proto__'])
  expect(({} as { polluted?: boolean }).polluted).toBeUndefined()
  expect(valueAt({ metadata: {} }, '/metadata/constructor')).toBeUndefined()
})

test('a value that a patch added is found at its path, whatever the name', () => {
  fc.assert(
    fc.property(fc.string(), fc.integer(), (name, value) => {
      const path = `/${escapePointerToken(name)}`
      expect(valueAt(applyJsonPatch({}, [{ op: 'add', path, value }]), path)).toBe(value)
    }),
  )
})

test('a patched array is copied once, whatever the number of patches', () => {
  let reads = 0
  const items = Array.from({ length: 1_000 }, (_, i) => ({ image: `app:${String(i)}` }))
  const containers = new Proxy(items, {
    get: (target, key, receiver): unknown => {
      if (typeof key === 'string' && /^\d+$/.test(key)) reads++
      return Reflect.get(target, key, receiver)
    },
  })
  const patches = items.map((_, i) => ({
    op: 'replace' as const,
    path: `/spec/containers/${String(i)}/image`,
    value: 'pinned',
  }))
  const patched = applyJsonPatch({ spec: { containers } }, patches)
  expect(valueAt(patched, '/spec/containers/999/image')).toBe('pinned')
  expect(items[999]).toEqual({ image: 'app:999' })
  expect(reads).toBeLessThanOrEqual(items.length)
})

test('a patched object shares its unchanged parts with the original, which stays as it was', () => {
  const value = { a: 1 }
  const document = { kept: { b: [1] }, list: [value, value] }
  const frozen = JSON.stringify(document)
  const patched = applyJsonPatch(document, [
    { op: 'replace', path: '/list/0/a', value: 2 },
    { op: 'add', path: '/new', value },
    { op: 'add', path: '/new/c', value: 3 },
  ])
  expect(patched['kept']).toBe(document.kept)
  expect(patched['list']).toEqual([{ a: 2 }, { a: 1 }])
  expect(patched['new']).toEqual({ a: 1, c: 3 })
  expect(value).toEqual({ a: 1 })
  expect(JSON.stringify(document)).toBe(frozen)
})
