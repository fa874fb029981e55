import fc from 'fast-check'
import { expect, test } from 'vitest'
import { codeOf } from '../testing/code-of.ts'
import { NotaryError } from '../notary-error.ts'
import { parseTrustPolicy } from './parse-trust-policy.ts'
import { selectStatement } from './statement.ts'

const statement = {
  name: 'acme',
  registryScopes: ['registry.example.com:5000/team/app'],
  signatureVerification: { level: 'strict' },
  trustStores: ['ca:acme', 'tsa:clock'],
  trustedIdentities: ['x509.subject: C=US, ST=WA, O=acme'],
}
const everything = {
  ...statement,
  name: 'all',
  registryScopes: ['*'],
  signatureVerification: {
    level: 'audit',
    override: { expiry: 'enforce', revocation: 'skip' },
    verifyTimestamp: 'afterCertExpiry',
  },
}
const document = (...statements: readonly object[]): string =>
  JSON.stringify({ version: '1.0', trustPolicies: statements })

test('parses statements with their levels, overrides and stores', () => {
  const policy = parseTrustPolicy(document(statement, everything))
  expect(policy.statements[0]).toMatchObject({
    level: 'strict',
    verifyTimestamp: 'always',
    trustStores: [
      { type: 'ca', name: 'acme' },
      { type: 'tsa', name: 'clock' },
    ],
  })
  expect(policy.statements[1]).toMatchObject({
    verifyTimestamp: 'afterCertExpiry',
    enforcement: {
      integrity: 'enforce',
      authenticity: 'log',
      authenticTimestamp: 'log',
      expiry: 'enforce',
      revocation: 'skip',
    },
  })
})

test('the statement for a repository precedes the one for all, and names are not expanded', () => {
  const policy = parseTrustPolicy(document(everything, statement))
  expect(selectStatement(policy, 'registry.example.com:5000/team/app')?.name).toBe('acme')
  expect(selectStatement(policy, 'registry.example.com:5000/team/app/x')?.name).toBe('all')
  expect(selectStatement(parseTrustPolicy(document(statement)), 'registry.example.com:5000/team')).toBeUndefined()
  expect(
    selectStatement(
      parseTrustPolicy(document({ ...statement, registryScopes: ['docker.io/library/nginx'] })),
      'index.docker.io/library/nginx',
    )?.name,
  ).toBe('acme')
})

