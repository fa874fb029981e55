import { createServer, type IncomingMessage, type Server } from 'node:http'
import { networkInterfaces } from 'node:os'
import { parseDigest } from '@verify-images/primitives'
import { afterEach, expect, test } from 'vitest'
import { createRegistryClient } from './registry-client.ts'
import type { RegistrySession } from './session.ts'

const servers: Server[] = []
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    server.close()
  }
})

const DIGEST = parseDigest(`sha256:${'0'.repeat(64)}`)
const INDEX = 'application/vnd.oci.image.index.v1+json'

/** Starts a registry below a path, which lists referrers on two pages, and returns the paths that it was asked for. */
async function start(address: string, prefix: string): Promise<{ readonly port: number; readonly asked: string[] }> {
  const asked: string[] = []
  const pages = (path: string): object => ({
    manifests: [{ mediaType: 'x/y', digest: DIGEST.replace('0', path.includes('n=2') ? '2' : '1'), size: 1 }],
  })
  const server = createServer(({ url: path = '' }: IncomingMessage, response) => {
    asked.push(path)
    const isListing = path.startsWith(`${prefix}/v2/app/referrers/`)
    if (isListing && !path.includes('n=2'))
      response.setHeader('link', `<${prefix}/v2/app/referrers/${DIGEST}?n=2>; rel="next"`)
    response.writeHead(path.startsWith(`${prefix}/v2/app/`) ? 200 : 404, { 'content-type': INDEX })
    response.end(JSON.stringify(isListing ? pages(path) : { manifests: [] }))
  })
  servers.push(server)
  await new Promise<void>((done) => server.listen(0, address, done))
  return { port: Number(Object(server.address()).port), asked }
}

function open(endpoint: string): RegistrySession {
  return createRegistryClient({ hosts: { 'registry.test': { endpoint } } }).openSession()
}

test('sends all requests below the path of an endpoint, and follows pages there', async () => {
  const { port, asked } = await start('127.0.0.1', '/hub/docker')
  const session = open(`http://127.0.0.1:${port}/hub/docker/`)
  await expect(session.fetchManifest('registry.test/app', '1')).resolves.toHaveProperty('digest')
  const { descriptors } = await session.listReferrers('registry.test/app', DIGEST)
  expect(descriptors).toHaveLength(2)
  expect(asked).toEqual([
    '/hub/docker/v2/app/manifests/1',
    `/hub/docker/v2/app/referrers/${DIGEST}`,
    `/hub/docker/v2/app/referrers/${DIGEST}?n=2`,
  ])
})

test('control: without the path nothing is found', async () => {
  const { port } = await start('127.0.0.1', '/hub/docker')
  await expect(open(`http://127.0.0.1:${port}`).fetchManifest('registry.test/app', '1')).resolves.toHaveProperty(
    'notFound',
  )
})

const hasIPv6 = Object.values(networkInterfaces()).some((addresses) =>
  addresses?.some(({ address }) => address === '::1'),
)
if (!hasIPv6) console.warn('SKIPPED: this machine has no IPv6 address')

test.skipIf(!hasIPv6)('reads a registry at an IPv6 address, as a reference and as an endpoint', async () => {
  const { port } = await start('::1', '')
  const host = `[::1]:${port}`
  const named = createRegistryClient({ hosts: { [host]: { insecure: true } } }).openSession()
  await expect(named.fetchManifest(`${host}/app`, '1')).resolves.toHaveProperty('digest')
  await expect(open(`http://${host}`).fetchManifest('registry.test/app', '1')).resolves.toHaveProperty('digest')
})
