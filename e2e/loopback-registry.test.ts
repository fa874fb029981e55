import { createRegistryClient } from '@verify-images/registry-fetcher'
import { afterEach, expect, test } from 'vitest'
import { createSigningWorld, type Fault, type SigningWorld } from '@verify-images/testing'
import { entryOf, judge, keyEntry } from './judge.ts'
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

test('answers as a registry does', async () => {
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
  expect(JSON.parse((await ask(`/v2/app/referrers/${digest}?artifactType=other`)).text)).toMatchObject({
    manifests: [],
  })
  expect(world.registry.requests.map(({ method }) => method)).toContain('PUT')
})

test.each<readonly [string, Fault, string]>([
  ['an outage', { status: 503 }, 'REGISTRY_UNAVAILABLE'],
  ['a body that is not what was asked for', { body: '{"layers":[]}' }, 'REGISTRY_'],
  ['a connection that is cut', { reset: true }, 'REGISTRY_'],
  ['no answer', { hang: true }, 'VERIFIER_DEADLINE_EXCEEDED'],
  ['an answer in time', { delayMs: 5 }, ''],
])('a fault: %s', async (_, fault, code) => {
  world = await createSigningWorld({ faults: ({ path }) => (path.includes('/blobs/') ? fault : undefined) })
  const image = world.image('registry.test/app:1').signedBy(world.key('release'))
  const registry = createRegistryClient({ hosts: { 'registry.test': { endpoint: world.registry.endpoint } } })
  const verdict = await judge(world, image, entryOf(keyEntry(world.key('release'))), {
    registry,
    deadlineMs: 'hang' in fault ? 300 : 5000,
  })
  expect(verdict.admitted).toBe(code === '')
  if (code !== '') expect(verdict.rules[0]?.reasons.map((reason) => reason.code).join()).toContain(code)
})
