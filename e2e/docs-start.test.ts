import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createImageVerifier, parsePolicies } from '@verify-images/core'
import { createSigningWorld, githubWorkflow, vulnerabilities, type SigningWorld } from '@verify-images/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'

const page = readFileSync(join(import.meta.dirname, '../docs/start.md'), 'utf8')
const [keyless = '', key = '', scanned = ''] = [...page.matchAll(/^```yaml\n(.*?)^```$/gms)].map(([, block]) => block)

let world: SigningWorld
beforeAll(async () => {
  world = await createSigningWorld()
})
afterAll(() => world.close())

/** The outcome under a policy of the page, with the key of this world in place of the one that is cut short. */
async function outcomeOf(policy: string, reference: string): Promise<string> {
  const filled = policy.replace(
    /^( +)-----BEGIN PUBLIC KEY-----\n.*?-----END PUBLIC KEY-----$/ms,
    (_, indent: string) => world.key('acme').publicKey.trim().replace(/^/gm, indent),
  )
  const verifier = createImageVerifier({
    policies: parsePolicies(filled),
    registry: world.registryClient(),
    trust: world.trust,
    clock: world.clock,
    unmatched: 'refuse',
  })
  expect(verifier.problems).toEqual([])
  return (await verifier.verifyImage(reference)).outcome
}

test('the policy for GitHub Actions accepts a workflow of the organization, and no other', async () => {
  world.image('ghcr.io/acme/app:1').signedKeylessly(githubWorkflow({ repository: 'acme/app' }))
  world.image('ghcr.io/acme/app:2').signedKeylessly(githubWorkflow({ repository: 'mallory/app' }))
  world.image('ghcr.io/acme/app:3')
  expect(await outcomeOf(keyless, 'ghcr.io/acme/app:1')).toBe('accepted')
  expect(await outcomeOf(keyless, 'ghcr.io/acme/app:2')).toBe('rejected')
  expect(await outcomeOf(keyless, 'ghcr.io/acme/app:3')).toBe('rejected')
})

test('the policy for a key accepts what it signed', async () => {
  world.image('registry.acme.example/app:1').signedBy(world.key('acme'))
  world.image('registry.acme.example/app:2').signedBy(world.key('mallory'))
  expect(await outcomeOf(key, 'registry.acme.example/app:1')).toBe('accepted')
  expect(await outcomeOf(key, 'registry.acme.example/app:2')).toBe('rejected')
})

test('the policy for a scan accepts none with critical findings', async () => {
  const scan = (critical: number): ReturnType<typeof vulnerabilities> => vulnerabilities({ critical })
  world.image('registry.acme.example/app:3').attestedBy(world.key('acme'), scan(0))
  world.image('registry.acme.example/app:4').attestedBy(world.key('acme'), scan(1))
  world.image('registry.acme.example/app:5').attestedBy(world.key('mallory'), scan(0))
  expect(await outcomeOf(scanned, 'registry.acme.example/app:3')).toBe('accepted')
  expect(await outcomeOf(scanned, 'registry.acme.example/app:4')).toBe('rejected')
  expect(await outcomeOf(scanned, 'registry.acme.example/app:5')).toBe('rejected')
})
