import { type CheckError, checkErrorOf, StepError } from '@verify-images/primitives'
import { makeKeyPair, toPem } from '@verify-images/testing/internal'
import { describe, expect, it } from 'vitest'
import type { KeyResolver, KeySource } from '../ports.ts'
import { resolveKey } from './resolve-key.ts'

const pair = makeKeyPair()
const pem = toPem('PUBLIC KEY', pair.spki)
const { signal } = new AbortController()

/** The error a key is refused with; the step around it must say which key. */
async function failure(text: string, keys?: KeyResolver): Promise<CheckError> {
  const error: unknown = await resolveKey(text, keys, signal).catch((thrown: unknown) => thrown)
  if (!(error instanceof StepError)) throw new Error('no error of a step')
  expect(error.step).toEqual({
    kind: 'attestor-load-key',
    ...(!text.trim().startsWith('-----BEGIN PUBLIC KEY-----') && { reference: text }),
  })
  const known = checkErrorOf(error)
  if (known === undefined) throw new Error('no check error')
  return known
}

/** A resolver that answers with a text, and remembers what it was asked for. */
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
  it('is read as it stands, surrounding blanks and all', async () => {
    expect(Buffer.from((await resolveKey(`\n  ${pem}\n`, undefined, signal)).spki)).toEqual(Buffer.from(pair.spki))
  })

  it('ends with its block: what follows is not looked at', async () => {
    const other = toPem('PUBLIC KEY', makeKeyPair().spki)
    expect(Buffer.from((await resolveKey(`${pem}\nand more\n${other}`, undefined, signal)).spki)).toEqual(
      Buffer.from(pair.spki),
    )
  })

  it.each([
    ['a broken block', '-----BEGIN PUBLIC KEY-----\n!!!!\n-----END PUBLIC KEY-----'],
    ['a block without end', '-----BEGIN PUBLIC KEY-----\nAAAA'],
    ['a block of something else', '-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----'],
    ['a broken block before a whole one', `-----BEGIN PUBLIC KEY-----\n!\n-----END PUBLIC KEY-----\n${pem}`],
  ])('is refused: %s', async (_, text) => {
    const error = await failure(text)
    expect(error.code).toBe('ATTESTOR_POLICY_INVALID')
  })
})

describe('a reference to a key', () => {
  it('goes to the resolver with its parts', async () => {
    const keys = answering(pem)
    await resolveKey('k8s://kyverno/cosign-pub', keys, signal)
    await resolveKey('awskms:///alias/release', keys, signal)
    await resolveKey('hashivault://release', keys, signal)
    expect(keys.asked).toEqual([
      { kind: 'kubernetes-secret', namespace: 'kyverno', name: 'cosign-pub' },
      { kind: 'kms', provider: 'awskms', uri: 'awskms:///alias/release' },
      { kind: 'kms', provider: 'hashivault', uri: 'hashivault://release' },
    ])
  })

  it('cannot be had without a resolver, or when that fails', async () => {
    const without = await failure('gcpkms://x')
    expect([without.code, without.inconclusive]).toEqual(['ATTESTOR_KEY_UNAVAILABLE', true])
    const error = await failure('k8s://a/b', { resolveKey: () => Promise.reject(new Error('secrets "b" not found')) })
    expect([error.code, error.details.detail]).toEqual([
      'ATTESTOR_KEY_UNAVAILABLE',
      { kind: 'attestor-key-not-resolved', problem: 'secrets "b" not found' },
    ])
  })

  it('that answers with something else is no key', async () => {
    expect(await failure('k8s://a/b', answering(undefined as unknown as string))).toMatchObject({
      code: 'ATTESTOR_KEY_UNAVAILABLE',
      inconclusive: true,
    })
    expect(await failure('k8s://a/b', answering('garbage'))).toMatchObject({
      code: 'ATTESTOR_POLICY_INVALID',
      details: { detail: { kind: 'attestor-pem-invalid', of: 'public-key' } },
    })
  })

  it.each([
    ['a file', '/etc/keys/release.pub'],
    ['a URL', 'https://keys.test/release.pub'],
    ['an environment variable', 'env://KEY'],
    ['an unknown scheme', 'ftp://x'],
    ['a PEM of another kind', '-----BEGIN RSA PUBLIC KEY-----\nAAAA\n-----END RSA PUBLIC KEY-----'],
    ['text before the key', `key: ${pem}`],
    ['half a secret', 'k8s://only-a-namespace'],
    ['too much of a secret', 'k8s://a/b/c'],
  ])('is never %s', async (_, text) => {
    const keys = answering(pem)
    const error = await failure(text, keys)
    expect([error.code, error.details.difference]).toEqual(['ATTESTOR_POLICY_INVALID', 'S20'])
    expect(error.message).toBe('the key is neither a PEM public key nor the name of a secret or KMS key')
    expect(keys.asked).toEqual([])
  })
})
