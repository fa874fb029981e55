import { startLoopbackRegistry, type LoopbackRegistry } from '@verify-images/testing'
import { afterEach, expect, test } from 'vitest'
import { fixed } from './credentials.ts'
import { createRegistryClient } from './registry-client.ts'
import { isTokenServerOf } from './token-server.ts'

const registries: LoopbackRegistry[] = []
afterEach(async () => {
  for (const registry of registries.splice(0)) await registry.close()
})

/** Reads a manifest of `registry.example.com`, whose challenge names a realm; both are on this machine. */
async function readWithRealm(
  realm: string,
): Promise<{ readonly read: Promise<unknown>; readonly server: LoopbackRegistry }> {
  const server = await startLoopbackRegistry({ faults: () => ({ status: 200, body: '{"token":"t"}' }) })
  const registry = await startLoopbackRegistry({
    faults: ({ headers: { authorization } }) =>
      authorization === 'Bearer t'
        ? undefined
        : { status: 401, headers: { 'www-authenticate': `Bearer realm="${realm}"` } },
  })
  registries.push(server, registry)
  registry.putManifest('app', { schemaVersion: 2, layers: [] }, { tag: '1' })
  const client = createRegistryClient({
    hosts: {
      'registry.example.com': { endpoint: registry.endpoint },
      [new URL(realm).host]: { endpoint: server.endpoint },
    },
    credentials: fixed('registry.example.com', { kind: 'basic', username: 'u', password: 'p' }),
  })
  return { read: client.openSession().fetchManifest('registry.example.com/app', '1'), server }
}

test('sends the credential to a token server of the same registrable domain', async () => {
  const { read, server } = await readWithRealm('https://auth.example.com/token')
  await expect(read).resolves.toHaveProperty('digest')
  expect(server.requests.map(({ headers }) => headers.authorization)).toEqual(['Basic dTpw'])
})

test.each([
  ['of another domain', 'https://auth.example.org/token', 'auth.example.org'],
  ['of the same domain over plain HTTP', 'http://auth.example.com/token', 'auth.example.com'],
])('sends nothing to a token server %s, and says how to allow it', async (_, realm, host) => {
  const { read, server } = await readWithRealm(realm)
  await expect(read).rejects.toMatchObject({
    code: 'REGISTRY_REALM_REFUSED',
    message: expect.stringContaining(`\`--token-server registry.example.com=${host}\``) as string,
  })
  expect(server.requests).toEqual([])
})

test.each([
  ['registry.gitlab.example.com', 'gitlab.example.com'],
  ['registry.example.com:5050', 'auth.example.com'],
  ['registry.example.com', 'auth.example.com:8443'],
  ['registry.example.co.uk', 'auth.example.co.uk'],
  ['Registry.Example.com.', 'auth.example.com'],
  ['example.com', 'auth.example.com'],
  ['svc.example.com', 'auth.svc.example.com'],
  ['index.docker.io', 'auth.docker.io'],
  ['registry.gitlab.com', 'gitlab.com'],
])('%s may have its token server at %s', (registry, server) => {
  expect(isTokenServerOf(registry, server)).toBe(true)
})

test.each([
  ['another domain', 'registry.example.com', 'auth.example.org'],
  ['a name that only ends alike', 'registry.example.com', 'notexample.com'],
  ['a public suffix', 'registry.co.uk', 'auth.co.uk'],
  ['a public suffix of two labels', 'acme.co.uk', 'mallory.co.uk'],
  ['a private suffix', 'acme.github.io', 'mallory.github.io'],
  ['customers of ACR', 'acme.azurecr.io', 'mallory.azurecr.io'],
  ['customers of ACR, deeper', 'a.acme.azurecr.io', 'b.acme.azurecr.io'],
  ['customers of Artifactory', 'acme.jfrog.io', 'mallory.jfrog.io'],
  ['customers of Artifact Registry', 'europe-docker.pkg.dev', 'us-docker.pkg.dev'],
  ['customers of AWS', '1.dkr.ecr.eu-west-1.amazonaws.com', 'mallory.s3.amazonaws.com'],
  ['customers of AWS in a region', '1.dkr.ecr.eu-west-1.amazonaws.com', '2.dkr.ecr.eu-west-1.amazonaws.com'],
  ['customers of Cloudsmith', 'docker.cloudsmith.io', 'mallory.cloudsmith.io'],
  ['customers of Alibaba Cloud', 'registry.cn-hangzhou.aliyuncs.com', 'mallory.oss-cn-hangzhou.aliyuncs.com'],
  ['customers of Huawei Cloud', 'swr.cn-north-4.myhuaweicloud.com', 'mallory.obs.cn-north-4.myhuaweicloud.com'],
  ['customers of OVHcloud', 'a.gra7.container-registry.ovh.net', 'mallory.gra7.container-registry.ovh.net'],
  ['customers of Tencent', 'acme.tencentcloudcr.com', 'mallory.tencentcloudcr.com'],
  ['names of any address', 'registry.10.0.0.1.nip.io', 'auth.203.0.113.1.nip.io'],
  ['names of any address, at another service', 'registry.10.0.0.1.sslip.io', 'auth.203.0.113.1.sslip.io'],
  ['services of a cluster with another domain', 'registry.a.svc.example.com', 'auth.b.svc.example.com'],
  ['services of a cluster', 'registry.a.svc.cluster.local', 'auth.b.svc.cluster.local'],
  ['single labels', 'registry', 'registry'],
  ['this machine', 'localhost:5000', 'localhost:5001'],
  ['one IPv4 address', '10.0.0.1:5000', '10.0.0.1:5001'],
  ['one IPv6 address', '[fd00::1]:5000', '[fd00::1]:5001'],
  ['another registry of Docker', 'index.docker.io', 'mallory.docker.io'],
])('%s are not one owner', (_, registry, server) => {
  expect(isTokenServerOf(registry, server)).toBe(false)
})
