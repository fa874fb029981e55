import { createSigningWorld, type SigningWorld } from '@verify-images/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createImageVerifier } from '../../create-image-verifier.ts'
import { keyAttestor, podOf, policyOf, signedBy } from '../../testing/policies.ts'

let world: SigningWorld
beforeAll(async () => {
  world = await createSigningWorld()
  world.image('registry.test/app:1').signedBy(world.key('release'), { env: 'prod' })
})
afterAll(() => world.close())

/** Whether one verifier admits the image in each of these namespaces, one after another. */
async function admittedIn(env: string, namespaces: readonly string[]): Promise<readonly boolean[]> {
  const attestor = { ...keyAttestor(world.key('release')), annotations: { env } }
  const verifier = createImageVerifier({
    policies: policyOf([signedBy([], { attestors: [{ entries: [attestor] }] })]),
    registry: world.registryClient(),
  })
  const admitted: boolean[] = []
  for (const namespace of namespaces) {
    const pod = podOf('registry.test/app:1')
    const verdict = await verifier.verifyResource({ ...pod, metadata: { ...pod.metadata, namespace } })
    admitted.push(verdict.admitted)
  }
  return admitted
}

test('variables of a rule are substituted anew in each evaluation', async () => {
  expect(await admittedIn('{{ request.namespace }}', ['prod', 'dev', 'prod'])).toEqual([true, false, true])
})

test('a rule without variables is substituted once', async () => {
  expect(await admittedIn('prod', ['prod', 'dev'])).toEqual([true, true])
  expect(await admittedIn('other', ['prod', 'prod'])).toEqual([false, false])
})

test('a rule with an escaped variable or a reference is substituted anew', async () => {
  expect(await admittedIn('\\{{ request.namespace }}', ['prod', 'prod'])).toEqual([false, false])
})
