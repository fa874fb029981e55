import fc from 'fast-check'
import { expect, test } from 'vitest'
import { applyJsonPatch, escapePointerToken, valueAt } from './json-patch.ts'

const pod = { metadata: { name: 'app' }, spec: { containers: [{ image: 'a' }, { image: 'b' }] } }

test('replaces a value in a list and leaves the original alone', () => {
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
])('refuses %s, which is not there', (path) => {
  expect(() => applyJsonPatch(pod, [{ op: 'replace', path, value: 'c' }])).toThrow(
    expect.objectContaining({ code: 'VERIFIER_PATCH_FAILED' }),
  )
})

test('treats names of Object.prototype as plain names', () => {
  const patched = applyJsonPatch({ metadata: {} }, [
    { op: 'add', path: '/metadata/__proto__', value: { polluted: true } },
  ])
  expect(Object.getOwnPropertyNames(patched['metadata'])).toEqual(['__proto__'])
  expect(({} as { polluted?: boolean }).polluted).toBeUndefined()
  expect(valueAt({ metadata: {} }, '/metadata/constructor')).toBeUndefined()
})

test('finds what it has added, whatever the name', () => {
  fc.assert(
    fc.property(fc.string(), fc.integer(), (name, value) => {
      const path = `/${escapePointerToken(name)}`
      expect(valueAt(applyJsonPatch({}, [{ op: 'add', path, value }]), path)).toBe(value)
    }),
  )
})
