import type { Policy } from '@verify-images/policy-parser'
import { describe, expect, test } from 'vitest'
import { attackedWorld } from '../testing/attacked-world.ts'
import { keyAttestor, podOf, policyOf } from '../testing/policies.ts'

/** Trusted statements that would deny, and cannot be read or compared. */
const attacked = attackedWorld()
const SCAN = 'https://example.com/scan'
const pod = podOf('registry.test/app:1')

function policies(by: string, attestor = keyAttestor(attacked.world.key('release'))): readonly Policy[] {
  const conditions = [{ all: [{ key: '{{ scan.critical }}', operator: 'Equals', value: 0 }] }]
  const deny = { conditions: { any: [{ key: '{{ scan.critical }}', operator: 'GreaterThan', value: 0 }] } }
  const attestation = { name: 'scan', type: SCAN, attestors: [{ entries: [attestor] }] }
  return policyOf([
    {
      imageReferences: ['registry.test/*'],
      attestations: [{ ...attestation, ...(by === 'conditions' && { conditions }) }],
      ...(by === 'deny' && { validate: { message: 'denied', deny } }),
    },
  ])
}

describe.each(['deny', 'conditions'])('%s', (by) => {
  test.each(['first', 'last'])('never skips a predicate that is not an object and is listed %s', async (position) => {
    const image = attacked.world.image('registry.test/app:1')
    const key = attacked.world.key('release')
    if (position === 'first') image.attestedBy(key, SCAN, [{ critical: 9 }])
    image.attestedBy(key, SCAN, { critical: 0 })
    if (position === 'last') expect((await attacked.judge(policies(by), pod)).admitted).toBe(true)
    if (position === 'last') image.attestedBy(key, SCAN, [{ critical: 9 }])
    expect((await attacked.judge(policies(by), pod)).admitted).toBe(false)
  })

  test('never skips a statement that the registry fails to return', async () => {
    const key = attacked.world.key('release')
    attacked.world
      .image('registry.test/app:1')
      .attestedBy(key, SCAN, { critical: 0 })
      .attestedBy(key, 'https://example.com/other', { a: 1 })
    expect((await attacked.judge(policies(by), pod)).admitted).toBe(true)
    const blobs = new Set(attacked.world.registry.requests.map(({ path }) => path).filter((path) => /blobs/.test(path)))
    expect(blobs.size).toBe(2)
    for (const blob of blobs) {
      attacked.fault = ({ path }) => (path === blob ? { status: 503 } : undefined)
      expect(await attacked.judge(policies(by), pod)).toMatchObject({ admitted: false, outcome: 'inconclusive' })
    }
  })
})

test('a null in a nested attestor counts as an absent field', async () => {
  const { world } = attacked
  const key = world.key('release')
  const anyone = { subject: 'anyone@acme.test', issuer: 'https://accounts.acme.test' }
  world
    .image('registry.test/app:1')
    .attestedBy(key, SCAN, { critical: 0 })
    .attestedKeylessly(anyone, { type: SCAN, predicate: { critical: 0 } })
  const admits = async (attestor: object): Promise<boolean> =>
    (await attacked.judge(policies('deny', { attestor }), pod, { trust: world.trust })).admitted
  expect(await admits({ count: null, entries: [{ ...keyAttestor(key), keyless: null, annotations: null }] })).toBe(true)
  expect(await admits({ entries: [{ keys: { publicKeys: key.publicKey, rekor: null } }] })).toBe(false)
})

/** The policies without the `validate` of their first entry, which the parser asks of every entry. */
function withoutFirstValidate(policies: readonly Policy[]): readonly Policy[] {
  return policies.map((policy) => ({
    ...policy,
    spec: {
      ...policy.spec,
      rules: policy.spec.rules.map(({ verifyImages = [], ...rule }) => ({
        ...rule,
        verifyImages: verifyImages.map(({ validate, ...entry }, i) =>
          i === 0 || validate === undefined ? entry : { ...entry, validate },
        ),
      })),
    },
  }))
}

test('an unread bundle counts where only another entry of the rule has `deny`', async () => {
  const { world } = attacked
  const key = world.key('release')
  const image = world.image('registry.test/app:1')
  for (const part of ['one', 'two']) image.bundledBy(key, { content: { type: SCAN, predicate: { part, critical: 0 } } })
  const rule = (name: object, variable: string): readonly Policy[] => {
    const deny = { conditions: { any: [{ key: variable, operator: 'GreaterThan', value: 0 }] } }
    const validate = { message: 'denied', deny }
    const attestation = { ...name, type: SCAN, attestors: [{ entries: [keyAttestor(key)] }] }
    return policyOf([
      { imageReferences: ['registry.test/*'], type: 'SigstoreBundle', attestations: [attestation], validate },
      { imageReferences: ['other.test/*'], attestors: [{ entries: [keyAttestor(key)] }], validate },
    ])
  }
  const named = withoutFirstValidate(rule({ name: 'scan' }, '{{ scan.critical }}'))
  expect((await attacked.judge(named, pod)).admitted).toBe(true)
  const blobs = new Set(world.registry.requests.map(({ path }) => path).filter((path) => /blobs/.test(path)))
  expect(blobs.size).toBe(2)
  for (const blob of blobs) {
    attacked.fault = ({ path }) => (path === blob ? { status: 503 } : undefined)
    expect(await attacked.judge(named, pod)).toMatchObject({ admitted: false, outcome: 'inconclusive' })
    // `deny` does not see the statements of an attestation without a name.
    expect((await attacked.judge(rule({}, '{{ `0` }}'), pod)).admitted).toBe(true)
  }
})

describe('with `discovery: auto`', () => {
  const scanner = { subject: 'scanner@acme.test', issuer: 'https://accounts.acme.test' }
  const stranger = { subject: 'stranger@other.test', issuer: 'https://accounts.acme.test' }
  const auto = { attestors: { discovery: 'auto' } } as const
  const said = (critical: number): { readonly type: string; readonly predicate: object } => ({
    type: SCAN,
    predicate: { critical },
  })

  test('an attestation of another signer does not hide a trusted one that denies', async () => {
    const { world } = attacked
    const image = world.image('registry.test/app:1').bundledKeylessly(scanner, { content: said(0) })
    const keyless = policies('conditions', { keyless: { ...scanner, rekor: { url: 'https://rekor.sigstore.dev' } } })
    const options = { ...auto, trust: world.trust }
    expect((await attacked.judge(keyless, pod, options)).admitted).toBe(true)
    image.attestedKeylessly(scanner, said(9))
    expect((await attacked.judge(keyless, pod, options)).admitted).toBe(false)
    image.attestedKeylessly(stranger, said(0))
    expect((await attacked.judge(keyless, pod, options)).admitted).toBe(false)
  })

  test('a `.att` tag that is not a manifest of attestations does not make bundles count', async () => {
    const { world } = attacked
    const key = world.key('release')
    world.image('registry.test/app:1').bundledBy(key, { content: said(0) })
    expect((await attacked.judge(policies('conditions'), pod, auto)).admitted).toBe(true)
    attacked.fault = ({ path }) =>
      path.endsWith('.att')
        ? {
            status: 200,
            headers: { 'content-type': 'application/vnd.oci.image.manifest.v1+json' },
            body: '{"schemaVersion":2,"config":{},"layers":[{"digest":1}]}',
          }
        : undefined
    expect((await attacked.judge(policies('conditions'), pod, auto)).admitted).toBe(false)
  })
})
