import { reasonsOf } from '@verify-images/primitives'
import { makeTimestampAuthority, toPem } from '@verify-images/testing/internal'
import { expect, test } from 'vitest'
import type { RevocationAnswer, RevocationChecker } from './revocation/revocation-checker.ts'
import { createTrustPolicyVerifier } from './trust-policy-verifier.ts'
import type { TrustPolicyVerifierOptions } from './trust-policy-verifier.ts'
import { COSE, JWS, TARGET, makeAuthority, makeCose, makeJws, payloadOf, targetOf } from './testing/signing-world.ts'
import type { JwsOptions, TestSigner } from './testing/signing-world.ts'
import { accessLocation } from './testing/revocation-world.ts'

const NOW = new Date('2026-06-01T00:00:00Z')
const authority = makeAuthority()
const signer = authority.signer()
const stranger = makeAuthority('stranger').signer()
const clock = makeTimestampAuthority()
const otherClock = makeTimestampAuthority()

interface Statement {
  readonly level?: string
  readonly override?: object
  readonly verifyTimestamp?: string
  readonly trustStores?: readonly string[]
  readonly trustedIdentities?: readonly string[]
  readonly registryScopes?: readonly string[]
}

function verifier(
  { level = 'strict', override, verifyTimestamp, ...rest }: Statement = {},
  options: Partial<TrustPolicyVerifierOptions> = {},
): ReturnType<typeof createTrustPolicyVerifier> {
  const skip = level === 'skip' ? {} : { trustStores: ['ca:acme'], trustedIdentities: ['*'] }
  const statement = {
    name: 'acme',
    registryScopes: ['*'],
    ...skip,
    signatureVerification: { level, ...(override && { override }), ...(verifyTimestamp && { verifyTimestamp }) },
    ...rest,
  }
  return createTrustPolicyVerifier({
    trustPolicy: {
      document: JSON.stringify({ version: '1.0', trustPolicies: [statement] }),
      trustStores: {
        ca: { acme: authority.certificate.pem, stranger: stranger.chain[1]?.pem ?? '' },
        signingAuthority: { acme: authority.certificate.pem },
        tsa: { clock: clock.root.pem },
      },
    },
    ...options,
  })
}

interface Asked {
  readonly signer?: TestSigner
  readonly jws?: JwsOptions
  readonly now?: Date
}

async function ask(
  statement: Statement = {},
  { signer: by = signer, jws = {}, now = NOW }: Asked = {},
  options: Partial<TrustPolicyVerifierOptions> = {},
): Promise<Awaited<ReturnType<ReturnType<typeof verifier>['verifySignature']>>> {
  return verifier(statement, options).verifySignature(
    { mediaType: JWS, envelope: makeJws(by, jws), target: TARGET, repository: 'registry.example.com/app' },
    { now },
  )
}

async function answer(...args: Parameters<typeof ask>): Promise<string> {
  const outcome = await ask(...args)
  return outcome.kind === 'rejected' || outcome.kind === 'inconclusive'
    ? `${outcome.kind} ${reasonsOf(outcome.failure)[0].code}`
    : outcome.kind
}

async function logged(...args: Parameters<typeof ask>): Promise<readonly string[]> {
  const outcome = await ask(...args)
  if (outcome.kind !== 'accepted') throw new Error(outcome.kind)
  return outcome.notary.validations.flatMap(({ check, failure }) => (failure ? [`${check} ${failure.code}`] : []))
}

test('returns the signer, the trust policy and every validation as evidence', async () => {
  const outcome = await ask(
    { trustedIdentities: ['x509.subject: C=US, ST=WA, O=acme'] },
    { jws: { payload: payloadOf(TARGET, { env: 'prod' }) } },
  )
  expect(outcome).toMatchObject({
    kind: 'accepted',
    signer: { kind: 'certificate', subject: 'CN=signer,O=acme,ST=WA,C=US' },
    notary: {
      trustPolicy: 'acme',
      level: 'strict',
      signingScheme: 'notary.x509',
      signingTime: '2026-01-15T10:00:00.000Z',
      identity: 'x509.subject: C=US, ST=WA, O=acme',
      trusted: { store: 'ca:acme', subject: 'CN=test root' },
      userMetadata: { env: 'prod' },
      revocation: [{ subject: 'CN=signer,O=acme,ST=WA,C=US', status: 'not-revocable' }],
      validations: ['integrity', 'authenticity', 'expiry', 'authenticTimestamp', 'revocation'].map((check) => ({
        check,
        action: 'enforce',
      })),
    },
  })
  expect(JSON.parse(JSON.stringify(outcome))).toEqual(outcome)
})

