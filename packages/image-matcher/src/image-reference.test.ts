import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isDigest } from '@verify-images/primitives'
import { ImageError } from './image-error.ts'
import { digestProblem, parseImageReference, type RegistrySettings } from './image-reference.ts'

const DIGEST = `sha256:${'0123456789abcdef'.repeat(4)}`

describe('fills in the defaults', () => {
  test.each([
    ['nginx', 'docker.io/nginx:latest'],
    ['library/nginx', 'docker.io/library/nginx:latest'],
    ['nginx:1.2', 'docker.io/nginx:1.2'],
    [`nginx@${DIGEST}`, `docker.io/nginx@${DIGEST}`],
    [`nginx:1.2@${DIGEST}`, `docker.io/nginx@${DIGEST}`],
    ['localhost/x:1', 'localhost/x:1'],
    ['localhost:5000', 'docker.io/localhost:5000'],
    ['host:5000/x', 'host:5000/x:latest'],
    ['[::1]:5000/x', '[::1]:5000/x:latest'],
    ['Foo/bar', 'Foo/bar:latest'],
    ['a_b/c', 'docker.io/a_b/c:latest'],
    ['foo.bar/baz', 'foo.bar/baz:latest'],
  ])('the canonical form of %s is %s', (text, canonical) => {
    const reference = parseImageReference(text)
    expect(reference.canonical).toBe(canonical)
    expect(reference.reference).toBe(canonical)
  })

  test('parseImageReference returns all parts', () => {
    expect(parseImageReference(`ghcr.io/acme/team/app:v1@${DIGEST}`)).toEqual({
      registry: 'ghcr.io',
      path: 'acme/team/app',
      name: 'app',
      tag: 'v1',
      digest: DIGEST,
      reference: `ghcr.io/acme/team/app@${DIGEST}`,
      canonical: `ghcr.io/acme/team/app@${DIGEST}`,
      referenceWithTag: 'ghcr.io/acme/team/app:v1',
    })
  })

  test('a reference with a digest gets no tag', () => {
    expect(parseImageReference(`x@${DIGEST}`)).toMatchObject({ tag: '', referenceWithTag: 'docker.io/x:' })
  })

  test.each<[string, RegistrySettings, string, string]>([
    ['nginx', { defaultRegistry: 'ghcr.io/mirror' }, 'ghcr.io', 'ghcr.io/mirror/nginx:latest'],
    ['nginx', { defaultRegistry: 'ghcr.io/mirror', enableDefaultRegistryMutation: false }, '', 'mirror/nginx:latest'],
    ['nginx', { enableDefaultRegistryMutation: false }, '', 'nginx:latest'],
    ['ghcr.io/x', { enableDefaultRegistryMutation: false }, 'ghcr.io', 'ghcr.io/x:latest'],
    ['my_registry/x/y', { enableDefaultRegistryMutation: false }, 'my_registry', 'my_registry/x/y:latest'],
    ['nginx', { defaultRegistry: 'my_host' }, 'my_host', 'my_host/nginx:latest'],
  ])('%s with %j has registry %j', (text, settings, registry, canonical) => {
    expect(parseImageReference(text, settings)).toMatchObject({ registry, canonical })
  })
})

describe('rejects and never repairs', () => {
  test.each([
    ['', 'invalid reference format'],
    ['nginx ', 'invalid reference format'],
    [' nginx', 'invalid reference format'],
    ['nginx\n', 'invalid reference format'],
    ['nginx:', 'invalid reference format'],
    ['nginx:a:b', 'invalid reference format'],
    [`nginx@${DIGEST}@${DIGEST}`, 'invalid reference format'],
    [`nginx@${DIGEST}:tag`, 'invalid reference format'],
    ['app@sha256:x', 'invalid reference format'],
    ['a/../b', 'invalid reference format'],
    ['a/%2e%2e/b', 'invalid reference format'],
    ['a//b', 'invalid reference format'],
    ['http://ghcr.io/x', 'invalid reference format'],
    ['docker://nginx', 'invalid reference format'],
    ['user:pass@ghcr.io/x', 'invalid reference format'],
    ['ghcr.io./x', 'invalid reference format'],
    ['ｎginx', 'invalid reference format'],
    ['ghcr.io/аpp', 'invalid reference format'],
    [`nginx:${'a'.repeat(129)}`, 'invalid reference format'],
    ['ghcr.io/Acme/app', 'repository name must be lowercase'],
    ['Nginx', 'repository name must be lowercase'],
    ['nİginx', 'repository name must be lowercase'],
    ['n\u212Aginx', 'repository name must be lowercase'],
    [`ghcr.io/${'a'.repeat(256)}`, 'repository name must not be more than 255 characters'],
    [`nginx@${DIGEST.toUpperCase().replace('SHA', 'sha')}`, 'invalid checksum digest format'],
    [`nginx@${DIGEST}0`, 'invalid checksum digest length'],
    [`nginx@sha1:${'a'.repeat(40)}`, 'unsupported digest algorithm'],
  ])('rejects the reference %j: %s', (text, problem) => {
    expect(() => parseImageReference(text)).toThrow(
      expect.objectContaining({
        name: 'ImageError',
        code: /digest/.test(problem) ? 'IMAGE_DIGEST_INVALID' : 'IMAGE_REFERENCE_INVALID',
        message: expect.stringMatching(
          new RegExp(`defaultRegistry: docker\\.io, enableDefaultRegistryMutation: true: ${problem}$`),
        ) as string,
      }),
    )
  })

  test('rejects a Kelvin sign in a host, which lower-cases to k', () => {
    expect(() => parseImageReference('quay.io\u212A/x')).toThrow(ImageError)
  })

  test.each([5, null, undefined, {}, ['nginx']])('rejects %j, which is not a string', (value) => {
    expect(() => parseImageReference(value as unknown as string)).toThrow(
      expect.objectContaining({ code: 'IMAGE_REFERENCE_INVALID' }),
    )
  })

  test('rejects a reference that is too long, without repeating it', () => {
    expect(() => parseImageReference(`x/${'a'.repeat(1_000_000)}`)).toThrow(
      expect.objectContaining({
        code: 'IMAGE_REFERENCE_INVALID',
        message: expect.stringMatching(/^.{1,100}$/) as string,
      }),
    )
  })
})

