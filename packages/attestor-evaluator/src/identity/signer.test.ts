import { generalName, makeCertificate, makeKeyPair } from '@verify-images/testing/internal'
import { parseCertificate } from '@verify-images/x509'
import { expect, test } from 'vitest'
import { certificateSigner, signerNames } from './signer.ts'

type Template = Partial<Parameters<typeof makeCertificate>[0]>

/** Certifies a new key. */
const namesOf = (template: Template = {}): readonly string[] =>
  signerNames(
    certificateSigner(parseCertificate(makeCertificate({ subject: 'alice', key: makeKeyPair(), ...template }).der)),
  )

const isSame = (one: readonly string[], other: readonly string[]): boolean => one.some((name) => other.includes(name))

test('two certificates of one subject are one signer where a private authority states no issuer of the identity', () => {
  const email = { subjectAltNames: [generalName.email('alice@example.com')] }
  expect(isSame(namesOf(email), namesOf(email))).toBe(true)
  // The alternative names are the identity; a subject that says something else does not make it another person.
  expect(isSame(namesOf(email), namesOf({ ...email, subject: 'another subject' }))).toBe(true)
  expect(isSame(namesOf(), namesOf())).toBe(true)
})

test('certificates of two subjects are two signers', () => {
  const bob = { subjectAltNames: [generalName.email('bob@example.com')] }
  expect(isSame(namesOf({ subjectAltNames: [generalName.email('alice@example.com')] }), namesOf(bob))).toBe(false)
  expect(isSame(namesOf(), namesOf({ subject: 'bob' }))).toBe(false)
})

test('one key is one signer, whatever its certificates say', () => {
  const key = makeKeyPair()
  expect(isSame(namesOf({ key }), namesOf({ key, subject: 'bob' }))).toBe(true)
})
