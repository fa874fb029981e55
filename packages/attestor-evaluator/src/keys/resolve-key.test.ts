import { generateKeyPairSync } from 'node:crypto'
import { failureOf } from '@verify-images/primitives'
import { type CheckError, checkErrorOf, StepError } from '@verify-images/primitives'
import { makeKeyPair, toPem } from '@verify-images/testing/internal'
import type { PublicKey } from '@verify-images/x509'
import { describe, expect, test } from 'vitest'
import type { KeyResolver, KeySource } from '../ports.ts'
import { parseKeyMaterial, secretKey } from './key-material.ts'
import { resolveKey } from './resolve-key.ts'

const pair = makeKeyPair()
const pem = toPem('PUBLIC KEY', pair.spki)
const { signal } = new AbortController()

/** Returns the error a key is refused with; the step around it must say which key. */
async function failure(text: string, keys?: KeyResolver): Promise<CheckError> {
  const error: unknown = await resolveKey(parseKeyMaterial(text), keys, signal).catch((thrown: unknown) => thrown)
  if (!(error instanceof StepError)) throw new Error('no error of a step')
  expect(error.step).toEqual({
    kind: 'attestor-load-key',
    ...(!text.trim().startsWith('-----BEGIN PUBLIC KEY-----') && { reference: text }),
  })
  const known = checkErrorOf(error)
  if (known === undefined) throw new Error('no check error')
  return known
}

const resolveText = (text: string, keys?: KeyResolver): Promise<PublicKey> =>
  resolveKey(parseKeyMaterial(text), keys, signal)

/** Returns a resolver that answers with a text, and remembers what it was asked for. */
function answering(text: string): KeyResolver & { readonly asked: KeySource[] } {
  const asked: KeySource[] = []
  return {
    asked,
    resolveKey: (source) => {
      asked.push(source)
      return Promise.resolve(text)
    },
  }
}

describe('a key in the policy', () => {
  test('a key in the policy is parsed without the white space around it', async () => {
    expect(Buffer.from((await resolveText(`\n  ${pem}\n`)).spki)).toEqual(Buffer.from(pair.spki))
  })

  test('a key in the policy ends with its block, whatever follows', async () => {
    const other = toPem('PUBLIC KEY', makeKeyPair().spki)
    expect(Buffer.from((await resolveText(`${pem}\nand more\n${other}`)).spki)).toEqual(Buffer.from(pair.spki))
  })

  test.each([
    ['a broken block', '-----BEGIN PUBLIC KEY-----\n!!!!\n-----END PUBLIC KEY-----'],
    ['a block without end', '-----BEGIN PUBLIC KEY-----\nAAAA'],
    ['a block of something else', '-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----'],
    ['a broken block before a whole one', `-----BEGIN PUBLIC KEY-----\n!\n-----END PUBLIC KEY-----\n${pem}`],
  ])('a key in the policy is refused: %s', async (_, text) => {
    const error = await failure(text)
    expect(error.code).toBe('ATTESTOR_POLICY_INVALID')
  })
})

describe('a reference to a key', () => {
  test('a reference to a key is resolved by its parts', async () => {
    const keys = answering(pem)
    for (const text of ['k8s://kyverno/cosign-pub', 'awskms:///alias/release', 'hashivault://release'])
      await resolveText(text, keys)
    expect(keys.asked).toEqual([
      { kind: 'kubernetes-secret', namespace: 'kyverno', name: 'cosign-pub' },
      { kind: 'kms', provider: 'awskms', uri: 'awskms:///alias/release' },
      { kind: 'kms', provider: 'hashivault', uri: 'hashivault://release' },
    ])
  })

  test('a reference to a key is inconclusive without a resolver, and when the resolver fails', async () => {
    const without = await failure('gcpkms://x')
    expect([without.code, without.inconclusive]).toEqual(['ATTESTOR_KEY_UNAVAILABLE', true])
    const error = await failure('k8s://a/b', { resolveKey: () => Promise.reject(new Error('secrets "b" not found')) })
    expect([error.code, error.details.detail]).toEqual([
      'ATTESTOR_KEY_UNAVAILABLE',
      { kind: 'attestor-key-not-resolved', problem: 'secrets "b" not found' },
    ])
  })

  test('a reference to a key is refused when the resolver returns anything but a PEM public key', async () => {
    expect(await failure('k8s://a/b', answering(undefined as unknown as string))).toMatchObject({
      code: 'ATTESTOR_KEY_UNAVAILABLE',
      inconclusive: true,
    })
    expect(await failure('k8s://a/b', answering('garbage'))).toMatchObject({
      code: 'ATTESTOR_POLICY_INVALID',
      details: { detail: { kind: 'attestor-pem-invalid', of: 'public-key' } },
    })
  })

  test.each([
    ['a file', '/etc/keys/release.pub'],
    ['a URL', 'https://keys.test/release.pub'],
    ['an environment variable', 'env://KEY'],
    ['an unknown scheme', 'ftp://x'],
    ['a PEM of another kind', '-----BEGIN RSA PUBLIC KEY-----\nAAAA\n-----END RSA PUBLIC KEY-----'],
    ['text before the key', `key: ${pem}`],
    ['a Secret without a name', 'k8s://only-a-namespace'],
    ['a Secret with a path', 'k8s://a/b/c'],
  ])('a reference to a key is never resolved for %s', async (_, text) => {
    const keys = answering(pem)
    const error = await failure(text, keys)
    expect([error.code, error.details.difference]).toEqual(['ATTESTOR_POLICY_INVALID', 'S20'])
    expect(error.message).toBe('key of the attestor: expected a PEM public key, a Kubernetes Secret or a KMS key')
    expect(keys.asked).toEqual([])
  })
})

describe('the Secret of a policy', () => {
  test('the Secret of a policy is asked for by its namespace and name as separate values', async () => {
    const keys = answering(pem)
    await resolveKey(secretKey({ namespace: 'kyverno', name: 'k8s:' }), keys, signal)
    expect(keys.asked).toEqual([{ kind: 'kubernetes-secret', namespace: 'kyverno', name: 'k8s:' }])
  })

  test.each([
    ['a slash in the name', { namespace: 'kyverno', name: 'a/b' }, 'k8s://kyverno/a/b'],
    ['a slash in the namespace', { namespace: 'kyverno/a', name: 'b' }, 'k8s://kyverno/a/b'],
    ['no namespace', { name: 'b' }, 'k8s:///b'],
    ['no name', { namespace: 'a' }, 'k8s://a/'],
  ])('the Secret of a policy is never asked for with %s', async (_, secret, reference) => {
    const keys = answering(pem)
    const error: unknown = await resolveKey(secretKey(secret), keys, signal).catch((thrown: unknown) => thrown)
    expect(checkErrorOf(error)).toMatchObject({
      code: 'ATTESTOR_POLICY_INVALID',
      details: { actual: reference, difference: 'S20' },
    })
    expect(keys.asked).toEqual([])
  })
})

test('never shows a private key that stands where a public key belongs', async () => {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
  for (const written of [pem, pem.replaceAll('\n', ' ')]) {
    const error: unknown = await resolveKey(parseKeyMaterial(written), undefined, new AbortController().signal).catch(
      (thrown: unknown) => thrown,
    )
    const failure = failureOf(error, {}, new AbortController().signal)
    expect(JSON.stringify(failure)).toContain('ATTESTOR_POLICY_INVALID')
    expect(JSON.stringify(failure)).not.toContain(pem.slice(30, 60))
  }
})
