import { explain } from '@verify-images/core'
import { createSigningWorld } from '@verify-images/testing'
import '@verify-images/testing/vitest'
import { expect, test } from 'vitest'
import { entryOf } from '@verify-images/testing/internal'
import { judge } from './judge.ts'

test('a signature above the limit is not fetched, leaves the outcome open, and does not hide a valid one', async () => {
  const world = await createSigningWorld()
  const authority = world.certificateAuthority('acme')
  const entry = entryOf({ certificates: { cert: authority.root } }, { type: 'Notary' })
  const app = world.image('registry.test/hostile:1')
  const blob = world.registry.putBlob(new Uint8Array(1024 * 1024 + 1))
  world.registry.putManifest('hostile', {
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    artifactType: 'application/vnd.cncf.notary.signature',
    config: world.registry.putBlob('{}'),
    layers: [{ ...blob, mediaType: 'application/jose+json' }],
    subject: app.descriptor,
  })
  const verdict = await judge(world, app, entry)
  expect(verdict).toMatchObject({ admitted: false, outcome: 'inconclusive' })
  expect(explain(verdict)).toContain('size of the signature: expected at most 1048576 bytes, got 1048577')
  expect(world.registry.requests.filter(({ path }) => path.endsWith(blob.digest))).toEqual([])
  await expect(judge(world, app.notarizedBy(authority.issue('release')), entry)).toBeAdmitted()
  await world.close()
})