const with_ = (changes: object): string => document({ ...statement, ...changes })
test.each([
  ['no JSON', '{', ''],
  ['a key twice', document(statement).replace('"version"', '"version":"1.0","version"'), ''],
  ['another version', document(statement).replace('1.0', '2.0'), 'version'],
  ['no statements', document(), 'trustPolicies'],
  ['an unknown member', with_({ signatureVerfication: {} }), 'trustPolicies[0]'],
  ['an unknown member of the document', JSON.stringify({ version: '1.0', trustPolicies: [statement], x: 1 }), ''],
  ['an empty name', with_({ name: '' }), 'trustPolicies[0].name'],
  ['a name twice', document(statement, { ...everything, name: 'acme' }), 'trustPolicies[1].name'],
  ['a scope twice', document(statement, { ...statement, name: 'b' }), 'trustPolicies[1].registryScopes[0]'],
  [
    'a scope twice, by two names of Docker Hub',
    with_({ registryScopes: ['docker.io/a/b', 'index.docker.io/a/b'] }),
    'trustPolicies[0].registryScopes[1]',
  ],
  ['no scopes', with_({ registryScopes: [] }), 'trustPolicies[0].registryScopes'],
  ['`*` beside a scope', with_({ registryScopes: ['*', 'a.b/c'] }), 'trustPolicies[0].registryScopes'],
  ['a scope with a wildcard', with_({ registryScopes: ['a.b/*'] }), 'trustPolicies[0].registryScopes[0]'],
  ['a scope with a tag', with_({ registryScopes: ['a.b/c:1'] }), 'trustPolicies[0].registryScopes[0]'],
  ['a scope with a scheme', with_({ registryScopes: ['https://a.b/c'] }), 'trustPolicies[0].registryScopes[0]'],
  ['a scope without a registry', with_({ registryScopes: ['app'] }), 'trustPolicies[0].registryScopes[0]'],
  [
    'an unknown level',
    with_({ signatureVerification: { level: 'Strict' } }),
    'trustPolicies[0].signatureVerification.level',
  ],
  [
    'a level by the name of every object',
    with_({ signatureVerification: { level: 'toString' } }),
    'trustPolicies[0].signatureVerification.level',
  ],
  ['no level', with_({ signatureVerification: {} }), 'trustPolicies[0].signatureVerification.level'],
  [
    'integrity overridden',
    with_({ signatureVerification: { level: 'strict', override: { integrity: 'log' } } }),
    'trustPolicies[0].signatureVerification.override',
  ],
  [
    'authenticity skipped',
    with_({ signatureVerification: { level: 'strict', override: { authenticity: 'skip' } } }),
    'trustPolicies[0].signatureVerification.override.authenticity',
  ],
  [
    'an unknown action',
    with_({ signatureVerification: { level: 'strict', override: { expiry: 'warn' } } }),
    'trustPolicies[0].signatureVerification.override.expiry',
  ],
  [
    'skip overridden',
    document({
      ...statement,
      trustStores: [],
      trustedIdentities: [],
      signatureVerification: { level: 'skip', override: { expiry: 'log' } },
    }),
    'trustPolicies[0].signatureVerification.override',
  ],
  ['skip with stores', with_({ signatureVerification: { level: 'skip' } }), 'trustPolicies[0]'],
  [
    'skip for everything',
    document({ name: 'x', registryScopes: ['*'], signatureVerification: { level: 'skip' } }),
    'trustPolicies[0]',
  ],
  [
    'an unknown timestamp rule',
    with_({ signatureVerification: { level: 'strict', verifyTimestamp: 'never' } }),
    'trustPolicies[0].signatureVerification.verifyTimestamp',
  ],
  ['no stores', with_({ trustStores: [] }), 'trustPolicies[0]'],
  ['a store of an unknown type', with_({ trustStores: ['root:acme'] }), 'trustPolicies[0].trustStores[0]'],
  ['a store that is a path', with_({ trustStores: ['ca:../acme'] }), 'trustPolicies[0].trustStores[0]'],
  ['no identities', with_({ trustedIdentities: [] }), 'trustPolicies[0]'],
  ['an empty identity', with_({ trustedIdentities: [''] }), 'trustPolicies[0].trustedIdentities[0]'],
  [
    '`*` beside an identity',
    with_({ trustedIdentities: ['*', ...statement.trustedIdentities] }),
    'trustPolicies[0].trustedIdentities',
  ],
  [
    'identities that overlap',
    with_({ trustedIdentities: ['x509.subject: C=US, ST=WA, O=acme, CN=a', ...statement.trustedIdentities] }),
    'trustPolicies[0].trustedIdentities[0]',
  ],
])('rejects %s, with its path', (_what, text, path) => {
  expect(() => parseTrustPolicy(document(statement))).not.toThrow()
  let error: unknown
  try {
    parseTrustPolicy(text)
  } catch (thrown) {
    error = thrown
  }
  expect(error).toBeInstanceOf(NotaryError)
  expect(error).toMatchObject({ code: 'NOTARY_TRUST_POLICY_INVALID', path })
})

test('throws only NotaryError for any document', async () => {
  await fc.assert(
    fc.asyncProperty(fc.json(), async (text) => {
      expect(await codeOf(() => parseTrustPolicy(text))).toBe('NOTARY_TRUST_POLICY_INVALID')
    }),
  )
  await fc.assert(
    fc.asyncProperty(
      fc.record({
        name: fc.jsonValue(),
        registryScopes: fc.jsonValue(),
        signatureVerification: fc.jsonValue(),
        trustStores: fc.jsonValue(),
        trustedIdentities: fc.jsonValue(),
      }),
      async (value) => {
        expect(['NOTARY_TRUST_POLICY_INVALID', undefined]).toContain(
          await codeOf(() => parseTrustPolicy(document(value))),
        )
      },
    ),
  )
})
