import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import * as api from './index.ts'
import { startLoopbackRegistry } from '@verify-images/testing'

const readme = readFileSync(join(import.meta.dirname, '../README.md'), 'utf8')

test('the examples in the README run', async () => {
  const registry = await startLoopbackRegistry()
  const layers = [registry.putBlob('layer')]
  const app = registry.putManifest('acme/app', { schemaVersion: 2, layers }, { tag: '1.2' })
  const artifactType = 'application/spdx+json'
  const sbom = registry.putManifest('acme/app', { schemaVersion: 2, artifactType, layers: [], subject: app })
  const client = api.createRegistryClient({
    credentials: api.dockerConfig('{"auths":{}}'),
    hosts: { 'registry.example.com': { endpoint: registry.endpoint } },
  })

  const session = client.openSession({ deadlineMs: 10_000 })
  const repository = 'registry.example.com/acme/app'
  const manifest = await session.fetchManifest(repository, '1.2')
  if ('notFound' in manifest) throw new Error(manifest.detail.url)
  expect(manifest.digest).toBe(app.digest)
  const [layer] = JSON.parse(Buffer.from(manifest.bytes).toString()).layers
  expect(Buffer.from(await session.fetchBlob(repository, layer, 10_000_000)).toString()).toBe('layer')
  const { descriptors, complete } = await session.listReferrers(repository, manifest.digest)
  expect([descriptors.map(({ digest, artifactType: type }) => [digest, type]), complete]).toEqual([
    [[sbom.digest, artifactType]],
    true,
  ])
  expect(session.cost).toEqual({ total: 3, byHost: { 'registry.example.com': 3 } })
  client.close()
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
