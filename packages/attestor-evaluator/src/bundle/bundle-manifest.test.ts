import { expect, test } from 'vitest'
import { parseDigest } from '@verify-images/primitives'
import { MAX_BUNDLE_BYTES } from '../limits.ts'
import { bundleLayer } from './bundle-manifest.ts'

const subject = parseDigest(`sha256:${'ab'.repeat(32)}`)
const layer = {
  mediaType: 'application/vnd.dev.sigstore.bundle.v0.3+json',
  digest: `sha256:${'cd'.repeat(32)}`,
  size: 7,
}
const good = {
  artifactType: 'application/vnd.dev.sigstore.bundle.v0.3+json',
  subject: { digest: subject },
  layers: [layer],
}

function layerOf(manifest: unknown): unknown {
  const bytes = Buffer.from(typeof manifest === 'string' ? manifest : JSON.stringify(manifest))
  try {
    return bundleLayer({ digest: subject, mediaType: '', bytes }, subject)
  } catch (error) {
    return error
  }
}

test('returns the first layer of a manifest of bundles that refers to the image', () => {
  expect(layerOf(good)).toEqual(layer)
  expect(layerOf({ ...good, layers: [layer, { ...layer, size: 8 }] })).toEqual(layer)
})

test('takes the media type of the config for a missing artifact type', () => {
  const { artifactType: mediaType, ...untyped } = good
  expect(layerOf({ ...untyped, config: { mediaType } })).toEqual(layer)
  expect(layerOf(untyped)).toMatchObject({ code: 'ATTESTOR_BUNDLE_INVALID' })
})

test.each([
  ['is not JSON', 'x'],
  ['has a member twice', JSON.stringify(good).replace('"layers"', '"layers":[],"layers"')],
  ['has another artifact type', { ...good, artifactType: 'application/vnd.cncf.notary.signature' }],
  ['has an artifact type that is not a string', { ...good, artifactType: [good.artifactType] }],
  ['could also be read as an index', { ...good, manifests: [] }],
  ['refers to another image', { ...good, subject: { digest: layer.digest } }],
  ['refers to no image', { ...good, subject: undefined }],
  ['has no layers', { ...good, layers: [] }],
  ['has layers that are not an array', { ...good, layers: { 0: layer } }],
  ['has a layer that is null', { ...good, layers: [null] }],
  ['has a layer without a media type', { ...good, layers: [{ ...layer, mediaType: undefined }] }],
  ['has a layer with a digest in upper case', { ...good, layers: [{ ...layer, digest: layer.digest.toUpperCase() }] }],
  ['has a layer with a short digest', { ...good, layers: [{ ...layer, digest: layer.digest.slice(0, -2) }] }],
  ['has a layer with a negative size', { ...good, layers: [{ ...layer, size: -1 }] }],
  ['has a layer with a fractional size', { ...good, layers: [{ ...layer, size: 1.5 }] }],
  ['has a layer with a size in quotes', { ...good, layers: [{ ...layer, size: '7' }] }],
])('rejects a manifest that %s', (_what, manifest) => {
  expect(layerOf(manifest)).toMatchObject({ code: 'ATTESTOR_BUNDLE_INVALID' })
})

test('accepts a layer of the largest size, and none above', () => {
  const sized = (size: number): unknown => layerOf({ ...good, layers: [{ ...layer, size }] })
  expect(sized(MAX_BUNDLE_BYTES)).toMatchObject({ size: MAX_BUNDLE_BYTES })
  expect(sized(MAX_BUNDLE_BYTES + 1)).toMatchObject({ code: 'ATTESTOR_LIMIT_EXCEEDED' })
})
