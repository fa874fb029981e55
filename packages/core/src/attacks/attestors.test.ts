import { describe, expect, test } from 'vitest'
import { createImageVerifier } from '../create-image-verifier.ts'
import { parsePolicies } from '../parse-policies.ts'
import type { Policy } from '@verify-images/policy-parser'
import { attackedWorld } from '../testing/attacked-world.ts'
import { keyAttestor, podOf, policyOf } from '../testing/policies.ts'

/**
 * Attestors that say too little, too much or nothing: they are refused with the policy, or never pass and are listed.
 */
const attacked = attackedWorld()
const SCAN = 'https://example.com/scan'
const IDENTITY = { subject: 'dev@example.com', issuer: 'https://accounts.example.com' }
const pod = podOf('registry.test/app:1')

/** Whether the image is admitted; text where the policy was refused. What never passes has to be listed beforehand. */
async function admits(entry: object): Promise<boolean | string> {
  let policies: readonly Policy[]
  try {
    policies = policyOf([{ imageReferences: ['registry.test/*'], ...entry }])
  } catch (error) {
    expect(error).toMatchObject({ name: 'PolicyError' })
    return 'refused'
  }
  const options = { trust: attacked.world.trust }
  return (await attacked.judge(policies, pod, options)).admitted
}

function problems(entry: object): readonly string[] {
  return createImageVerifier({
    policies: policyOf([{ imageReferences: ['registry.test/*'], ...entry }]),
    trust: attacked.world.trust,
  }).problems.map(({ code }) => code)
}

const attestedBy = (attestors?: object, type = 'Cosign'): object => ({
  type,
  attestations: [{ type: SCAN, ...(attestors === undefined ? {} : { attestors }) }],
})

describe('an attestation without attestors', () => {
  test('control: an attestation by the required identity is accepted', async () => {
    attacked.world.image('registry.test/app:1').attestedKeylessly(IDENTITY, { type: SCAN, predicate: {} })
    expect(
      await admits(
        attestedBy([{ entries: [{ keyless: { ...IDENTITY, rekor: { url: 'https://rekor.sigstore.dev' } } }] }]),
      ),
    ).toBe(true)
  })

  test.each<[string, string]>([
    ['Cosign', 'a certificate of another identity'],
    ['SigstoreBundle', 'a bundle of another identity'],
    ['Notary', 'an attestation of another identity'],
  ])('an attestation without attestors is not satisfied under type %s by %s', async (type) => {
    const { world } = attacked
    const stranger = { subject: 'evil@example.com', issuer: IDENTITY.issuer }
    world
      .image('registry.test/app:1')
      .attestedKeylessly(stranger, { type: SCAN, predicate: {} })
      .bundledKeylessly(stranger, { content: { type: SCAN, predicate: {} } })
      .notaryAttestedBy(world.certificateAuthority('strangers').issue('stranger'), SCAN, {})
    for (const none of [undefined, [], [{ entries: [] }]]) {
      expect([false, 'refused']).toContain(await admits(attestedBy(none, type)))
      if (none === undefined) expect(problems(attestedBy(none, type))).not.toEqual([])
    }
  })
})

describe('a keyless attestor', () => {
  const keyless = (fields: object): object => ({
    attestors: [{ entries: [{ keyless: { rekor: { url: 'https://rekor.sigstore.dev' }, ...fields } }] }],
  })

  test.each<[string, object, boolean | string]>([
    ['names subject and issuer', IDENTITY, true],
    [
      'names them as patterns',
      { subjectRegExp: '^dev@example\\.com$', issuerRegExp: '^https://accounts\\.example\\.com$' },
      true,
    ],
    ['names every subject with `*`', { subject: '*', issuer: IDENTITY.issuer }, true],
    ['names another subject', { ...IDENTITY, subject: 'other@example.com' }, false],
    ['names another issuer', { ...IDENTITY, issuer: 'https://other.example.com' }, false],
    ['has a subject that fits and a pattern that does not', { ...IDENTITY, subjectRegExp: '^nobody$' }, false],
    [
      'has a pattern that fits and a subject that does not',
      { ...IDENTITY, subject: 'other@example.com', subjectRegExp: '.*' },
      false,
    ],
    ['has an issuer that fits and a pattern that does not', { ...IDENTITY, issuerRegExp: '^nobody$' }, false],
    ['has an invalid pattern', { ...IDENTITY, subjectRegExp: '(' }, false],
    ['has a pattern of JavaScript', { ...IDENTITY, subjectRegExp: '(?=dev)' }, false],
    [
      'requires another value of an extension',
      { ...IDENTITY, additionalExtensions: { githubWorkflowRef: 'refs/heads/main' } },
      false,
    ],
    ['requires an unknown extension', { ...IDENTITY, additionalExtensions: { constructor: 'x' } }, false],
    ['names no identity', {}, false],
    ['names empty strings', { subject: '', issuer: '' }, false],
    ['has invalid roots', { ...IDENTITY, roots: 'x' }, false],
  ])('a keyless attestor %s', async (_, fields, expected) => {
    attacked.world.image('registry.test/app:1').signedKeylessly(IDENTITY)
    const admitted = await admits(keyless(fields))
    expect(admitted === 'refused' ? false : admitted).toBe(expected)
  })

  test.each([
    [{}],
    [{ subject: '', issuer: '' }],
    [{ ...IDENTITY, subjectRegExp: '(' }],
    [{ ...IDENTITY, additionalExtensions: { constructor: 'x' } }],
  ])('a keyless attestor with %j is listed as a problem', (fields) => {
    expect(problems(keyless(fields))).not.toEqual([])
  })
})

