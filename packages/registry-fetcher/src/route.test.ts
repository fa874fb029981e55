import { expect, test } from 'vitest'
import { readOptions } from './client-options.ts'
import { linkedTarget, registryRoute } from './route.ts'

const settings = readOptions({ hosts: { 'registry.example.com': { tokenServers: ['login.example.org'] } } })
const registry = registryRoute(settings, 'registry.example.com')

test.each([
  ['a token server of the same domain', 'REGISTRY_REALM_REFUSED', 'auth.example.com', 'private', true],
  ['a redirect within the domain', 'REGISTRY_REDIRECT_REFUSED', 'auth.example.com', 'public', false],
  ['a token server of another domain', 'REGISTRY_REALM_REFUSED', 'auth.example.org', 'public', false],
  ['a token server that is listed', 'REGISTRY_REALM_REFUSED', 'login.example.org', 'any', true],
] as const)('the addresses that %s may have', (_, code, host, reach, isNamed) => {
  const { route } = linkedTarget(settings, registry, registry.base, `https://${host}/`, code)
  expect(route).toMatchObject({ host, reach, isNamed })
})
