import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ImageError } from './image-error.ts'
import {
  canonicalHost,
  isImageReference,
  isRegistryHost,
  isRepositoryPath,
  isTag,
  parseRepositoryName,
  splitReference,
} from './reference-grammar.ts'

const sha256 = `sha256:${'a'.repeat(64)}`

/** `host path` as distribution/reference splits it, `-` for no host; `rejected` if the text is invalid. */
function byDistribution(text: string): string {
  const parts = splitReference(text)
  return parts === undefined || !isImageReference(text) ? 'rejected' : `${parts.domain || '-'} ${parts.path}`
}

/** `host path` as go-containerregistry splits it; `rejected` if the text is invalid. */
function byContainerRegistry(text: string): string {
  try {
    const { host, path } = parseRepositoryName(text)
    return `${host} ${path}`
  } catch (error) {
    if (!(error instanceof ImageError)) throw error
    return 'rejected'
  }
}

// The rows of the table in the README, in its order.
test.each([
  ['app', '- app', 'index.docker.io library/app'],
  ['acme/app', 'acme app', 'index.docker.io acme/app'],
  ['localhost/app', 'localhost app', 'localhost app'],
  ['docker.io/app', 'docker.io app', 'index.docker.io library/app'],
  ['registry.hub.docker.com/acme/app', 'registry.hub.docker.com acme/app', 'index.docker.io acme/app'],
  ['GHCR.io/acme/app', 'GHCR.io acme/app', 'ghcr.io acme/app'],
  ['Acme/app', 'Acme app', 'rejected'],
  ['r.test/a', 'r.test a', 'rejected'],
  ['r.test/a//b', 'rejected', 'r.test a//b'],
  ['r.test/../b', 'rejected', 'r.test ../b'],
  ['r.test/-a_', 'rejected', 'r.test -a_'],
  ['r.test:99999/app', 'r.test:99999 app', 'rejected'],
  ['r.test/app:1', 'r.test app', 'rejected'],
  [`r.test/app@${sha256}`, 'r.test app', 'rejected'],
])('%s is %s to distribution/reference and %s to go-containerregistry', (text, distribution, containerRegistry) => {
  expect(byDistribution(text)).toBe(distribution)
  expect(byContainerRegistry(text)).toBe(containerRegistry)
})

test('both libraries split a reference with a host at the same place', () => {
  const unit = fc.constantFrom('a', 'b', '.', '/', ':', '-', '_', '1', '[', ']')
  fc.assert(
    fc.property(fc.string({ unit }), (text) => {
      const parts = splitReference(text)
      const other = byContainerRegistry(text)
      if (parts === undefined || other === 'rejected' || other.startsWith('index.docker.io ')) return
      expect(other).toBe(`${parts.domain} ${parts.path}`)
    }),
    { numRuns: 3_000 },
  )
})

test.each([
  'nginx',
  'nginx:1.27',
  'ghcr.io/acme/app',
  'localhost:5000/a/b:v1',
  'a__b/c-d.e',
  `app@${sha256}`,
  `a.b/c:1@sha512:${'0'.repeat(128)}`,
  '[::1]:5000/x',
  'Host/app',
  'host:5000',
  // Only the path counts towards the limit of 255 characters, as in distribution/reference 0.6.
  `${'registry.'.repeat(10)}test/${'a'.repeat(255)}`,
])('%s is an image reference', (text) => {
  expect(isImageReference(text)).toBe(true)
})

test.each([
  '',
  'bad ref',
  'UPPER',
  'a/UPPER',
  'app:',
  'app@',
  'app@sha256:abc',
  `app@sha256:${'A'.repeat(64)}`,
  `app@md5:${'a'.repeat(32)}`,
  'a//b',
  '/a',
  'a/',
  'a:b:c',
  'x'.repeat(256),
  `app:${'x'.repeat(129)}`,
  'a@b@c',
])('%s is not an image reference', (text) => {
  expect(isImageReference(text)).toBe(false)
})

test.each([
  ['', 'repository must be between 2 and 255 characters in length: '],
  ['r.test/a', 'repository must be between 2 and 255 characters in length: a'],
  ['::', 'repository can only contain the characters `abcdefghijklmnopqrstuvwxyz0123456789_-./`: ::'],
  ['user@r.test/app', 'registries must be valid RFC 3986 URI authorities: user@r.test'],
  ['r.test:0/app', 'registries must be valid RFC 3986 URI authorities: r.test:0'],
  ['-r.test/app', 'registries must be valid RFC 3986 URI authorities: -r.test'],
])("rejects the repository %j with the library's message", (text, message) => {
  expect(() => parseRepositoryName(text)).toThrow(expect.objectContaining({ code: 'IMAGE_REFERENCE_INVALID', message }))
})

test('a host that only looks like Docker Hub is not Docker Hub', () => {
  expect(canonicalHost('Registry-1.Docker.io')).toBe('index.docker.io')
  for (const host of ['notdocker.io', 'docker.io.evil.com', 'docker.io:443']) expect(canonicalHost(host)).toBe(host)
})

test('validates hosts, paths and tags separately', () => {
  for (const host of ['r', 'R.test:1', '[::1]', '[::1]:65535']) expect(isRegistryHost(host)).toBe(true)
  for (const host of ['', '.', 'r.', '-r', 'r-', 'r:', 'r:0', 'r:65536', 'r:x', '[]', '[::1', 'a b', 'r/a'])
    expect(isRegistryHost(host)).toBe(false)
  for (const path of ['a', 'a/b', 'a__b', 'a---b']) expect(isRepositoryPath(path)).toBe(true)
  for (const path of ['', 'a/', 'a..b', 'A', 'a'.repeat(256)]) expect(isRepositoryPath(path)).toBe(false)
  for (const tag of ['1', '_', 'v1.2-rc', 'a'.repeat(128)]) expect(isTag(tag)).toBe(true)
  for (const tag of ['', '.', '-x', 'a'.repeat(129), 'a\n']) expect(isTag(tag)).toBe(false)
})