describe('for every string', () => {
  const pieces = fc.constantFrom(
    'nginx',
    'ghcr.io',
    '/',
    ':',
    '@',
    '.',
    '-',
    '_',
    '__',
    'A',
    'v1',
    '5000',
    '[::1]',
    'sha256:',
    '0'.repeat(64),
    '日',
    ' ',
  )
  const texts = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 60 }),
    fc.array(pieces, { maxLength: 10 }).map((each) => each.join('')),
  )
  const read = (text: string): ReturnType<typeof parseImageReference> | undefined => {
    try {
      return parseImageReference(text)
    } catch (error) {
      expect(error).toBeInstanceOf(ImageError)
      return undefined
    }
  }

  test('any string gives a reference with a stable canonical form, or an ImageError', () => {
    fc.assert(
      fc.property(texts, (text) => {
        const reference = read(text)
        if (reference !== undefined)
          expect(parseImageReference(reference.canonical).canonical).toBe(reference.canonical)
      }),
      { numRuns: 2_000 },
    )
  })

  test('a reference that is composed of parts parses into these parts', () => {
    const component = fc.stringMatching(/^[a-z0-9]{1,5}(?:[._-][a-z0-9]{1,5})?$/)
    const parts = fc.record({
      host: fc.constantFrom('ghcr.io', 'localhost', 'r:5000'),
      path: fc.array(component, { minLength: 1, maxLength: 4 }),
      tag: fc.stringMatching(/^\w[\w.-]{0,9}$/),
    })
    fc.assert(
      fc.property(parts, ({ host, path, tag }) => {
        expect(parseImageReference(`${host}/${path.join('/')}:${tag}`)).toMatchObject({
          registry: host,
          path: path.join('/'),
          name: path.at(-1),
          tag,
          digest: '',
        })
      }),
    )
  })

  test('reads a long malformed reference without backtracking', () => {
    for (const text of [
      `${'a-'.repeat(2_000)}!`,
      `${'a'.repeat(4_000)}!`,
      `${'a.'.repeat(2_000)}/x`,
      `${'-'.repeat(4_000)}/x`,
      `x@${'a+'.repeat(2_000)}`,
    ])
      read(text)
  })
})

test.each([
  null,
  'ghcr.io',
  { defaultregistry: 'ghcr.io' },
  { defaultRegistry: null },
  { enableDefaultRegistryMutation: 'no' },
])('rejects the settings %j', (settings) => {
  expect(() => parseImageReference('app', settings as never)).toThrow(
    expect.objectContaining({ code: 'IMAGE_OPTIONS_INVALID' }),
  )
})

const HEX_DIGITS = '0123456789abcdef'.repeat(8)

test.each([
  ['', 'invalid checksum digest format'],
  ['sha256', 'invalid checksum digest format'],
  ['sha256:', 'invalid checksum digest format'],
  [`:${HEX_DIGITS.slice(0, 64)}`, 'invalid checksum digest format'],
  [`SHA256:${HEX_DIGITS.slice(0, 64)}`, 'invalid checksum digest format'],
  [`sha256:${HEX_DIGITS.slice(0, 64).toUpperCase()}`, 'invalid checksum digest format'],
  [`sha256:${HEX_DIGITS.slice(0, 63)}\n`, 'invalid checksum digest format'],
  [`sha256:${HEX_DIGITS.slice(0, 63)}`, 'invalid checksum digest length'],
  [`sha256:${HEX_DIGITS}`, 'invalid checksum digest length'],
  [`sha1:${HEX_DIGITS.slice(0, 40)}`, 'unsupported digest algorithm'],
  [`constructor:${HEX_DIGITS.slice(0, 64)}`, 'unsupported digest algorithm'],
])('rejects the digest %j: %s', (text, problem) => {
  expect(digestProblem(text)).toBe(problem)
})

test('digestProblem accepts exactly the strings that isDigest accepts', () => {
  const hex = fc.string({ unit: fc.constantFrom('0', '9', 'a', 'f', 'F'), minLength: 62, maxLength: 66 })
  const texts = fc.oneof(
    fc.string({ unit: 'binary' }),
    hex.map((digits) => `sha256:${digits.toLowerCase()}`),
    hex.map((digits) => `sha256:${digits}`),
  )
  fc.assert(
    fc.property(texts, (text) => {
      expect(digestProblem(text) === undefined).toBe(isDigest(text))
    }),
  )
})
