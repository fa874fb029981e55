import { makeKeyPair, toPem } from '@verify-images/testing/internal'
import { describe, expect, it } from 'vitest'
import { AttestorError } from '../attestor-error.ts'
import type { KeyResolver, KeySource } from '../ports.ts'
import { readKeyReference } from './key-reference.ts'
import { resolveKey } from './resolve-key.ts'

const pair = makeKeyPair()
const pem = toPem('PUBLIC KEY', pair.spki)
const { signal } = new AbortController()

async function failure(text: string, keys?: KeyResolver): Promise<AttestorError> {
  const error = await resolveKey(text, keys, signal).then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  expect(error).toBeInstanceOf(AttestorError)
  return error as AttestorError
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
    expect(error.upstreamText).toMatch(/^failed to load public key from PEM: pem to public key: /)
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
    expect([error.code, error.upstreamText]).toEqual([
      'ATTESTOR_KEY_UNAVAILABLE',
      'failed to load public key from k8s://a/b: secrets "b" not found',
    ])
  })

  it('that answers with something else is no key', async () => {
    expect(await failure('k8s://a/b', answering(undefined as unknown as string))).toMatchObject({
      code: 'ATTESTOR_KEY_UNAVAILABLE',
      inconclusive: true,
    })
    expect(await failure('k8s://a/b', answering('garbage'))).toMatchObject({
      code: 'ATTESTOR_POLICY_INVALID',
      upstreamText: 'failed to load public key from k8s://a/b: PEM decoding failed',
    })
  })

  it.each([
    ['a file', '/etc/keys/release.pub', 'open /etc/keys/release.pub: no such file or directory'],
    ['a URL', 'https://keys.test/release.pub', 'Get "https://keys.test/release.pub": keys are not read from URLs'],
    ['an environment variable', 'env://KEY', 'loading URL: env var $KEY not found'],
    ['an unknown scheme', 'ftp://x', 'loading URL: unrecognized scheme: ftp://'],
    [
      'a PEM of another kind',
      '-----BEGIN RSA PUBLIC KEY-----\nAAAA\n-----END RSA PUBLIC KEY-----',
      'no such file or directory',
    ],
    ['text before the key', `key: ${pem}`, 'no such file or directory'],
    [
      'half a secret',
      'k8s://only-a-namespace',
      'kubernetes specification should be in the format k8s://<namespace>/<secret>',
    ],
    [
      'too much of a secret',
      'k8s://a/b/c',
      'kubernetes specification should be in the format k8s://<namespace>/<secret>',
    ],
  ])('is never %s', async (_, text, upstream) => {
    const keys = answering(pem)
    const error = await failure(text, keys)
    expect([error.code, error.details.difference]).toEqual(['ATTESTOR_POLICY_INVALID', 'S20'])
    expect(error.upstreamText).toContain(upstream)
    expect(keys.asked).toEqual([])
  })
})

it('tells names that are too long for a file apart, as the message does', () => {
  expect(readKeyReference('x'.repeat(256))).toMatchObject({
    kind: 'refused',
    upstreamText: expect.stringMatching(/file name too long$/),
  })
  expect(readKeyReference('x'.repeat(255))).toMatchObject({
    kind: 'refused',
    upstreamText: expect.stringMatching(/no such file or directory$/),
  })
})