test('verifies COSE the same way', async () => {
  const outcome = await verifier().verifySignature(
    { mediaType: COSE, envelope: makeCose(signer), target: TARGET, repository: 'registry.example.com/app' },
    { now: NOW },
  )
  expect(outcome.kind).toBe('accepted')
})

test('authenticity: enforced under strict and permissive, logged under audit', async () => {
  expect(await answer({}, { signer: stranger })).toBe('rejected ATTESTOR_CERTIFICATE_UNTRUSTED')
  expect(await answer({ level: 'permissive' }, { signer: stranger })).toBe('rejected ATTESTOR_CERTIFICATE_UNTRUSTED')
  expect(await logged({ level: 'audit' }, { signer: stranger })).toEqual([
    'authenticity ATTESTOR_CERTIFICATE_UNTRUSTED',
    'revocation ATTESTOR_REVOCATION_UNKNOWN',
  ])
  expect(await answer({ level: 'audit', override: { authenticity: 'enforce' } }, { signer: stranger })).toBe(
    'rejected ATTESTOR_CERTIFICATE_UNTRUSTED',
  )
  expect(await answer({ trustStores: ['ca:stranger'] }, { signer: stranger })).toBe('accepted')
})

test('identity: accepts only the named signers', async () => {
  expect(await answer({ trustedIdentities: ['x509.subject: C=US, ST=WA, O=other'] })).toBe(
    'rejected ATTESTOR_IDENTITY_MISMATCH',
  )
  expect(await logged({ level: 'audit', trustedIdentities: ['x509.subject: C=US, ST=WA, O=other'] })).toEqual([
    'authenticity ATTESTOR_IDENTITY_MISMATCH',
    'revocation ATTESTOR_REVOCATION_UNKNOWN',
  ])
})

const expiring: JwsOptions = {
  header: {
    crit: ['io.cncf.notary.signingScheme', 'io.cncf.notary.expiry'],
    'io.cncf.notary.expiry': '2026-06-01T00:00:00Z',
  },
}
test('expiry: rejects from the very time on, enforced under strict, logged otherwise', async () => {
  expect(await answer({}, { jws: expiring, now: new Date('2026-05-31T23:59:59Z') })).toBe('accepted')
  expect(await answer({}, { jws: expiring })).toBe('rejected ATTESTOR_SIGNATURE_EXPIRED')
  expect(await logged({ level: 'permissive' }, { jws: expiring })).toEqual(['expiry ATTESTOR_SIGNATURE_EXPIRED'])
  expect(await logged({ override: { expiry: 'log' } }, { jws: expiring })).toEqual([
    'expiry ATTESTOR_SIGNATURE_EXPIRED',
  ])
})

const short = authority.signer({
  notBefore: new Date('2026-01-01T00:00:00Z'),
  notAfter: new Date('2026-02-01T00:00:00Z'),
})
test('without a timestamp store, the certificates must be valid now', async () => {
  expect(await answer({}, { signer: short, now: new Date('2026-01-20T00:00:00Z') })).toBe('accepted')
  expect(await answer({}, { signer: short })).toBe('rejected ATTESTOR_CERTIFICATE_EXPIRED')
  expect(await answer({}, { signer: short, now: new Date('2025-12-31T00:00:00Z') })).toBe(
    'rejected ATTESTOR_CERTIFICATE_EXPIRED',
  )
  expect(await logged({ level: 'permissive' }, { signer: short })).toEqual([
    'authenticTimestamp ATTESTOR_CERTIFICATE_EXPIRED',
  ])
})

