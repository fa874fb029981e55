import { createRegistryClient, fixed, type Credential } from '@verify-images/registry-fetcher'
import type { Fault } from '@verify-images/testing'
import { describe, expect, test } from 'vitest'
import { attackedWorld } from '../testing/attacked-world.ts'
import { podOf, policyOf, signedBy } from '../testing/policies.ts'
import type { ResourceVerdict } from '../verdict/verdict.ts'

const attacked = attackedWorld()
const basic = (password: string): Credential => ({ kind: 'basic', username: 'user', password })
const right = `Basic ${Buffer.from('user:right').toString('base64')}`

/** What an anonymous caller gets, from a registry that challenges at `/v2/` only. */
const variants: readonly (readonly [string, Fault])[] = [
  ['403', { status: 403, body: '' }],
  ['a bare 401', { status: 401, body: '' }],
  ['404', { status: 404, body: '' }],
  ['404 for what is attached, and the image for anyone', { status: 404, body: '' }],
]

describe.each(variants)('a registry that answers %s until log-in', (name, answer) => {
  const isOpen = (path: string): boolean => name.includes('anyone') && /\/manifests\/1$/.test(path)

  async function judge(
    type: 'Cosign' | 'SigstoreBundle',
    isSigned: boolean,
    credential: Credential,
  ): Promise<ResourceVerdict> {
    const { world } = attacked
    const release = world.key('release')
    const image = world.image('registry.test/app:1')
    if (isSigned && type === 'Cosign') image.signedBy(release)
    if (isSigned && type === 'SigstoreBundle') image.bundledBy(release)
    attacked.fault = ({ path, headers: { authorization } }) => {
      if (authorization === right || isOpen(path)) return undefined
      return path === '/v2/' ? { status: 401, headers: { 'www-authenticate': 'Basic realm="x"' } } : answer
    }
    return attacked.judge(policyOf([signedBy([release], { type })]), podOf('registry.test/app:1'), {
      registry: createRegistryClient({
        hosts: { 'registry.test': { endpoint: world.registry.endpoint } },
        credentials: fixed('registry.test', credential),
      }),
    })
  }

  test.each(['Cosign', 'SigstoreBundle'] as const)('a hidden %s signature is found with the password', async (type) => {
    expect(await judge(type, true, basic('right'))).toMatchObject({ admitted: true, outcome: 'accepted' })
  })

  test.each(['Cosign', 'SigstoreBundle'] as const)('control: a missing %s signature is "not signed"', async (type) => {
    expect(await judge(type, false, basic('right'))).toMatchObject({ admitted: false, outcome: 'rejected' })
  })

  test.each(['Cosign', 'SigstoreBundle'] as const)('%s with a wrong password is "cannot tell"', async (type) => {
    expect(await judge(type, true, basic('wrong'))).toMatchObject({ admitted: false, outcome: 'inconclusive' })
  })
})
