import { createSigningWorld, type SigningWorld } from '@verify-images/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createImageVerifier } from '../create-image-verifier.ts'
import { podOf, policyOf, signedBy } from '../testing/policies.ts'

let world: SigningWorld
beforeAll(async () => {
  world = await createSigningWorld()
  world.image('registry.test/app:signed').signedBy(world.key('release'))
  world.image('registry.test/app:unsigned')
})
afterAll(() => world.close())

const verifier = (spec: object, rule: object = {}): ReturnType<typeof createImageVerifier> =>
  createImageVerifier({
    policies: policyOf([signedBy([world.key('release')])], { spec, rule }),
    registry: world.registryClient(),
  })

test('a scan has results and no admission decision', async () => {
  const verdict = await verifier({ background: true }).scan(podOf('registry.test/app:unsigned'))
  expect(verdict).toMatchObject({ outcome: 'rejected', rules: [{ phase: 'mutate', status: 'fail' }] })
  expect(verdict).not.toHaveProperty('admitted')
  expect(verdict.report()).toMatchObject({ results: [{ result: 'fail', properties: { process: 'background scan' } }] })
})

test('a scan leaves out policies without background processing', async () => {
  expect(await verifier({ background: false }).scan(podOf('registry.test/app:unsigned'))).toMatchObject({
    unmatched: true,
    rules: [],
    requests: { total: 0 },
  })
})

test('a scan does not trust the verification record of the object', async () => {
  const pod = {
    ...podOf('registry.test/app:unsigned'),
    metadata: {
      name: 'app',
      namespace: 'default',
      annotations: { 'kyverno.io/verify-images': '{"registry.test/app:unsigned":"pass"}', other: 'stays' },
    },
  }
  const conditions = {
    preconditions: {
      all: [{ key: '{{ keys(request.object.metadata.annotations) }}', operator: 'Equals', value: ['other'] }],
    },
  }
  expect((await verifier({ background: true }, conditions).scan(pod)).rules.map(({ status }) => status)).toEqual([
    'fail',
  ])
})

test('a precondition that does not hold is reported in both phases, as upstream does', async () => {
  const rule = { preconditions: { all: [{ key: '{{ request.namespace }}', operator: 'Equals', value: 'other' }] } }
  expect(
    (await verifier({ background: true }, rule).scan(podOf('registry.test/app:signed'))).rules.map(
      ({ phase, status, type }) => `${phase} ${status} ${type}`,
    ),
  ).toEqual(['validate skip Validation', 'mutate skip ImageVerify'])
})

test('a scan lists an image in a form that only we match, although it has no row', async () => {
  const entry = signedBy([world.key('release')], { imageReferences: ['registry.test:443/*'] })
  const judge = createImageVerifier({
    policies: policyOf([entry], { spec: { background: true } }),
    registry: world.registryClient(),
  })
  const pod = podOf('registry.test/app:signed')
  for (const verdict of [await judge.scan(pod), await judge.verifyResource(pod)])
    expect(verdict).toMatchObject({ unmatched: false, rules: [], images: [{ verified: true }] })
})
