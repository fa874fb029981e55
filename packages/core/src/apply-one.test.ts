import { createSigningWorld, type SigningWorld } from '@verify-images/testing'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createImageVerifier } from './create-image-verifier.ts'
import { parsePolicies } from './parse-policies.ts'
import { podOf, signedBy } from './testing/policies.ts'
import type { ResourceVerdict } from './verdict/verdict.ts'

let world: SigningWorld
let digest: string
beforeEach(async () => {
  world = await createSigningWorld()
  ;({ digest } = world.image('registry.test/app:1'))
  world.image('registry.test/app:2').signedBy(world.key('release'))
})
afterEach(() => world.close())

const release = (entry: object): object =>
  signedBy([world.key('release')], { mutateDigest: false, verifyDigest: false, ...entry })
const rule = (name: string, entries: readonly object[]): object => ({
  name,
  match: { any: [{ resources: { kinds: ['Pod'] } }] },
  verifyImages: entries,
})

/** The first rule audits, the second enforces. */
async function judge(first: readonly object[], resource: object, request: object = {}): Promise<ResourceVerdict> {
  const second = rule('second', [release({ failureAction: 'Enforce' })])
  const policies = parsePolicies(
    JSON.stringify({
      apiVersion: 'kyverno.io/v1',
      kind: 'ClusterPolicy',
      metadata: { name: 'one' },
      spec: {
        validationFailureAction: 'Audit',
        background: false,
        applyRules: 'One',
        rules: [
          rule(
            'first',
            first.map((entry) => ({ failureAction: 'Audit', ...entry })),
          ),
          second,
        ],
      },
    }),
  )
  return createImageVerifier({ policies, registry: world.registryClient() }).verifyResource(resource, request)
}

const rows = ({ rules }: ResourceVerdict): string[][] =>
  rules.map(({ phase, rule: name, status, reasons }) => [
    phase,
    name,
    status,
    ...reasons.flatMap(({ difference }) => difference ?? []),
  ])

describe('applyRules: One, and a first rule that audits', () => {
  test('applyRules: One stops after a failure that Kyverno has as well', async () => {
    const verdict = await judge([release({})], podOf('registry.test/app:1'))
    expect(verdict.admitted).toBe(true)
    expect(rows(verdict)).toEqual([
      ['mutate', 'first', 'fail'],
      ['validate', 'first', 'fail'],
    ])
  })

  test('applyRules: One goes on after a failure for a reference that Kyverno does not match (S15)', async () => {
    const verdict = await judge(
      [release({ imageReferences: ['registry.test/app:*'] })],
      podOf(`registry.test/app@${digest}`),
    )
    expect(verdict.admitted).toBe(false)
    expect(rows(verdict)).toEqual([
      ['mutate', 'first', 'fail', 'S15'],
      ['mutate', 'second', 'fail'],
    ])
  })

  test('applyRules: One goes on after a failure for an image that Kyverno does not find (S30)', async () => {
    const pod = {
      ...podOf('registry.test/other:1'),
      spec: { containers: [], volumes: [{ name: 'v', image: { reference: 'registry.test/app:1' } }] },
    }
    expect(rows(await judge([release({})], pod))).toEqual([
      ['mutate', 'first', 'fail', 'S30'],
      ['mutate', 'second', 'fail', 'S30'],
    ])
  })

  test('applyRules: One goes on after a failure for an image that the object records as verified (S3)', async () => {
    const image = 'registry.test/app:1'
    const scoped = { version: 1, policies: { '/one': { first: { [image]: 'pass' } } } }
    const pod = {
      ...podOf(image),
      metadata: {
        name: 'app',
        namespace: 'default',
        annotations: { 'kyverno.io/verify-images-scoped': JSON.stringify(scoped) },
      },
    }
    const verdict = await judge([release({})], pod, { operation: 'UPDATE', oldObject: pod })
    expect(verdict.admitted).toBe(false)
    expect(rows(verdict)).toEqual([
      ['mutate', 'first', 'fail', 'S3'],
      ['mutate', 'second', 'fail'],
    ])
  })

  test('applyRules: One goes on after a `deny` that Kyverno does not evaluate (S24)', async () => {
    const deny = {
      imageReferences: ['registry.test/*'],
      mutateDigest: false,
      verifyDigest: false,
      required: false,
      validate: { message: 'no', deny: { conditions: { any: [{ key: 'a', operator: 'Equals', value: 'a' }] } } },
    }
    expect(rows(await judge([deny], podOf('registry.test/app:1')))).toEqual([
      ['mutate', 'first', 'fail', 'S24'],
      ['mutate', 'second', 'fail'],
    ])
  })

  test('applyRules: One goes on after a failure that a later entry replaces in Kyverno (S4)', async () => {
    // An entry that does not concern the image speaks after the one that refused it; the other image is skipped, too.
    const entries = [
      release({ imageReferences: ['registry.test/app:1'] }),
      release({ imageReferences: ['registry.test/other:1'], skipImageReferences: ['registry.test/other:1'] }),
    ]
    const verdict = await judge(entries, podOf('registry.test/app:1', 'registry.test/other:1'), {})
    expect(rows(verdict).filter(([phase]) => phase === 'validate')).toEqual([
      ['validate', 'first', 'fail', 'S4'],
      ['validate', 'second', 'fail'],
    ])
  })
})

test('the validating phase names the difference by which the mutating phase refused', async () => {
  world.image('registry.test/app:3').signedBy(world.key('release'))
  const twice = signedBy([world.key('release'), world.key('release')], { mutateDigest: false, verifyDigest: false })
  const verdict = await judge([twice], podOf('registry.test/app:3'))
  expect(rows(verdict)).toEqual([
    ['mutate', 'first', 'fail', 'S12'],
    ['validate', 'first', 'fail', 'S12'],
  ])
})
