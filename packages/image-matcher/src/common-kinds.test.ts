import { describe, expect, test } from 'vitest'
import type { Json, JsonObject } from '@verify-images/primitives'
import { COMMON_KINDS, commonKindOf } from './common-kinds.ts'
import { extractImages, extractKyvernoImages } from './extract-images.ts'
import { hasExtractor } from './image-extractors.ts'

const common = { commonKinds: true }
const pointersOf = (object: JsonObject, options = common): readonly string[] =>
  extractImages(object, undefined, options).map(({ pointer }) => pointer)

/** Returns an object with an image at a path below its root; `*` is an array of one, and every container has a name. */
function objectAt(path: string): JsonObject {
  return path.split('/').reduceRight<Json>((inner, key) => {
    if (key === '*') return [inner]
    return key === 'image' ? { name: 'c', image: inner } : { [key]: inner }
  }, 'registry.test/app:1') as JsonObject
}

const places = COMMON_KINDS.flatMap(({ group, kinds, podSpecs = [], images = [] }) =>
  kinds.flatMap((kind) => [
    ...podSpecs.map((path) => [`${kind}.${group}`, `${path}/containers/*/image`] as const),
    ...images.map((path) => [`${kind}.${group}`, path] as const),
  ]),
)

test.each(places)('the image of a %s at %s is found, and only where that is asked for', (name, path) => {
  const [kind = '', ...group] = name.split('.')
  const object = { apiVersion: `${group.join('.')}/v1`, kind, ...objectAt(path) }
  expect(pointersOf(object)).toEqual([`/${path.replaceAll('*', '0')}`])
  if (hasExtractor(kind)) return // Kyverno goes by the kind alone, whatever its API group
  expect(extractImages(object, undefined, common)[0]?.seenByKyverno).toBe(false)
  expect(extractImages(object)).toEqual([])
  expect(extractKyvernoImages(object)).toEqual({})
})

const rollout = (spec: Json): JsonObject => ({ apiVersion: 'argoproj.io/v1alpha1', kind: 'Rollout', spec })
const podSpec = {
  initContainers: [{ name: 'i', image: 'init' }],
  containers: [{ name: 'a', image: 'app' }],
  volumes: [{ name: 'v', image: { reference: 'data' } }],
}

describe('a common kind', () => {
  test('a common kind has every container and image volume of its Pod spec', () => {
    expect(pointersOf(rollout({ template: { spec: podSpec } }))).toEqual([
      '/spec/template/spec/initContainers/0/image',
      '/spec/template/spec/containers/0/image',
      '/spec/template/spec/volumes/0/image/reference',
    ])
  })

  test('a common kind may have containers in a map', () => {
    const replicas = { Master: { template: { spec: podSpec } }, Worker: { template: { spec: podSpec } } }
    const job = { apiVersion: 'kubeflow.org/v1', kind: 'PyTorchJob', spec: { pytorchReplicaSpecs: replicas } }
    expect(pointersOf(job)).toHaveLength(6)
  })

  test('a common kind may have containers without names', () => {
    const task = { apiVersion: 'tekton.dev/v1', kind: 'Task', spec: { steps: [{ image: 'one' }, { image: 'two' }] } }
    expect(pointersOf(task)).toEqual(['/spec/steps/0/image', '/spec/steps/1/image'])
  })

  test('a common kind is one only in its API group', () => {
    expect(pointersOf({ ...rollout({ template: { spec: podSpec } }), apiVersion: 'example.com/v1' })).toEqual([])
    expect(pointersOf({ ...rollout({ template: { spec: podSpec } }), apiVersion: 'v1' })).toEqual([])
    expect(commonKindOf('argoproj.io', 'Rollout')).toBeDefined()
    expect(commonKindOf('', 'Rollout')).toBeUndefined()
    expect([
      hasExtractor('Rollout', {}, 'argoproj.io'),
      hasExtractor('Rollout', {}, 'x'),
      hasExtractor('Rollout'),
    ]).toEqual([true, false, false])
  })

  test('extractors of the policy replace those of a common kind', () => {
    const extractors = { Rollout: [{ path: '/spec/image' }] }
    const images = extractImages(rollout({ image: 'x', template: { spec: podSpec } }), extractors, common)
    expect(images.map(({ text }) => text)).toEqual(['x'])
  })

  test('a common kind adds to the images that Kyverno finds by the kind alone', () => {
    const job = {
      apiVersion: 'batch.volcano.sh/v1alpha1',
      kind: 'Job',
      spec: { template: { spec: podSpec }, tasks: [{ template: { spec: podSpec } }] },
    }
    expect(pointersOf(job)).toHaveLength(6)
    expect(pointersOf(job, { commonKinds: false })).toHaveLength(3)
  })

  test.each<[string, Json]>([
    ['null for a container', { containers: [null] }],
    ['a string for the containers', { containers: 'x' }],
    ['a string for a container', { containers: ['x'] }],
    ['a number for an image', { containers: [{ name: 'a', image: 5 }] }],
    ['a template for an image, which only its controller can fill in', { containers: [{ image: '{{image}}' }] }],
  ])('a common kind with %s is an error, because that could hide an image', (_what, spec) => {
    expect(() => pointersOf(rollout({ template: { spec } }))).toThrow(expect.objectContaining({ name: 'ImageError' }))
  })
})

test('each common kind is listed once, with its source', () => {
  const names = COMMON_KINDS.flatMap(({ group, kinds }) => kinds.map((kind) => `${kind}.${group}`))
  expect(names.filter((name, i) => names.indexOf(name) !== i)).toEqual([])
  for (const { source } of COMMON_KINDS) expect(new URL(source).protocol).toBe('https:')
})
