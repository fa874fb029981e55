import { expect, test } from 'vitest'
import { fixedObjects, readOnce, type CheckedReader, type KubernetesReader } from './kubernetes.ts'

const { signal } = new AbortController()
const nothing = (): Promise<undefined> => Promise.resolve(undefined)
const circle: Record<string, unknown> = {}
circle['self'] = circle
let deep: object = {}
for (let i = 0; i < 5_000; i++) deep = { deep }

// Adapters are written in JavaScript, too.
const reader = (parts: object): CheckedReader => readOnce({ read: nothing, ...parts } as KubernetesReader)
const call = { target: 'kubernetes', method: 'GET', path: '/api/v1/pods' } as const

test.each<[string, unknown]>([
  ['undefined', undefined],
  ['a function', () => 1],
  ['a cyclic object', circle],
  ['a bigint', { x: 1n }],
  ['an object nested too deep', deep],
  ['a string beyond the limit', 'x'.repeat(33 * 1024 * 1024)],
])('the answer %s of a reader is refused', async (_, answer) => {
  await expect(reader({ call: () => Promise.resolve(answer) }).call?.(call, signal)).rejects.toThrow()
})

test.each<[string, unknown]>([
  ['null', null],
  ['a string', 'a string'],
  ['an array', []],
])('the object %s of a reader is refused', async (_, answer) => {
  await expect(
    reader({ read: () => Promise.resolve(answer) }).read('ConfigMap', 'default', 'c', signal),
  ).rejects.toThrow('ConfigMap c: expected an object')
})

test('instances of classes and dates are copied as JSON, and `__proto__` stays an ordinary key', async () => {
  class V1ConfigMap {
    readonly metadata = { creationTimestamp: new Date(0) }
    readonly data = JSON.parse('{"__proto__":{"polluted":"1"}}') as object
  }
  const found = await reader({ read: () => Promise.resolve(new V1ConfigMap()) }).read(
    'ConfigMap',
    'default',
    'c',
    signal,
  )
  expect(JSON.stringify(found)).toBe(
    '{"metadata":{"creationTimestamp":"1970-01-01T00:00:00.000Z"},"data":{"__proto__":{"polluted":"1"}}}',
  )
  expect('polluted' in {}).toBe(false)
})

test('later changes of a reader to its answer have no effect', async () => {
  const object = { data: { x: 'before' } }
  const once = reader({ read: () => Promise.resolve(object) })
  const found = await once.read('ConfigMap', 'default', 'c', signal)
  object.data.x = 'after'
  expect(found).toEqual({ data: { x: 'before' } })
  expect(await once.read('ConfigMap', 'default', 'c', signal)).toBe(found)
})

test('each object, call and entry is read once, by its own name', async () => {
  const asked: string[] = []
  const once = reader({
    read: (_kind: string, _namespace: string, name: string) => {
      asked.push(`read ${name}`)
      return Promise.resolve({ name })
    },
    call: ({ path }: { path: string }) => {
      asked.push(`call ${path}`)
      return Promise.resolve(path)
    },
    globalEntry: (name: string) => {
      asked.push(`entry ${name}`)
      return Promise.resolve(name)
    },
  })
  await once.read('Secret', 'kyverno', 'pull', signal)
  for (let i = 0; i < 2; i++) {
    await once.call?.(call, signal)
    await once.globalEntry?.('["Secret","kyverno","pull"]', signal)
  }
  await once.call?.({ ...call, path: '/api/v1/nodes' }, signal)
  expect(asked).toEqual(['read pull', 'call /api/v1/pods', 'entry ["Secret","kyverno","pull"]', 'call /api/v1/nodes'])
})

test('fixedObjects copies instances of classes, in any namespace', async () => {
  class V1Secret {
    readonly kind = 'Secret'
    readonly metadata = { name: 'pull', namespace: 'team', creationTimestamp: new Date(0) }
  }
  const secret = new V1Secret()
  const { read } = fixedObjects([secret, { kind: 'Secret' }])
  secret.metadata.name = 'other'
  expect(await read('Secret', 'team', 'pull', signal)).toMatchObject({
    metadata: { name: 'pull', creationTimestamp: '1970-01-01T00:00:00.000Z' },
  })
  expect(await read('Secret', 'default', 'pull', signal)).toBeUndefined()
})

test.each<[string, unknown]>([
  ['undefined', undefined],
  ['one object', { kind: 'Secret' }],
  ['an array with a hole', new Array(1)],
  ['an array with null', [null]],
])('fixedObjects refuses %s', (_, objects) => {
  expect(() => fixedObjects(objects as readonly object[])).toThrow(
    expect.objectContaining({ code: 'VERIFIER_OPTIONS_INVALID' }),
  )
})
