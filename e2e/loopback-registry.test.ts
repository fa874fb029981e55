import { createRegistryClient } from '@verify-images/registry-fetcher'
import { afterEach, expect, test } from 'vitest'
import { createSigningWorld, type Fault, type SigningWorld } from '@verify-images/testing'
import { entryOf, keyAttestor } from '@verify-images/testing/internal'
import { judge } from './judge.ts'
import '@verify-images/testing/vitest'

let world: SigningWorld
afterEach(() => world.close())

const ask = async (
  path: string,
  init: RequestInit = {},
): Promise<{ readonly status: number; readonly type: string | null; readonly text: string }> => {
  const answer = await fetch(world.registry.endpoint + path, init)
  return { status: answer.status, type: answer.headers.get('content-type'), text: await answer.text() }
}

test('answers as the OCI distribution specification says', async () => {
  world = await createSigningWorld()
  const { digest } = world.image('registry.test/app:1').bundledBy(world.key('release'))
  expect(await ask('/v2/')).toMatchObject({ status: 200, text: '{}' })
  expect(await ask('/v2/app/manifests/1')).toMatchObject({
    status: 200,
    type: 'application/vnd.oci.image.manifest.v1+json',
  })
  expect(await ask('/v2/app/manifests/1', { method: 'HEAD' })).toMatchObject({ status: 200, text: '' })
  expect((await ask(`/v2/app/manifests/${digest}`)).text).toBe((await ask('/v2/app/manifests/1')).text)
  expect(await ask('/v2/app/manifests/2')).toMatchObject({
    status: 404,
    text: expect.stringContaining('MANIFEST_UNKNOWN') as string,
  })
  expect(await ask('/v2/other/manifests/1')).toMatchObject({
    status: 404,
    text: expect.stringContaining('NAME_UNKNOWN') as string,
  })
  expect(await ask('/v2/app/manifests/2', { method: 'PUT', body: '{}' })).toMatchObject({ status: 405 })
  const listed = (await ask(`/v2/app/referrers/${digest}`)).text
  expect(JSON.parse(listed)).toMatchObject({
    manifests: [
      {
        artifactType: 'application/vnd.dev.sigstore.bundle.v0.3+json',
        annotations: { 'dev.sigstore.bundle.content': 'dsse-envelope' },
      },
    ],
  })
  const filtered = await fetch(`${world.registry.endpoint}/v2/app/referrers/${digest}?artifactType=other`)
  expect(filtered.headers.get('oci-filters-applied')).toBe('artifactType')
  expect(await filtered.json()).toMatchObject({ manifests: [] })
  expect(await ask('/v2/app/referrers/not-a-digest')).toMatchObject({
    status: 400,
    text: expect.stringContaining('DIGEST_INVALID') as string,
  })
  expect(await ask('/v2/app/blobs/%zz')).toMatchObject({ status: 404 })
  expect(world.registry.requests.map(({ method }) => method)).toContain('PUT')
})

test.each<readonly [string, Fault, string]>([
  ['503', { status: 503 }, 'REGISTRY_UNAVAILABLE'],
  ['another body', { body: '{"layers":[]}' }, 'REGISTRY_'],
  ['a connection reset', { reset: true }, 'REGISTRY_'],
  ['no answer', { hang: true }, 'VERIFIER_DEADLINE_EXCEEDED'],
  ['a short delay', { delayMs: 5 }, ''],
])('makes the verifier see %s', async (_, fault, code) => {
  world = await createSigningWorld({ faults: ({ path }) => (path.includes('/blobs/') ? fault : undefined) })
  const image = world.image('registry.test/app:1').signedBy(world.key('release'))
  const registry = createRegistryClient({ hosts: { 'registry.test': { endpoint: world.registry.endpoint } } })
  const verdict = await judge(world, image, entryOf(keyAttestor(world.key('release'))), {
    registry,
    deadlineMs: 'hang' in fault ? 300 : 5000,
  })
  expect(verdict.admitted).toBe(code === '')
  if (code !== '') expect(verdict.rules[0]?.reasons.map((reason) => reason.code).join()).toContain(code)
})
