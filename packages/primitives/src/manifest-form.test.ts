import { describe, expect, test } from 'vitest'
import type { JsonObject } from './json.ts'
import { misshapenMember } from './json-form.ts'
import { manifestForm } from './manifest-form.ts'

const digest = `sha256:${'0'.repeat(64)}`
const descriptor = { mediaType: 'x/y', digest, size: 1 }
const manifest = {
  schemaVersion: 2,
  mediaType: 'application/vnd.oci.image.manifest.v1+json',
  artifactType: 'a/b',
  config: { ...descriptor, data: 'AA\nAA', platform: { architecture: 'amd64', os: 'linux', 'os.features': ['x'] } },
  layers: [{ ...descriptor, urls: ['https://registry.test'], annotations: { a: 'b' } }],
  subject: descriptor,
  annotations: { a: 'b' },
}

test('finds nothing in a manifest with all members, with unknown ones, with null, and with none', () => {
  const unknown = { ...manifest, x: 1, layers: [{ ...descriptor, X: [] }], subject: { ...descriptor, y: null } }
  const absent = { ...manifest, config: null, layers: null, annotations: { a: null }, subject: { platform: null } }
  for (const document of [manifest, unknown, absent, { layers: [null] }, {}])
    expect(misshapenMember(document, manifestForm)).toBeUndefined()
})

describe('another spelling', () => {
  test.each<[string, string, JsonObject]>([
    ['of the manifest', 'Layers', { Layers: [] }],
    ['of the manifest, with a long s', 'layerſ', { layerſ: [] }],
    ['of a layer', 'layers', { layers: [descriptor, { ...descriptor, Digest: digest }] }],
    ['of a layer, with a long s', 'layers', { layers: [{ ...descriptor, annotationſ: {} }] }],
    ['of the config', 'config', { config: { MediaType: 'x/y' } }],
    ['of the subject', 'subject', { subject: { DIGEST: digest } }],
    ['of a platform', 'config', { config: { platform: { OS: 'linux' } } }],
  ])('finds a member that Go reads under another spelling: %s', (_, name, change) => {
    expect(misshapenMember({ ...manifest, ...change }, manifestForm)).toBe(name)
  })
})

describe('another type', () => {
  test.each<[string, JsonObject]>([
    ['schemaVersion', { schemaVersion: '2' }],
    ['mediaType', { mediaType: 1 }],
    ['artifactType', { artifactType: 1 }],
    ['annotations', { annotations: { a: 1 } }],
    ['annotations', { annotations: { a: '\ud800' } }],
    ['annotations', { annotations: ['a'] }],
    ['config', { config: 'x' }],
    ['config', { config: { digest: 'x' } }],
    ['subject', { subject: { digest: null } }],
    ['subject', { subject: { size: 2 ** 53 } }],
    ['subject', { subject: { size: 0.5 } }],
    ['layers', { layers: {} }],
    ['layers', { layers: [1] }],
    ['layers', { layers: [{ mediaType: 1 }] }],
    ['layers', { layers: [{ urls: 'x' }] }],
    ['layers', { layers: [{ urls: [1] }] }],
    ['layers', { layers: [{ data: 'A' }] }],
    ['layers', { layers: [{ data: '__8=' }] }],
    ['layers', { layers: [{ artifactType: {} }] }],
    ['layers', { layers: [{ platform: 'linux' }] }],
    ['layers', { layers: [{ platform: { os: 1 } }] }],
    ['layers', { layers: [{ platform: { 'os.features': 'x' } }] }],
  ])('finds a value of `%s` that Go reads into no field: %j', (name, change) => {
    expect(misshapenMember({ ...manifest, ...change }, manifestForm)).toBe(name)
  })
})
