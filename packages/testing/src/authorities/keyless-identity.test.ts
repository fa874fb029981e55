import { X509Certificate } from 'node:crypto'
import { expect, test } from 'vitest'
import { der } from '../certificates/der-writer.ts'
import { makeKeyPair } from '../certificates/key-pair.ts'
import { makeCertificate } from '../certificates/make-certificate.ts'
import { githubWorkflow, identityExtensions } from './keyless-identity.ts'

const key = makeKeyPair()
const issuer = 'https://issuer.example.com'

test.each([
  ['user@example.com', 'email:user@example.com'],
  ['https://github.com/acme/app/.github/workflows/a.yml@refs/heads/main', 'URI:'],
  ['spiffe://example.com/build@1', 'URI:spiffe://example.com/build@1'],
  ['build-bot', 'othername:'],
])('encodes the subject %s as %s', (subject, expected) => {
  const { pem } = makeCertificate({ subject: 'a', key, extensions: identityExtensions({ subject, issuer }) })
  expect(new X509Certificate(pem).subjectAltName).toContain(expected)
})

test('writes the issuer as a plain string and as a DER string', () => {
  const extensions = identityExtensions({ subject: 'build-bot', issuer })
  const valueOf = (oid: string): Uint8Array | undefined => extensions.find((extension) => extension.oid === oid)?.value
  expect(valueOf('1.3.6.1.4.1.57264.1.1')).toEqual(Buffer.from(issuer))
  expect(valueOf('1.3.6.1.4.1.57264.1.8')).toEqual(der.utf8(issuer))
  expect(extensions.map(({ oid }) => oid)).not.toContain('1.3.6.1.4.1.57264.1.2')
})

test('writes the workflow claims of Fulcio with the encoding of their OID', () => {
  const sha = 'abc123'.padEnd(40, '0')
  const run = githubWorkflow({
    repository: 'acme/app',
    workflow: '.github/workflows/build.yaml',
    sha,
    trigger: 'release',
  })
  const extensions = new Map(identityExtensions(run).map(({ oid, value }) => [oid, Buffer.from(value)]))
  const plain = (number: number): string | undefined =>
    extensions.get(`1.3.6.1.4.1.57264.1.${String(number)}`)?.toString()
  expect([2, 3, 4, 5, 6].map(plain)).toEqual(['release', sha, 'build', 'acme/app', 'refs/heads/main'])
  const encoded = (number: number): string | undefined => plain(number)?.slice(2)
  expect(encoded(9)).toBe(run.subject)
  expect(encoded(12)).toBe('https://github.com/acme/app')
  expect(encoded(13)).toBe(sha)
  expect(encoded(16)).toBe('https://github.com/acme')
  expect(encoded(20)).toBe('release')
})
