import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import * as api from './index.ts'
import { startLoopbackRegistry } from '@verify-images/testing'

const readme = readFileSync(join(import.meta.dirname, '../README.md'), 'utf8')

test('the example in the README runs', async () => {
  const registry = await startLoopbackRegistry()
  const { signal } = new AbortController()
  const app = registry.putManifest(
    'acme/app',
    { schemaVersion: 2, config: registry.putBlob('{}'), layers: [] },
    { tag: '1.2' },
  )
  const signature = registry.putManifest('acme/app', {
    schemaVersion: 2,
    config: registry.putBlob('{}'),
    layers: [],
    subject: app,
  })
  const client = api.createRegistryClient({
    credentials: api.dockerConfig('{"auths":{}}'),
    hosts: { 'registry.local:5000': { endpoint: registry.endpoint } },
  })

  const session = client.openSession({ deadlineMs: 10_000 })
  const manifest = await session.fetchManifest('registry.local:5000/acme/app', '1.2', signal)
  if ('notFound' in manifest) throw new Error(manifest.detail.url)
  expect(manifest.digest).toBe(app.digest)
  const { descriptors } = await session.listReferrers('registry.local:5000/acme/app', manifest.digest, signal)
  expect(descriptors.map(({ digest }) => digest)).toEqual([signature.digest])
  expect(session.cost).toEqual({ total: 2, byHost: { 'registry.local:5000': 2 } })
  await registry.close()
})

test('the README names every export and every error code', () => {
  for (const name of Object.keys(api)) expect(readme).toContain(name)
  const source = readFileSync(join(import.meta.dirname, 'registry-error.ts'), 'utf8')
  for (const [code] of source.matchAll(/REGISTRY_[A-Z_]+/g)) expect(readme).toContain(code)
})

test('the README states the default limits', () => {
  const { manifestBytes, sessionMs, requestMs, tries, redirects, referrers, referrerPages } = api.DEFAULT_LIMITS
  expect([manifestBytes / 2 ** 20, sessionMs, requestMs, tries, redirects, referrers, referrerPages]).toEqual([
    8, 30_000, 20_000, 3, 5, 1000, 20,
  ])
})