const stamped = (genTime: string, by = clock): JwsOptions => ({
  timestamp: (signature) => by.timestamp(signature, { genTime: new Date(genTime) }),
})
const stores = { trustStores: ['ca:acme', 'tsa:clock'] }
test('a trusted timestamp proves that an expired certificate was valid', async () => {
  const outcome = await ask(stores, { signer: short, jws: stamped('2026-01-20T00:00:00Z') })
  expect(outcome).toMatchObject({
    kind: 'accepted',
    notary: { timestamp: { at: '2026-01-20T00:00:00.000Z', authority: 'CN=test timestamp authority' } },
  })
  expect(await answer({}, { signer: short, jws: stamped('2026-01-20T00:00:00Z') })).toBe(
    'rejected ATTESTOR_CERTIFICATE_EXPIRED',
  )
})

test.each([
  ['is missing', {}, 'ATTESTOR_TIMESTAMP_MISSING'],
  ['is of a time after the certificate', stamped('2026-03-01T00:00:00Z'), 'ATTESTOR_CERTIFICATE_EXPIRED'],
  ['is of a time before the certificate', stamped('2025-12-01T00:00:00Z'), 'ATTESTOR_CERTIFICATE_EXPIRED'],
  ['may be of a time after the certificate', stamped('2026-01-31T23:59:59Z'), 'ATTESTOR_CERTIFICATE_EXPIRED'],
  ['is of another authority', stamped('2026-01-20T00:00:00Z', otherClock), 'ATTESTOR_TIMESTAMP_INVALID'],
  [
    'is of other bytes',
    { timestamp: () => clock.timestamp(Buffer.from('other'), { genTime: new Date('2026-01-20T00:00:00Z') }) },
    'ATTESTOR_TIMESTAMP_INVALID',
  ],
  ['is garbage', { timestamp: () => Buffer.from('garbage') }, 'ATTESTOR_TIMESTAMP_INVALID'],
] as const)('refuses a timestamp that %s', async (_what, jws, code) => {
  expect(await answer(stores, { signer: short, jws: stamped('2026-01-20T00:00:00Z') })).toBe('accepted')
  expect(await answer(stores, { signer: short, jws })).toBe(`rejected ${code}`)
})

test('a timestamp authority must satisfy the specification', async () => {
  const judge = async (by: typeof clock): Promise<string> => {
    const statement = {
      name: 'acme',
      registryScopes: ['*'],
      signatureVerification: { level: 'strict' },
      ...stores,
      trustedIdentities: ['*'],
    }
    const trustPolicy = {
      document: JSON.stringify({ version: '1.0', trustPolicies: [statement] }),
      trustStores: { ca: { acme: authority.certificate.pem }, tsa: { clock: by.root.pem } },
    }
    return answer({}, { signer: short, jws: stamped('2026-01-20T00:00:00Z', by) }, { trustPolicy })
  }
  expect(await judge(makeTimestampAuthority())).toBe('accepted')
  expect(await judge(makeTimestampAuthority({ leaf: { keyUsage: ['digitalSignature', 'keyEncipherment'] } }))).toBe(
    'rejected ATTESTOR_CERTIFICATE_INVALID',
  )
})

test('requires a timestamp always, or only once a certificate has expired', async () => {
  expect(await answer(stores)).toBe('rejected ATTESTOR_TIMESTAMP_MISSING')
  expect(await answer({ ...stores, verifyTimestamp: 'afterCertExpiry' })).toBe('accepted')
  expect(await answer({ ...stores, verifyTimestamp: 'afterCertExpiry' }, { signer: short })).toBe(
    'rejected ATTESTOR_TIMESTAMP_MISSING',
  )
})

const authorityScheme = (time: string): JwsOptions => ({
  header: {
    crit: ['io.cncf.notary.signingScheme', 'io.cncf.notary.authenticSigningTime'],
    'io.cncf.notary.signingScheme': 'notary.x509.signingAuthority',
    'io.cncf.notary.signingTime': undefined,
    'io.cncf.notary.authenticSigningTime': time,
  },
})
test('a signing authority vouches for the time, and is trusted only from its own kind of store', async () => {
  const trust = { trustStores: ['signingAuthority:acme'] }
  expect(await answer(trust, { signer: short, jws: authorityScheme('2026-01-20T00:00:00Z') })).toBe('accepted')
  expect(await answer(trust, { signer: short, jws: authorityScheme('2026-03-20T00:00:00Z') })).toBe(
    'rejected ATTESTOR_CERTIFICATE_EXPIRED',
  )
  expect(await answer({}, { signer: short, jws: authorityScheme('2026-01-20T00:00:00Z') })).toBe(
    'rejected ATTESTOR_CERTIFICATE_UNTRUSTED',
  )
  expect(await answer(trust)).toBe('rejected ATTESTOR_CERTIFICATE_UNTRUSTED')
})