describe('a count', () => {
  const text = (count: string, entries: string): string =>
    `{"apiVersion":"kyverno.io/v1","kind":"ClusterPolicy","metadata":{"name":"counted"}` +
    `,"spec":{"validationFailureAction":"Enforce","background":false,"rules":[{"name":"check","match":{"any":[{"resources":{"kinds":["Pod"]}}]},"verifyImages":[{"imageReferences":["registry.test/*"],"attestors":[{${count === '' ? '' : `"count":${count},`}"entries":${entries}}]}]}]}}`
  const admit = async (count: string, entries: string): Promise<boolean | string> => {
    try {
      return (await attacked.judge(parsePolicies(text(count, entries)), pod)).admitted
    } catch (error) {
      expect(error).toMatchObject({ name: 'PolicyError' })
      return 'refused'
    }
  }
  const both = (): string =>
    JSON.stringify([keyAttestor(attacked.world.key('one')), keyAttestor(attacked.world.key('two'))])

  test.each<[string, boolean | string]>([
    ['1', true],
    ['', false],
    ['2', false],
    ['0', 'refused'],
    ['-1', 'refused'],
    ['1.5', 'refused'],
    ['"1"', 'refused'],
    ['99', false],
    ['1e0', true],
    ['9007199254740993', false],
    ['null', false],
    ['[]', 'refused'],
    ['true', 'refused'],
  ])('a count of %s with one of two signatures', async (count, expected) => {
    attacked.world.image('registry.test/app:1').signedBy(attacked.world.key('one'))
    const admitted = await admit(count, both())
    if (expected === true) expect(admitted).toBe(true)
    else expect([false, 'refused']).toContain(admitted)
  })

  test.each(['0', '-1', 'null', ''])('a count of %s without any signature never admits', async (count) => {
    attacked.world.image('registry.test/app:1')
    expect([false, 'refused']).toContain(await admit(count, both()))
  })

  test.each(['[]', '[{}]', '[null]', 'null', '{}', '[{"keys":{}}]', '[{"keys":{"publicKeys":""}}]'])(
    'the entries %s never pass, whatever the count',
    async (entries) => {
      attacked.world.image('registry.test/app:1').signedBy(attacked.world.key('one'))
      for (const count of ['', '1', '0']) expect([false, 'refused']).toContain(await admit(count, entries))
    },
  )

  test('a count of two is not met by one key in two forms', async () => {
    const { world } = attacked
    const one = world.key('one')
    const rewrapped = `-----BEGIN PUBLIC KEY-----\n${one.publicKey.replace(/-----[^-]+-----/g, '').replace(/\s/g, '')}\n-----END PUBLIC KEY-----\n`
    world.image('registry.test/app:1').signedBy(one).signedBy(one)
    expect(await admit('2', JSON.stringify([keyAttestor(one), keyAttestor({ publicKey: rewrapped })]))).not.toBe(true)
    expect(
      await admit('', JSON.stringify([keyAttestor({ publicKey: `${one.publicKey}\n${one.publicKey}` })])),
    ).not.toBe(true)
    world.image('registry.test/app:1').unsigned().signedBy(one).signedBy(world.key('two'))
    expect(await admit('2', both())).toBe(true)
  })
})

describe('attestors in attestors', () => {
  const nested = (levels: number): object => {
    let entry = keyAttestor(attacked.world.key('one'))
    for (let i = 0; i < levels; i++) entry = { attestor: { entries: [entry] } }
    return { attestors: [{ entries: [entry] }] }
  }

  test.each<[number, boolean]>([
    [1, true],
    [5, true],
    [50, false],
  ])('attestors nested %i levels deep', async (levels, expected) => {
    attacked.world.image('registry.test/app:1').signedBy(attacked.world.key('one'))
    const admitted = await admits(nested(levels))
    expect(admitted === true).toBe(expected)
    attacked.world.image('registry.test/app:1').unsigned()
    expect(await admits(nested(levels))).not.toBe(true)
  })

  test('an entry with a nested attestor and another kind is refused', async () => {
    attacked.world.image('registry.test/app:1').signedBy(attacked.world.key('one'))
    expect(
      await admits({ attestors: [{ entries: [{ ...keyAttestor(attacked.world.key('one')), keyless: IDENTITY }] }] }),
    ).toBe('refused')
  })
})
