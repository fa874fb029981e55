import { expect, test } from 'vitest'
import { isIndexType, manifestMediaType, OCI_INDEX } from './manifest.ts'

const OCI_MANIFEST = 'application/vnd.oci.image.manifest.v1+json'
const DOCKER_MANIFEST = 'application/vnd.docker.distribution.manifest.v2+json'
const typeOf = (document: unknown, served?: string): string =>
  manifestMediaType(Buffer.from(typeof document === 'string' ? document : JSON.stringify(document)), served)

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
  ['a list', '[]', OCI_MANIFEST],
  ['no JSON', 'x', OCI_MANIFEST],
  ['a key twice', '{"layers":[],"layers":[1]}', OCI_MANIFEST],
  ['a type that is no text', { mediaType: 1 }, undefined],
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
])('an answer of type %s is no manifest', (served) => {
  expect(() => typeOf({ layers: [] }, served)).toThrow(expect.objectContaining({ code: 'REGISTRY_RESPONSE_INVALID' }))
})

test('recognises the media types of indexes', () => {
  expect([OCI_INDEX, OCI_MANIFEST, '__proto__'].map(isIndexType)).toEqual([true, false, false])
})
