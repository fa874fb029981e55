import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Json, JsonObject } from '@verify-images/primitives'
import { extractImages, extractKyvernoImages } from './extract-images.ts'
import { ImageError } from './image-error.ts'
import type { ImageExtractors } from './image-extractors.ts'

const pod = (spec: Json): JsonObject => ({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' }, spec })
const found = (resource: JsonObject, extractors?: ImageExtractors): string[] =>
  extractImages(resource, extractors).map(({ group, key, pointer, text }) => `${group} ${key} ${pointer} ${text}`)
const refusal = (code: string, pointer: string, difference?: string): unknown =>
  expect.objectContaining({ name: 'ImageError', code, pointer, difference })

describe('finds images where a Pod keeps them', () => {
  const spec = {
    volumes: [
      { name: 'v', image: { reference: 'r.example/data:1' } },
      { name: 'e', emptyDir: {} },
    ],
    containers: [
      { name: 'a', image: 'nginx' },
      { name: 'b', image: 'nginx:2' },
    ],
    initContainers: [{ name: 'i', image: 'busybox', restartPolicy: 'Always' }],
    ephemeralContainers: [{ name: 'e', image: 'alpine' }],
  }

  test('finds the images of a Pod in document order', () => {
    expect(found(pod(spec))).toEqual([
      'initContainers i /spec/initContainers/0/image busybox',
      'containers a /spec/containers/0/image nginx',
      'containers b /spec/containers/1/image nginx:2',
      'ephemeralContainers e /spec/ephemeralContainers/0/image alpine',
      'volumes /spec/volumes/0/image/reference /spec/volumes/0/image/reference r.example/data:1',
    ])
  })

  test.each(['DaemonSet', 'Deployment', 'ReplicaSet', 'ReplicationController', 'StatefulSet', 'Job'])(
    'finds the images in the template of a %s',
    (kind) => {
      const images = extractImages({ kind, spec: { template: { spec } } })
      expect(images.map(({ pointer }) => pointer)).toContain('/spec/template/spec/ephemeralContainers/0/image')
      expect(images).toHaveLength(5)
    },
  )

  test('finds the images in a CronJob', () => {
    expect(
      extractImages({ kind: 'CronJob', spec: { jobTemplate: { spec: { template: { spec } } } } }).map(
        ({ pointer }) => pointer,
      ),
    ).toContain('/spec/jobTemplate/spec/template/spec/containers/1/image')
  })

  test('finds the images in a PodTemplate and in a List, which Kyverno ignores', () => {
    const template = { kind: 'PodTemplate', template: { spec } }
    expect(extractImages(template)).toHaveLength(5)
    expect(extractImages(template).some(({ seenByKyverno }) => seenByKyverno)).toBe(false)
    const list = extractImages({ kind: 'List', items: [{ kind: 'ConfigMap' }, pod(spec)] })
    expect(list.map(({ pointer }) => pointer)).toContain('/items/1/spec/volumes/0/image/reference')
    expect(list.at(-1)?.key).toBe('/items/1/spec/volumes/0/image/reference')
    expect(extractKyvernoImages(template)).toEqual({})
  })

  test('marks the images that Kyverno finds', () => {
    expect(extractImages(pod(spec)).map(({ seenByKyverno }) => seenByKyverno)).toEqual([true, true, true, true, false])
    expect(Object.keys(extractKyvernoImages(pod(spec)))).toEqual([
      'initContainers',
      'containers',
      'ephemeralContainers',
    ])
  })

  test('finds no image in an unknown kind', () => {
    expect(found({ kind: 'Task', spec })).toEqual([])
    expect(found({ kind: 'constructor', spec })).toEqual([])
    expect(found({ spec })).toEqual([])
  })
})

describe('an object without images has none', () => {
  test.each<[string, Json]>([
    ['no containers', {}],
    ['an empty array', { containers: [] }],
    ['null for the array', { containers: null }],
    ['a container without an image', { containers: [{ name: 'a' }] }],
    ['a container whose image is null', { containers: [{ name: 'a', image: null }] }],
    ['a container with an empty image', { containers: [{ name: 'a', image: '' }] }],
    ['a container with a blank image', { containers: [{ name: 'a', image: ' \u2003' }] }],
    ['a volume image without a reference', { volumes: [{ name: 'v', image: {} }] }],
  ])('an object with %s has no images', (_what, spec) => {
    expect(found(pod(spec))).toEqual([])
  })
})

test.each(['', ' ', '\t\u0085'])('a blank image %j is skipped, and the images beside it are found', (blank) => {
  const containers = [
    { name: 'a', image: blank },
    { name: 'b', image: 'nginx' },
  ]
  expect(found(pod({ containers }))).toEqual(['containers b /spec/containers/1/image nginx'])
})

describe('an unreadable image is an error of the whole object', () => {
  const good = { name: 'good', image: 'nginx' }
  test.each<[string, Json, string, string, string | undefined]>([
    [
      'an invalid reference',
      { containers: [good, { name: 'b', image: 'App:x' }] },
      'IMAGE_REFERENCE_INVALID',
      '/spec/containers/1/image',
      undefined,
    ],
    [
      'a bad digest',
      { containers: [{ name: 'b', image: `x@sha1:${'a'.repeat(40)}` }] },
      'IMAGE_DIGEST_INVALID',
      '/spec/containers/0/image',
      undefined,
    ],
    [
      'a container without a name',
      { containers: [{ image: 'nginx' }] },
      'IMAGE_KEY_INVALID',
      '/spec/containers/0',
      undefined,
    ],
    [
      'a container whose name is a number',
      { containers: [{ name: 5, image: 'nginx' }] },
      'IMAGE_KEY_INVALID',
      '/spec/containers/0',
      undefined,
    ],
    ['a string for a container', { containers: ['nginx'] }, 'IMAGE_OBJECT_INVALID', '/spec/containers/0', undefined],
    ['an array for a container', { containers: [[good]] }, 'IMAGE_OBJECT_INVALID', '/spec/containers/0', undefined],
    ['a string for the array', { containers: 'nginx' }, 'IMAGE_OBJECT_INVALID', '/spec/containers', 'S1'],
    ['an object for the array', { containers: { a: good } }, 'IMAGE_OBJECT_INVALID', '/spec/containers', 'S1'],
    ['null for a container', { containers: [null] }, 'IMAGE_OBJECT_INVALID', '/spec/containers/0', 'S1'],
    [
      'a number for an image',
      { containers: [{ name: 'a', image: 5 }] },
      'IMAGE_OBJECT_INVALID',
      '/spec/containers/0/image',
      'S1',
    ],
    [
      'an array for an image',
      { containers: [{ name: 'a', image: ['nginx'] }] },
      'IMAGE_OBJECT_INVALID',
      '/spec/containers/0/image',
      'S1',
    ],
    [
      'a string for a volume image',
      { volumes: [{ name: 'v', image: 'nginx' }] },
      'IMAGE_OBJECT_INVALID',
      '/spec/volumes/0/image',
      undefined,
    ],
    ['a string for the spec', 'nginx', 'IMAGE_OBJECT_INVALID', '/spec', undefined],
    ['an array for the spec', [], 'IMAGE_OBJECT_INVALID', '/spec', undefined],
    ['no spec', null, 'IMAGE_OBJECT_INVALID', '/spec', 'S1'],
  ])('%s is an error of the whole object', (_what, spec, code, pointer, difference) => {
    expect(() => extractImages(pod(spec))).toThrow(refusal(code, pointer, difference) as Error)
  })

  test('a Pod without a spec is an error', () => {
    expect(() => extractImages({ kind: 'Pod' })).toThrow(refusal('IMAGE_OBJECT_INVALID', '/spec', 'S1') as Error)
  })

  test.each([null, 'Pod', 5, [], undefined])('%j instead of an object is an error', (resource) => {
    expect(() => extractImages(resource as unknown as JsonObject)).toThrow(refusal('IMAGE_OBJECT_INVALID', '') as Error)
  })

  test('a List with items that are not objects is an error', () => {
    expect(() => extractImages({ kind: 'List', items: ['x'] })).toThrow(
      refusal('IMAGE_OBJECT_INVALID', '/items/0', 'S1') as Error,
    )
    expect(() => extractImages({ kind: 'List', items: [{ kind: 'List', items: [] }] })).toThrow(ImageError)
    expect(() => extractImages({ kind: 'List', items: 5 })).toThrow(ImageError)
  })

  test('more images than the limit are an error', () => {
    const containers = Array.from({ length: 1_001 }, (_, i) => ({ name: `c${String(i)}`, image: 'nginx' }))
    expect(() => extractImages(pod({ containers }))).toThrow(expect.objectContaining({ code: 'IMAGE_LIMIT_EXCEEDED' }))
    expect(extractImages(pod({ containers: containers.slice(1) }))).toHaveLength(1_000)
  })
})

describe('no image hides behind another', () => {
  test.each([
    ['signed', 'unsigned'],
    ['unsigned', 'signed'],
  ])('two containers with one name are two images, %s and %s', (first, second) => {
    const twins = pod({
      containers: [
        { name: 'main', image: first },
        { name: 'main', image: second },
      ],
    })
    expect(extractImages(twins).map(({ text, seenByKyverno }) => [text, seenByKyverno])).toEqual([
      [first, false],
      [second, true],
    ])
    expect(extractKyvernoImages(twins)['containers']?.['main']?.name).toBe(second)
  })

  test('two extractors with one name find two images', () => {
    const extractors = {
      Task: [
        { path: '/a/*', value: 'image', key: 'name', name: 'x' },
        { path: '/b/*', value: 'image', key: 'name', name: 'x' },
      ],
    }
    const task = { kind: 'Task', a: [{ name: 'one', image: 'one' }], b: [{ name: 'two', image: 'two' }] }
    expect(extractImages(task, extractors).map(({ text, seenByKyverno }) => [text, seenByKyverno])).toEqual([
      ['one', false],
      ['two', true],
    ])
    expect(Object.keys(extractKyvernoImages(task, extractors)['x'] ?? {})).toEqual(['two'])
  })

  test('an image is found under any container name', () => {
    const containers = ['__proto__', 'constructor', 'hasOwnProperty', 'a/b~c'].map((name) => ({ name, image: 'nginx' }))
    expect(extractImages(pod({ containers })).map(({ key }) => key)).toEqual(containers.map(({ name }) => name))
    const images = extractKyvernoImages(pod({ containers }))['containers'] ?? {}
    expect(Object.keys(images)).toEqual(containers.map(({ name }) => name))
    expect(Object.getPrototypeOf(images)).toBe(Object.prototype)
    expect(({} as JsonObject)['name']).toBeUndefined()
  })
})

describe('custom extractors', () => {
  const task = {
    kind: 'Task',
    spec: {
      steps: [
        { name: 's', image: 'one' },
        { name: 't', image: 'two' },
      ],
      url: 'oci://r.example/three',
      data: { k1: { img: 'four' }, k2: { img: 'five' } },
      num: 5,
      imagePullSecrets: [{ name: 'secret' }, { name: 5 }, 'x'],
    },
  }
  test.each([
    [
      { path: '/spec/steps/*', value: 'image', key: 'name' },
      ['custom s /spec/steps/0/image one', 'custom t /spec/steps/1/image two'],
    ],
    [
      { path: ' spec // steps/* /image/', name: 'steps' },
      ['steps /spec/steps/0/image /spec/steps/0/image one', 'steps /spec/steps/1/image /spec/steps/1/image two'],
    ],
    [
      { path: 'spec/data/*/img' },
      ['custom /spec/data/k1/img /spec/data/k1/img four', 'custom /spec/data/k2/img /spec/data/k2/img five'],
    ],
    [{ path: '/spec/missing/*/image' }, []],
    [{ path: '/spec/url', jmesPath: 'x' }, ['custom /spec/url /spec/url oci://r.example/three']],
  ])('the extractor %j finds its images', (extractor, expected) => {
    const images = extractImages(
      task,
      { Task: [extractor] },
      { evaluate: (_expression, text) => text.replace('oci://', '') },
    )
    expect(images.map(({ group, key, pointer, text }) => `${group} ${key} ${pointer} ${text}`)).toEqual(expected)
  })

  test('extractors return the pull secrets of the ancestors', () => {
    expect(extractImages(task, { Task: [{ path: '/spec/steps/*/image' }] })[0]?.imagePullSecrets).toEqual(['secret'])
  })

  test('extractors replace the built-in ones of their kind, and of no other', () => {
    const extractors = { Pod: [{ path: '/spec/image' }] }
    expect(found(pod({ image: 'x', containers: [{ name: 'a', image: 'y' }] }), extractors)).toEqual([
      'custom /spec/image /spec/image x',
    ])
    expect(
      found({ kind: 'Job', spec: { template: { spec: { containers: [{ name: 'a', image: 'y' }] } } } }, extractors),
    ).toHaveLength(1)
  })

  test.each([
    ['/', 'IMAGE_EXTRACTOR_INVALID'],
    ['a/'.repeat(70), 'IMAGE_EXTRACTOR_INVALID'],
    ['/spec/steps/image', 'IMAGE_OBJECT_INVALID'],
    ['/spec/*/image', 'IMAGE_OBJECT_INVALID'],
    ['/spec/num/*', 'IMAGE_OBJECT_INVALID'],
    ['/spec/num', 'IMAGE_OBJECT_INVALID'],
    ['/spec/steps/0/image', 'IMAGE_OBJECT_INVALID'],
    ['/spec/url', 'IMAGE_REFERENCE_INVALID'],
  ])('an extractor with the path %s fails with %s', (path, code) => {
    expect(() => extractImages(task, { Task: [{ path }] })).toThrow(expect.objectContaining({ code }))
  })

  test('an empty array of extractors is an error', () => {
    expect(() => extractImages(pod({}), { Pod: [] })).toThrow(
      expect.objectContaining({ code: 'IMAGE_EXTRACTOR_INVALID', message: 'no extractors found for Pod' }),
    )
  })
})

describe('keys are data, never expressions', () => {
  const names = [
    '@foo()',
    '?(@.x)',
    '(1+1)',
    '^',
    '~',
    '$',
    '..',
    '0:2',
    'a,b',
    '`x',
    "'q'",
    '__proto__',
    'constructor',
    '] || process.exit() || [',
    '{{ x }}',
    '${x}',
    ';',
    '%@%',
    '#0',
    '\\',
  ]
  test.each(names)('%s as a step, below a wildcard, and as a field', (name) => {
    const inner = Object.fromEntries([[name, 'nginx']])
    const task = { kind: 'Task', ...Object.fromEntries([[name, inner]]) }
    const pointer = `/${name.replaceAll('~', '~0')}`
    if (name !== '*')
      expect(extractImages(task, { Task: [{ path: name, value: name }] }).map((image) => image.pointer)).toEqual([
        `${pointer}${pointer}`,
      ])
    expect(
      extractImages(
        { kind: 'Task', all: Object.fromEntries([[name, inner]]) },
        { Task: [{ path: 'all/*', value: name }] },
      ).map((image) => image.pointer),
    ).toEqual([`/all${pointer}${pointer}`])
    // A name that is not there finds nothing else instead.
    expect(
      extractImages({ kind: 'Task', a: { x: 'nginx' }, b: { x: 'nginx' } }, { Task: [{ path: name, value: 'x' }] }),
    ).toEqual([])
  })

  test('pointers are escaped, although Kyverno does not escape them', () => {
    const annotated = { ...pod({}), metadata: { annotations: { 'team/image~1': 'nginx' } } }
    const extractors = { Pod: [{ path: '/metadata/annotations', value: 'team/image~1' }] }
    expect(extractImages(annotated, extractors)).toMatchObject([
      { pointer: '/metadata/annotations/team~1image~01', key: '/metadata/annotations/team/image~1' },
    ])
    expect(extractKyvernoImages(annotated, extractors)).toMatchObject({
      custom: { '/metadata/annotations/team/image~1': { jsonPointer: '/metadata/annotations/team/image~1' } },
    })
  })
})

describe('expressions of extractors', () => {
  const evaluate = (answer: unknown) => () =>
    extractImages(
      { kind: 'T', x: 'nginx' },
      { T: [{ path: 'x', jmesPath: 'e' }] },
      {
        evaluate: () => {
          if (answer instanceof Error) throw answer
          return answer
        },
      },
    )
  test.each([
    [null, 'jmespath e must produce a string, but produced <nil>'],
    [['a', ['b', true]], 'jmespath e must produce a string, but produced [a [b true]]'],
    [{ b: 1, a: null }, 'jmespath e must produce a string, but produced map[a:<nil> b:1]'],
    [new Error('no such function'), 'failed to apply jmespath e: no such function'],
    [Object.assign(new Error('SyntaxError: x'), { kind: 'syntax' }), 'invalid jmespath e: SyntaxError: x'],
  ])('an extractor whose expression returns %j is refused', (answer, message) => {
    expect(evaluate(answer)).toThrow(
      expect.objectContaining({ code: 'IMAGE_EXPRESSION_FAILED', message, pointer: '/x' }),
    )
  })

  test('an extractor with a jmesPath is an error without the option `evaluate`', () => {
    expect(() => extractImages({ kind: 'T', x: 'nginx' }, { T: [{ path: 'x', jmesPath: 'e' }] })).toThrow(
      expect.objectContaining({ code: 'IMAGE_EXTRACTOR_INVALID' }),
    )
  })
})

test('any object gives images or an ImageError', () => {
  const key = fc.constantFrom(
    'spec',
    'template',
    'containers',
    'initContainers',
    'volumes',
    'image',
    'reference',
    'name',
    'items',
    'kind',
    '__proto__',
  )
  const { value } = fc.letrec<{ value: Json }>((tie) => ({
    value: fc.oneof(
      { depthSize: 'medium' },
      fc.constantFrom<Json>(null, 5, '', 'nginx', 'Pod', true),
      fc.array(tie('value'), { maxLength: 3 }),
      fc.dictionary(key, tie('value'), { maxKeys: 4, noNullPrototype: true }),
    ),
  }))
  fc.assert(
    fc.property(
      fc.constantFrom('Pod', 'Deployment', 'CronJob', 'List', 'PodTemplate', 'Task'),
      fc.dictionary(key, value, { noNullPrototype: true }),
      (kind, object) => {
        try {
          for (const { pointer } of extractImages({ ...object, kind }, { Task: [{ path: 'spec/*/image' }] }))
            expect(pointer).toMatch(/^\//)
        } catch (error) {
          expect(error).toBeInstanceOf(ImageError)
        }
      },
    ),
  )
})

test('extracts from an object of 50 000 members', () => {
  const map = Object.fromEntries(Array.from({ length: 50_000 }, (_, i) => [`k${String(i)}`, {}]))
  expect(extractImages({ kind: 'T', map }, { T: [{ path: 'map/*/image' }] })).toEqual([])
})
