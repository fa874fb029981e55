import { createImageVerifier, parsePolicies } from '@verify-images/core'
import { createSigningWorld, createTlsCertificate } from '@verify-images/testing'
import { expect, test } from 'vitest'
import { demoPolicy } from '../demo/demo.ts'
import { ask, reviewOf } from '../webhook/ask.ts'
import { serveWithHono } from './serve.ts'

test('answers reviews beside the other routes of a Hono application', async () => {
  const world = await createSigningWorld()
  const release = world.key('release')
  const verifier = createImageVerifier({
    policies: parsePolicies(demoPolicy(release)),
    registry: world.registryClient(),
  })
  const tls = createTlsCertificate({ host: '127.0.0.1' })
  const server = await serveWithHono({ verifier, tls: { key: tls.key, cert: tls.cert }, port: 0 })
  try {
    const address = server.address()
    const port = typeof address === 'object' ? (address?.port ?? 0) : 0
    const at = { port, ca: tls.cert }
    const review = async (image: string): Promise<unknown> =>
      JSON.parse((await ask(at, '/mutate', reviewOf(image))).text)
    expect(await review(world.image('registry.test/app:1').signedBy(release).reference)).toMatchObject({
      response: { uid: 'u1', allowed: true, patchType: 'JSONPatch' },
    })
    expect(await review(world.image('registry.test/app:2').reference)).toMatchObject({
      response: { uid: 'u1', allowed: false, status: { code: 403 } },
    })
    expect(await ask(at, '/readyz')).toEqual({ status: 200, text: 'ok\n' })
    expect(await ask(at, '/about')).toMatchObject({ status: 200, text: 'the other routes of the application' })
    // A body that is larger than a review may be does not reach the JSON parser.
    expect((await ask(at, '/mutate', { padding: 'x'.repeat(9 * 1024 * 1024) })).status).toBe(413)
  } finally {
    await new Promise((resolve) => server.close(resolve))
    await world.close()
  }
})
