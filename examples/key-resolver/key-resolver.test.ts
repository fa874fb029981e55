import { createSigningWorld, type SigningWorld } from '@verify-images/testing'
import { createServer, type Server } from 'node:http'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createVerifier, keyService } from './key-resolver.ts'

let world: SigningWorld
let service: Server
let keys: Map<string, string>

beforeEach(async () => {
  world = await createSigningWorld()
  keys = new Map([['/keys/release.pem', world.key('release').publicKey]])
  service = createServer(({ url = '' }, response) => {
    const key = keys.get(url)
    response.writeHead(key === undefined ? 404 : 200).end(key)
  })
  await new Promise<void>((resolve) => service.listen(0, '127.0.0.1', resolve))
})
afterEach(async () => {
  await new Promise((resolve) => service.close(resolve))
  await world.close()
})

function verify(reference: string) {
  const address = service.address()
  const port = typeof address === 'object' ? (address?.port ?? 0) : 0
  return createVerifier(keyService(`http://127.0.0.1:${String(port)}`), world.registryClient()).verifyImage(reference)
}

test('an image is verified by the key that the service has', async () => {
  const signed = world.image('registry.test/app:1').signedBy(world.key('release'))
  expect(await verify(signed.reference)).toMatchObject({ admitted: true })
  const forged = world.image('registry.test/app:2').signedBy(world.key('other'))
  expect(await verify(forged.reference)).toMatchObject({ admitted: false, outcome: 'rejected' })
})

test('without the key the image could not be checked, and is not admitted', async () => {
  keys.clear()
  const signed = world.image('registry.test/app:1').signedBy(world.key('release'))
  const { admitted, outcome, denial } = await verify(signed.reference)
  expect({ admitted, outcome }).toEqual({ admitted: false, outcome: 'inconclusive' })
  expect(denial).toContain('the key service answered 404')
})
