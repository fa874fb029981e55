import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createImageVerifier, parsePolicies } from '@verify-images/core'
import { createSigningWorld, type SigningWorld } from '@verify-images/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { demoPolicy } from '../demo/demo.ts'
import { webhookHandler } from './webhook.ts'

let world: SigningWorld
let server: Server
let url: string

beforeAll(async () => {
  world = await createSigningWorld()
  const release = world.key('release')
  world.image('registry.test/shop/app:1').signedBy(release)
  world.image('registry.test/shop/tool:1')
  const verifier = createImageVerifier({ policies: parsePolicies(demoPolicy(release)), registry: world.registryClient() })
  server = createServer(webhookHandler(verifier)).listen(0, '127.0.0.1')
  await new Promise((listening) => server.once('listening', listening))
  url = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`
})

afterAll(async () => {
  server.close()
  await world.close()
})

async function review(image: string): Promise<{ readonly allowed: boolean; readonly patch?: string; readonly status?: { readonly message: string } }> {
  const object = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'app', namespace: 'default' }, spec: { containers: [{ name: 'main', image }] } }
  const body = { apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', request: { uid: 'u1', operation: 'CREATE', object, namespace: 'default', kind: { group: '', version: 'v1', kind: 'Pod' } } }
  const answer = await fetch(url, { method: 'POST', body: JSON.stringify(body) })
  return ((await answer.json()) as { response: { allowed: boolean; patch?: string } }).response
}

test('admits a signed image and pins it', async () => {
  const { allowed, patch = '' } = await review('registry.test/shop/app:1')
  expect(allowed).toBe(true)
  expect(JSON.parse(Buffer.from(patch, 'base64').toString())).toContainEqual({
    op: 'replace', path: '/spec/containers/0/image', value: expect.stringMatching(/^registry\.test\/shop\/app:1@sha256:[0-9a-f]{64}$/) as string,
  })
})

test('denies an unsigned image with the text that Kyverno would print', async () => {
  const { allowed, status } = await review('registry.test/shop/tool:1')
  expect(allowed).toBe(false)
  expect(status?.message).toBe('\n\nresource Pod/default/app was blocked due to the following policies \n\nsigned-images:\n  signed-by-release-key: \'failed to verify image registry.test/shop/tool:1: .attestors[0].entries[0].keys: no signatures found\'\n')
})

test('answers nonsense with an error, not with an allow', async () => {
  expect((await fetch(url, { method: 'POST', body: 'not json' })).status).toBe(400)
  const answer = await fetch(url, { method: 'POST', body: '{}' })
  expect(await answer.json()).toMatchObject({ response: { allowed: false } })
})
