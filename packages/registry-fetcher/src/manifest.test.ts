import { expect, test } from 'vitest'
import { isIndexType, parseManifest, OCI_INDEX } from './manifest.ts'

const OCI_MANIFEST = 'application/vnd.oci.image.manifest.v1+json'
const DOCKER_MANIFEST = 'application/vnd.docker.distribution.manifest.v2+json'
const typeOf = (document: unknown, served?: string): string =>
  parseManifest(Buffer.from(typeof document === 'string' ? document : JSON.stringify(document)), served).mediaType

test.each([
  [{ config: {}, layers: [] }, OCI_MANIFEST, OCI_MANIFEST],
  [{ mediaType: DOCKER_MANIFEST, config: {}, layers: [] }, DOCKER_MANIFEST, DOCKER_MANIFEST],
  [{ mediaType: DOCKER_MANIFEST, config: {}, layers: [] }, undefined, DOCKER_MANIFEST],
  [{ config: {}, layers: [] }, 'application/json', OCI_MANIFEST],
  [{ manifests: [] }, 'application/octet-stream', OCI_INDEX],
  [{ manifests: [] }, `${OCI_INDEX}; charset=utf-8`, OCI_INDEX],
  [{ layers: [] }, OCI_MANIFEST.toUpperCase(), OCI_MANIFEST],
])('%j served as %s is %s', (document, served, expected) => {
  expect(typeOf(document, served)).toBe(expected)
})

test.each([
  ['image and index at once', { config: {}, layers: [], manifests: [] }, OCI_MANIFEST],
  ['image and index at once, in other letters', { layers: [], Manifests: [] }, OCI_MANIFEST],
  ['image and index at once, in letters that Go folds', { config: {}, 'manife\u017ft\u017f': [] }, OCI_MANIFEST],
  ['an index served as an image', { manifests: [] }, OCI_MANIFEST],
  ['an image served as an index', { config: {}, layers: [] }, OCI_INDEX],
  ['a header and a mediaType that differ', { mediaType: OCI_INDEX }, OCI_MANIFEST],
  ['a mediaType and members that differ', { mediaType: OCI_INDEX, layers: [] }, undefined],
  ['mediaType in other letters', { MediaType: OCI_INDEX }, OCI_MANIFEST],
  ['Docker schema 1 members in an index', { manifests: [], fsLayers: [] }, OCI_INDEX],
])('refuses %s', (_, document, served) => {
  expect(() => typeOf(document, served)).toThrow(expect.objectContaining({ code: 'REGISTRY_MANIFEST_AMBIGUOUS' }))
})

test.each([
  ['an array', '[]', OCI_MANIFEST],
  ['invalid JSON', 'x', OCI_MANIFEST],
  ['a key twice', '{"layers":[],"layers":[1]}', OCI_MANIFEST],
  ['a type that is not a string', { mediaType: 1 }, undefined],
  ['a foreign type', { mediaType: 'application/vnd.docker.distribution.manifest.v1+json' }, undefined],
  ['no type and no members', {}, undefined],
  ['a type named like a property', { mediaType: 'constructor' }, undefined],
])('refuses %s', (_, document, served) => {
  expect(() => typeOf(document, served)).toThrow(expect.objectContaining({ code: 'REGISTRY_MANIFEST_INVALID' }))
})

test.each([
  'text/html',
  'application/vnd.docker.distribution.manifest.v1+prettyjws',
  `${OCI_INDEX}, ${OCI_MANIFEST}`,
  '__proto__',
])('refuses the content type %s', (served) => {
  expect(() => typeOf({ layers: [] }, served)).toThrow(expect.objectContaining({ code: 'REGISTRY_RESPONSE_INVALID' }))
})

test('recognises the media types of indexes', () => {
  expect([OCI_INDEX, OCI_MANIFEST, '__proto__'].map(isIndexType)).toEqual([true, false, false])
})

test.each([
  ['brackets', '['.repeat(8 * 1024 * 1024), 'nested deeper than 200 levels'],
  ['empty objects', `{"layers":[${'{},'.repeat(2 * 1024 * 1024)}{}]}`, 'more than 100000 JSON tokens'],
  ['keys', `{${Array.from({ length: 500_000 }, (_, i) => `"${i}":0`).join(',')}}`, 'more than 100000 JSON tokens'],
])('counts 8 MB of %s instead of parsing them', (_, document, reason) => {
  const bytes = Buffer.from(document)
  const started = performance.now()
  expect(() => parseManifest(bytes, OCI_MANIFEST)).toThrow(
    expect.objectContaining({ code: 'REGISTRY_MANIFEST_INVALID', message: `invalid manifest: ${reason}` }),
  )
  expect(performance.now() - started).toBeLessThan(500)
})
