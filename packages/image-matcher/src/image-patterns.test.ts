import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { compileImagePatterns, matchesImage, matchImage, skipsImage } from './image-patterns.ts'
import { parseImageReference } from './image-reference.ts'

const DIGEST = `sha256:${'ab'.repeat(32)}`
const matches = (pattern: string, image: string, compatibility: 'strict' | 'kyverno'): boolean =>
  matchesImage(compileImagePatterns([pattern]), parseImageReference(image), { compatibility })

describe('with strict and with kyverno matching', () => {
  test.each([
    ['*', 'nginx', true],
    ['ghcr.io/acme/*', 'ghcr.io/acme/app:1', true],
    ['ghcr.io/acme/*', 'ghcr.io/acme-evil/app:1', false],
    ['ghcr.io/*', 'ghcr.io.evil.example/app', false],
    ['registry.local/app', 'registry.local/app:1', false],
    ['REGISTRY.LOCAL/*', 'registry.local/app:1', false],
    ['registry.local/app@sha256:*', `registry.local/app@${DIGEST}`, true],
    ['registry.local/app@sha256:*', 'registry.local/app:1', false],
    ['registry.local/app:v2', 'registry.local/app:v1', false],
    ['quay.io/library/*', 'quay.io/nginx', false],
  ])('the pattern %s on %s, strict and as in Kyverno: %s', (pattern, image, expected) => {
    expect(matches(pattern, image, 'strict')).toBe(expected)
    expect(matches(pattern, image, 'kyverno')).toBe(expected)
  })
})

describe('an equivalent reference does not escape a rule', () => {
  const equivalents = [
    'nginx',
    'library/nginx',
    'docker.io/nginx',
    'docker.io/library/nginx',
    'index.docker.io/nginx',
    'index.docker.io/library/nginx',
    'registry-1.docker.io/library/nginx',
    'registry.hub.docker.com/library/nginx',
    'docker.io:443/library/nginx',
    'DOCKER.IO/library/nginx',
    'Index.Docker.io:0443/nginx',
  ]
  test.each(
    equivalents.flatMap((image) =>
      [
        'docker.io/library/*',
        'docker.io/nginx:*',
        'nginx:*',
        'index.docker.io/library/nginx:latest',
        'registry-1.docker.io:443/library/nginx*',
      ].map((pattern) => [image, pattern]),
    ),
  )('%s matches %s', (image, pattern) => {
    expect(matches(pattern, image, 'strict')).toBe(true)
    const bare = parseImageReference(image, { enableDefaultRegistryMutation: false })
    expect(matchesImage(compileImagePatterns([pattern]), bare)).toBe(true)
  })

  test.each([
    ['ghcr.io/acme/*', 'ghcr.io:443/acme/app'],
    ['ghcr.io/acme/*', 'GHCR.IO/acme/app'],
    ['ghcr.io:443/acme/*', 'ghcr.io/acme/app'],
    ['[::1]:5000/*', '[0:0:0:0:0:0:0:1]:5000/app'],
    ['127.0.0.1:5000/*', '127.1:5000/app'],
  ])('the pattern %s matches %s', (pattern, image) => {
    expect(matchImage(compileImagePatterns([pattern]), parseImageReference(image))).toEqual({
      matches: true,
      kyvernoMatches: false,
    })
  })

  test.each([
    ['docker.io/library/*', 'docker.io/acme/nginx'],
    ['docker.io/*', 'docker.io.evil.example/nginx'],
    ['docker.io/*', 'notdocker.io/nginx'],
    ['docker.io/*', 'docker.io:5000/nginx'],
    ['docker.io/nginx:*', 'library/nginx/x'],
  ])('the pattern %s does not match %s', (pattern, image) => {
    expect(matches(pattern, image, 'strict')).toBe(false)
  })
})

