import { createSigningWorld, type SigningWorld } from '@verify-images/testing'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createImageVerifier, type ImageVerifierOptions } from '../create-image-verifier.ts'
import { podOf, policyOf, signedBy, type PolicyParts } from '../testing/policies.ts'
import type { ResourceVerdict } from '../verdict/verdict.ts'

let world: SigningWorld
beforeEach(async () => {
  world = await createSigningWorld()
  world.image('registry.test/app:1').signedBy(world.key('release'))
})
afterEach(() => world.close())

const never = (): Promise<never> => new Promise(() => undefined)
const kms = { keys: { kms: 'awskms:///release', rekor: { ignoreTlog: true }, ctlog: { ignoreSCT: true } } }
const keyless = { keyless: { subject: 'jane', issuer: 'idp', rekor: { url: 'https://rekor.test' } } }
const entry = (attestor: object, more: object = {}): object => ({
  imageReferences: ['registry.test/*'],
  attestors: [{ entries: [attestor] }],
  ...more,
})
const needing = (context: object): PolicyParts => ({
  rule: {
    context: [{ name: 'c', ...context }],
    preconditions: { all: [{ key: '{{ c.data.x }}', operator: 'Equals', value: 'y' }] },
  },
})
const inNamespace = {
  rule: { match: { any: [{ resources: { kinds: ['Pod'], namespaceSelector: { matchLabels: { team: 'core' } } } }] } },
}

async function judge(
  entries: readonly object[],
  options: Omit<ImageVerifierOptions, 'policies'>,
  parts: PolicyParts = {},
): Promise<ResourceVerdict> {
  return createImageVerifier({
    registry: world.registryClient(),
    clock: world.clock,
    deadlineMs: 200,
    ...options,
    policies: policyOf(entries, parts),
  }).verifyResource(podOf('registry.test/app:1'))
}

describe('an adapter that never answers and ignores the signal is given up at the deadline', () => {
  const signed = (more: object = {}): object => signedBy([world.key('release')], more)
  test.each<[string, () => Promise<ResourceVerdict>]>([
    [
      'a ConfigMap',
      () =>
        judge([signed()], { kubernetes: { read: never } }, needing({ configMap: { name: 'c', namespace: 'default' } })),
    ],
    [
      'an API call',
      () =>
        judge(
          [signed()],
          { kubernetes: { read: never, call: never } },
          needing({ apiCall: { urlPath: '/api/v1/pods' } }),
        ),
    ],
    [
      'a global entry',
      () =>
        judge(
          [signed()],
          { kubernetes: { read: never, globalEntry: never } },
          needing({ globalReference: { name: 'g' } }),
        ),
    ],
    ['labels of the namespace', () => judge([signed()], { kubernetes: { read: never } }, inNamespace)],
    [
      'a pull secret',
      () => judge([signed({ imageRegistryCredentials: { secrets: ['pull'] } })], { kubernetes: { read: never } }),
    ],
    [
      'a credential',
      () =>
        judge([signed({ imageRegistryCredentials: { providers: ['amazon'] } })], {
          credentialProviders: { amazon: { credentialFor: never } },
        }),
    ],
    ['a key', () => judge([entry(kms)], { keys: { resolveKey: never } })],
    [
      'the trust root',
      async () => {
        world.image('registry.test/app:1').signedKeylessly({ subject: 'jane', issuer: 'idp' })
        return judge([entry(keyless)], { trust: { load: never } })
      },
    ],
  ])('%s', async (_, verify) => {
    const started = Date.now()
    const verdict = await verify()
    expect(verdict).toMatchObject({ admitted: false, outcome: 'inconclusive', unmatched: false })
    expect(Date.now() - started).toBeLessThan(2_000)
    const [reason] = verdict.rules.flatMap(({ reasons }) => reasons)
    if (reason?.code === 'VERIFIER_DEADLINE_EXCEEDED') expect(reason.message).toContain(', while waiting for ')
  })
})

describe('an entry that was not evaluated before the deadline', () => {
  const ignoring = { spec: { failurePolicy: 'Ignore' } }

  test('an entry that was not evaluated before the deadline is not covered by the one before it', async () => {
    const verdict = await judge(
      [signedBy([world.key('release')]), entry(kms)],
      { keys: { resolveKey: never } },
      ignoring,
    )
    expect(verdict).toMatchObject({ admitted: false, outcome: 'inconclusive' })
    expect(verdict.rules.map(({ phase, status, code }) => `${phase} ${status} ${String(code)}`)).toEqual([
      'mutate error VERIFIER_DEADLINE_EXCEEDED',
      'validate fail VERIFIER_IMAGE_UNVERIFIED',
    ])
  })

  test('an entry whose credentials were not read before the deadline is not covered by the one before it', async () => {
    const second = signedBy([world.key('release')], { imageRegistryCredentials: { secrets: ['pull'] } })
    const kubernetes = { read: () => Promise.reject(new Error('no route')) }
    expect(await judge([signedBy([world.key('release')]), second], { kubernetes }, ignoring)).toMatchObject({
      admitted: false,
      outcome: 'inconclusive',
    })
  })

  test('control: an image that both entries accept in time is admitted', async () => {
    const keys = { resolveKey: () => Promise.resolve(world.key('release').publicKey) }
    expect(await judge([signedBy([world.key('release')]), entry(kms)], { keys }, ignoring)).toMatchObject({
      admitted: true,
      outcome: 'accepted',
    })
  })
})