function checker(status: RevocationAnswer['status'] | 'throws' | 'nonsense'): RevocationChecker & { asked: string[] } {
  const asked: string[] = []
  return {
    asked,
    async checkRevocation({ certificate }): Promise<RevocationAnswer> {
      asked.push(certificate.subject.text)
      if (status === 'throws') throw new Error('cannot')
      return { status: status as 'good', source: 'http://ocsp.example.com' }
    },
  }
}

const revocable = authority.signer({ extensions: [accessLocation('http://ocsp.example.com')] })
test.each([
  ['good', 'accepted'],
  ['revoked', 'rejected ATTESTOR_CERTIFICATE_REVOKED'],
  ['unknown', 'inconclusive ATTESTOR_REVOCATION_UNKNOWN'],
  ['throws', 'inconclusive ATTESTOR_REVOCATION_UNKNOWN'],
  ['nonsense', 'inconclusive ATTESTOR_REVOCATION_UNKNOWN'],
] as const)('a certificate about which the checker says %s is %s', async (status, expected) => {
  const revocation = checker(status)
  expect(await answer({}, { signer: revocable }, { revocation })).toBe(expected)
  expect(revocation.asked).toEqual(['CN=signer,O=acme,ST=WA,C=US'])
})

test('without a checker, a certificate with an OCSP address is inconclusive, unless the policy logs or skips it', async () => {
  expect(await answer({}, { signer: revocable })).toBe('inconclusive ATTESTOR_REVOCATION_UNKNOWN')
  expect(await logged({ level: 'permissive' }, { signer: revocable })).toEqual([
    'revocation ATTESTOR_REVOCATION_UNKNOWN',
  ])
  const revocation = checker('revoked')
  expect(await answer({ override: { revocation: 'skip' } }, { signer: revocable }, { revocation })).toBe('accepted')
  expect(revocation.asked).toEqual([])
})

test('does not check the revocation of an untrusted chain, nor of certificates without an address', async () => {
  const foreign = makeAuthority('foreign').signer({ extensions: [accessLocation('http://evil.example.com')] })
  const revocation = checker('good')
  expect(await answer({}, { signer: foreign }, { revocation })).toBe('rejected ATTESTOR_CERTIFICATE_UNTRUSTED')
  expect(await answer({ level: 'audit' }, { signer: foreign }, { revocation })).toBe('accepted')
  expect(await answer({}, {}, { revocation })).toBe('accepted')
  expect(revocation.asked).toEqual([])
})

test('rejects a timestamp of a revoked authority', async () => {
  const revoked = makeTimestampAuthority({ leaf: { extensions: [accessLocation('http://ocsp.example.com')] } })
  const options = (revocation: RevocationChecker): TrustPolicyVerifierOptions => ({
    revocation,
    trustPolicy: {
      document: JSON.stringify({
        version: '1.0',
        trustPolicies: [
          {
            name: 'acme',
            registryScopes: ['*'],
            signatureVerification: { level: 'strict' },
            ...stores,
            trustedIdentities: ['*'],
          },
        ],
      }),
      trustStores: { ca: { acme: authority.certificate.pem }, tsa: { clock: revoked.root.pem } },
    },
  })
  const signature = {
    mediaType: JWS,
    envelope: makeJws(short, stamped('2026-01-20T00:00:00Z', revoked)),
    target: TARGET,
    repository: 'registry.example.com/app',
  }
  expect(
    (await createTrustPolicyVerifier(options(checker('good'))).verifySignature(signature, { now: NOW })).kind,
  ).toBe('accepted')
  expect(
    await createTrustPolicyVerifier(options(checker('revoked'))).verifySignature(signature, { now: NOW }),
  ).toMatchObject({ kind: 'rejected', failure: { reason: { code: 'ATTESTOR_CERTIFICATE_REVOKED' } } })
})