describe('an image does not escape a rule for tags by its digest', () => {
  test.each([
    ['r.example/app:*', `r.example/app@${DIGEST}`],
    ['r.example/app:*', `r.example/app:v1@${DIGEST}`],
    ['r.example/app:v1*', `r.example/app:v1@${DIGEST}`],
    ['r.example/app:v1*', `r.example/app@${DIGEST}`],
    ['r.example/app:v1*', `r.example/app:zzz@${DIGEST}`],
    [`r.example/app:v1@${DIGEST}`, `r.example/app:v1@${DIGEST}`],
    ['docker.io/library/nginx:*', `index.docker.io/nginx:1@${DIGEST}`],
  ])('the pattern %s matches %s', (pattern, image) => {
    expect(matchImage(compileImagePatterns([pattern]), parseImageReference(image))).toEqual({
      matches: true,
      kyvernoMatches: false,
    })
  })

  test('a pattern for tags does not match the digest of another repository', () => {
    expect(matches('r.example/app:*', `r.example/apple@${DIGEST}`, 'strict')).toBe(false)
  })
})

describe('skipping', () => {
  const skips = (pattern: string, image: string): boolean =>
    skipsImage(compileImagePatterns([pattern]), parseImageReference(image))

  test('skipping matches the canonical reference only, so strict matching never skips more', () => {
    expect(skips('docker.io/library/*', 'docker.io/library/nginx')).toBe(true)
    expect(skips('docker.io/library/*', 'index.docker.io/library/nginx')).toBe(false)
    expect(skips('docker.io/library/*', 'nginx')).toBe(false)
  })

  test('skipping ignores a tag beside a digest', () => {
    expect(skips('r.example/app:safe', 'r.example/app:safe')).toBe(true)
    expect(skips('r.example/app:safe', `r.example/app:safe@${DIGEST}`)).toBe(false)
  })
})

test('strict matching matches everything that Kyverno matches', () => {
  const patterns = fc
    .array(fc.constantFrom('*', '?', 'ghcr.io', 'docker.io', '/', 'app', ':', 'v1', '@', 'nginx'), { maxLength: 6 })
    .map((each) => each.join(''))
  const images = fc.constantFrom(
    'nginx',
    'nginx:v1',
    `nginx@${DIGEST}`,
    'ghcr.io/app',
    `ghcr.io/app:v1@${DIGEST}`,
    'docker.io/app:v1',
  )
  fc.assert(
    fc.property(patterns, images, (pattern, image) => {
      const { matches: strict, kyvernoMatches } = matchImage(
        compileImagePatterns([pattern]),
        parseImageReference(image),
      )
      expect(strict || !kyvernoMatches).toBe(true)
    }),
  )
})

test.each([['a'.repeat(1_025)], [5 as unknown as string]])(
  'rejects a pattern that is too long or not a string',
  (pattern) => {
    expect(() => compileImagePatterns([pattern])).toThrow(expect.objectContaining({ code: 'IMAGE_PATTERN_INVALID' }))
  },
)

test('a default registry that does not become part of the reference matches no pattern, as in Kyverno', () => {
  const settings = { defaultRegistry: 'registry.test', enableDefaultRegistryMutation: false }
  expect(matchImage(compileImagePatterns(['registry.test/*']), parseImageReference('app', settings))).toEqual({
    matches: false,
    kyvernoMatches: false,
  })
  expect(matchImage(compileImagePatterns(['app:*']), parseImageReference('app', settings))).toEqual({
    matches: true,
    kyvernoMatches: true,
  })
})

// What callers without types may write.
test.each<[string, () => unknown, string]>([
  ['a string instead of patterns', () => compileImagePatterns('registry.test/*' as never), 'IMAGE_PATTERN_INVALID'],
  ['undefined instead of patterns', () => compileImagePatterns(undefined as never), 'IMAGE_PATTERN_INVALID'],
  [
    'patterns that are not compiled',
    () => matchImage(['*'] as never, parseImageReference('app')),
    'IMAGE_PATTERN_INVALID',
  ],
  [
    'a reference that is not parsed',
    () => matchesImage(compileImagePatterns(['*']), 'app' as never),
    'IMAGE_REFERENCE_INVALID',
  ],
  [
    'an undefined reference in skipsImage',
    () => skipsImage(compileImagePatterns([]), undefined as never),
    'IMAGE_REFERENCE_INVALID',
  ],
])('image patterns reject %s', (_, ask, code) => {
  expect(ask).toThrow(expect.objectContaining({ code }))
})
