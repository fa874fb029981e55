import fc from 'fast-check'
import { expect, test } from 'vitest'
import { RegistryError } from './registry-error.ts'
import { canonicalHost } from '@verify-images/image-matcher'
import { checkReference, parseRepository } from './repository.ts'

const INVALID: unknown = expect.objectContaining({ code: 'REGISTRY_REFERENCE_INVALID' })

test.each([
  ['ghcr.io/acme/app', 'ghcr.io', 'acme/app'],
  ['registry.local:5000/app', 'registry.local:5000', 'app'],
  ['localhost/app', 'localhost', 'app'],
  ['localhost:5000/app', 'localhost:5000', 'app'],
  ['nginx', 'index.docker.io', 'library/nginx'],
  ['docker.io/nginx', 'index.docker.io', 'library/nginx'],
  ['index.docker.io/library/nginx', 'index.docker.io', 'library/nginx'],
  ['registry-1.docker.io/acme/app', 'index.docker.io', 'acme/app'],
  ['acme/app', 'index.docker.io', 'acme/app'],
  ['GHCR.io/acme/app', 'ghcr.io', 'acme/app'],
  ['[::1]:5000/app', '[::1]:5000', 'app'],
])('%s is %s and %s', (text, host, path) => {
  expect(parseRepository(text)).toEqual({ host, path, name: `${host}/${path}` })
})

test.each([
  '',
  '/',
  'ghcr.io/',
  'ghcr.io/Acme',
  'ghcr.io/a//b',
  'ghcr.io/../a',
  'ghcr.io/a/..',
  'ghcr.io/a?b',
  'ghcr.io/a#b',
  'ghcr.io/a b',
  'ghcr.io/a%2fb',
  'user@ghcr.io/a',
  'ghcr.io:0/a',
  'ghcr.io:65536/a',
  'ghcr.io:x/a',
  'ghcr.io./a',
  '-x.io/a',
  `ghcr.io/${'a'.repeat(256)}`,
  'ghcr.io/a\n',
  '[::1/a',
  '__proto__:1/a',
])('refuses %j', (text) => {
  expect(() => parseRepository(text)).toThrow(INVALID)
})

test('a host whose name resembles Docker Hub is another host', () => {
  expect(parseRepository('notdocker.io/app').host).toBe('notdocker.io')
  expect(parseRepository('docker.io.evil.com/app').host).toBe('docker.io.evil.com')
  expect(canonicalHost('docker.io:443')).toBe('docker.io:443')
})

test('parses any string to a repository with its own host or throws a RegistryError', () => {
  fc.assert(
    fc.property(
      fc.string({
        unit: fc.constantFrom('a', 'B', '.', '/', ':', '@', '-', '_', '[', ']', '1', '%', '\\', '?', '#', ' '),
      }),
      (text) => {
        try {
          const { host, path } = parseRepository(text)
          const url = URL.parse(`https://${host}/v2/${path}/tags`)
          // Numbers are addresses in other spellings; those are judged when connecting.
          if (url !== null) expect(url.pathname).toBe(`/v2/${path}/tags`)
        } catch (error) {
          expect(error).toBeInstanceOf(RegistryError)
        }
      },
    ),
    { numRuns: 2000 },
  )
})

test('accepts tags and digests as references only', () => {
  for (const good of ['1.2', 'latest', '_x', `sha256:${'0'.repeat(64)}`, `sha256-${'0'.repeat(64)}.sig`])
    expect(() => checkReference(good)).not.toThrow()
  for (const bad of ['', '.', '-x', 'a/b', 'a:b', '../x', 'a'.repeat(129), 'sha256:00', 'a\n', 'a?b'])
    expect(() => checkReference(bad)).toThrow(INVALID)
})
