import type { TrustMaterialSource, TrustOrigin } from '@verify-images/attestor-evaluator'
import { createSigningWorld, githubWorkflow, type SigningWorld } from '@verify-images/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createImageVerifier, type ImageVerifier } from './create-image-verifier.ts'
import { keyAttestor, policyOf } from './testing/policies.ts'
import { explain } from './verdict/explain.ts'

const identity = githubWorkflow({ repository: 'acme/app' })
const keyless = { keyless: { subject: identity.subject, issuer: identity.issuer, rekor: { url: 'https://log.test' } } }

let world: SigningWorld
beforeAll(async () => {
  world = await createSigningWorld()
  world.image('registry.test/app:1').signedKeylessly(identity).signedBy(world.key('release')).bundledKeylessly(identity)
})
afterAll(() => world.close())

/** The trust of the world, with an age as a source over TUF has it. */
function aged(origin: () => TrustOrigin): TrustMaterialSource {
  return { origin, load: async (signal) => ({ ...(await world.trust.load(signal)), origin: origin() }) }
}

const verifierOf = (
  attestor: object,
  trust: TrustMaterialSource | 'none' | undefined,
  type = 'Cosign',
): ImageVerifier =>
  createImageVerifier({
    policies: policyOf([{ imageReferences: ['registry.test/*'], type, attestors: [{ entries: [attestor] }] }]),
    registry: world.registryClient(),
    clock: world.clock,
    ...(trust === undefined ? {} : { trust }),
  })

const fresh = { asOf: '2026-11-20T00:00:00.000Z' }
const failed = { ...fresh, failure: { at: '2026-11-24T00:00:00.000Z', message: 'the mirror does not answer' } }
const old = { asOf: '2026-01-01T00:00:00.000Z' }
const codesOf = ({ problems }: ImageVerifier): readonly string[] => problems.map(({ code }) => code)

test('a failed refresh is a problem with the time and the age of the root, until one succeeds', () => {
  let origin: TrustOrigin = failed
  const verifier = verifierOf(
    keyless,
    aged(() => origin),
  )
  expect(verifier.problems).toEqual([
    {
      severity: 'problem',
      code: 'ATTESTOR_TRUST_UNAVAILABLE',
      policy: '',
      path: 'trust',
      message:
        'the trust root: refreshing it failed at 2026-11-24T00:00:00.000Z: the mirror does not answer; ' +
        'the trust root in use is of 2026-11-20T00:00:00.000Z',
    },
  ])
  origin = fresh
  expect(verifier.problems).toEqual([])
})

test('an old trust root is a problem', () => {
  expect(
    codesOf(
      verifierOf(
        keyless,
        aged(() => old),
      ),
    ),
  ).toEqual(['ATTESTOR_TRUST_STALE'])
})

test('a policy whose keys need no log has no problem with the trust root', () => {
  const key = keyAttestor(world.key('release'))
  expect(
    codesOf(
      verifierOf(
        key,
        aged(() => ({ ...failed, ...old })),
      ),
    ),
  ).toEqual([])
  expect(
    codesOf(
      verifierOf(
        { keys: { publicKeys: world.key('release').publicKey } },
        aged(() => old),
      ),
    ),
  ).toEqual(['ATTESTOR_TRUST_STALE'])
})

test('the built-in trust root, one without a date, and `none` are no problem', () => {
  for (const trust of [undefined, world.trust, 'none'] as const) expect(codesOf(verifierOf(keyless, trust))).toEqual([])
})

test.each(['Cosign', 'SigstoreBundle'])(
  'the evidence of a %s signature has the date of the trust root and its failed refresh',
  async (type) => {
    const verdict = await verifierOf(
      keyless,
      aged(() => failed),
      type,
    ).verifyImage('registry.test/app:1')
    expect(verdict.evidence).toMatchObject([{ trustRoot: failed }])
    expect(explain(verdict, { depth: 'all' })).toContain(
      'trust root of 2026-11-20T00:00:00.000Z, its refresh failed at 2026-11-24T00:00:00.000Z: the mirror ' +
        'does not answer',
    )
  },
)

test('the evidence of a key without a log names no trust root', async () => {
  let loads = 0
  const trust: TrustMaterialSource = {
    load: async (signal) => {
      loads++
      return world.trust.load(signal)
    },
  }
  const verdict = await verifierOf(keyAttestor(world.key('release')), trust).verifyImage('registry.test/app:1')
  expect(verdict.outcome).toBe('accepted')
  expect(verdict.evidence.map(({ trustRoot }) => trustRoot)).toEqual([undefined])
  expect(loads).toBe(0)
})
