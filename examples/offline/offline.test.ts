import { createSigningWorld } from '@verify-images/testing'
import { cp, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { demoPolicy } from '../demo/demo.ts'
import { verifyOffline, writeSnapshot } from './offline.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'offline-'))
})
afterEach(() => rm(folder, { recursive: true }))

const pod = (name: string, image: string): object => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'default' },
  spec: { containers: [{ name, image }] },
})

test('the verdicts are the same without the registry, and a changed folder gives none', async () => {
  const world = await createSigningWorld()
  const release = world.key('release')
  const policies = demoPolicy(release)
  const app = pod('app', world.image('registry.test/app:1').signedBy(release).reference)
  const tool = pod('tool', world.image('registry.test/tool:1').reference)
  const online = join(folder, 'online')
  await writeSnapshot({ policies, registry: world.registryClient(), objects: [app, tool] }, online)
  await world.close()

  const offline = join(folder, 'offline')
  await cp(online, offline, { recursive: true })
  expect(await verifyOffline(policies, app, offline)).toMatchObject({ admitted: true, outcome: 'accepted' })
  expect(await verifyOffline(policies, tool, offline)).toMatchObject({ admitted: false, outcome: 'rejected' })
  // What was not read when the snapshot was written is not known.
  const other = pod('other', 'registry.test/other:1')
  expect(await verifyOffline(policies, other, offline)).toMatchObject({ admitted: false, outcome: 'inconclusive' })

  const blobs = join(offline, 'blobs/sha256')
  for (const name of await readdir(blobs)) await writeFile(join(blobs, name), 'changed on the way')
  expect(await verifyOffline(policies, app, offline)).toMatchObject({ admitted: false })
})