test.each([
  ['another digest', targetOf(Buffer.from('other'))],
  ['another size', { ...TARGET, size: TARGET.size + 1 }],
  ['another media type', { ...TARGET, mediaType: 'application/vnd.oci.image.index.v1+json' }],
])('rejects a signature of %s at every level', async (_what, target) => {
  for (const level of ['strict', 'audit']) {
    expect(await answer({ level })).toBe('accepted')
    expect(await answer({ level }, { jws: { payload: payloadOf(target) } })).toBe('rejected ATTESTOR_PAYLOAD_MISMATCH')
  }
})

test('user metadata counts only if it is signed', async () => {
  const options = { userMetadata: { env: 'prod' } }
  expect(await answer({}, { jws: { payload: payloadOf(TARGET, { env: 'prod', team: 'core' }) } }, options)).toBe(
    'accepted',
  )
  expect(await answer({}, { jws: { payload: payloadOf(TARGET, { env: 'dev' }) } }, options)).toBe(
    'rejected ATTESTOR_ANNOTATION_MISMATCH',
  )
  expect(await answer({}, {}, options)).toBe('rejected ATTESTOR_ANNOTATION_MISMATCH')
  expect(await answer({}, {}, { userMetadata: { toString: 'x' } as never })).toBe(
    'rejected ATTESTOR_ANNOTATION_MISMATCH',
  )
})

test.each([
  ['no artifact', '{}'],
  ['a size that is text', JSON.stringify({ targetArtifact: { ...TARGET, size: '19' } })],
  ['metadata that is not a string', payloadOf(TARGET, { env: 1 } as never)],
  ['the artifact twice', payloadOf().replace('{', `{"targetArtifact":{},`)],
  ['no JSON', 'x'],
])('rejects a payload with %s', async (_what, payload) => {
  expect(await answer({ level: 'audit' }, { jws: { payload } })).toBe('rejected ATTESTOR_PAYLOAD_INVALID')
})

test('skip is an outcome of its own; a repository without a statement is rejected', async () => {
  expect(await ask({ level: 'skip', registryScopes: ['registry.example.com/app'] })).toEqual({
    kind: 'skipped',
    statement: 'acme',
  })
  expect(await answer({ registryScopes: ['registry.example.com/other'] })).toBe('rejected ATTESTOR_POLICY_INVALID')
})

test('rejects missing trust stores, and stores with unsuitable certificates', () => {
  const leaf = signer.chain[0].pem
  expect(() => verifier({ trustStores: ['ca:missing'] })).toThrow(
    expect.objectContaining({ code: 'NOTARY_TRUST_STORE_INVALID' }),
  )
  const options = (
    trustStores: TrustPolicyVerifierOptions['trustPolicy']['trustStores'],
  ): TrustPolicyVerifierOptions => ({
    trustPolicy: {
      document: JSON.stringify({
        version: '1.0',
        trustPolicies: [
          {
            name: 'a',
            registryScopes: ['*'],
            signatureVerification: { level: 'strict' },
            trustStores: ['ca:a'],
            trustedIdentities: ['*'],
          },
        ],
      }),
      trustStores,
    },
  })
  expect(() => createTrustPolicyVerifier(options({ ca: { a: authority.certificate.pem } }))).not.toThrow()
  for (const bad of [
    { ca: { a: leaf } },
    { ca: { a: 'x' } },
    { ca: { a: [] } },
    { ca: { a: authority.certificate.pem }, tsa: { b: leaf } },
    { ca: { a: toPem('CERTIFICATE', Buffer.from('x')) } },
  ]) {
    expect(() => createTrustPolicyVerifier(options(bad))).toThrow(
      expect.objectContaining({ code: 'NOTARY_TRUST_STORE_INVALID' }),
    )
  }
})

test('an aborted signal ends the verification with its reason', async () => {
  const reason = new Error('enough')
  const revocation: RevocationChecker = { checkRevocation: () => Promise.reject(new Error('late')) }
  const asked = verifier({}, { revocation }).verifySignature(
    { mediaType: JWS, envelope: makeJws(revocable), target: TARGET, repository: 'registry.example.com/app' },
    { now: NOW, signal: AbortSignal.abort(reason) },
  )
  await expect(asked).rejects.toBe(reason)
})
