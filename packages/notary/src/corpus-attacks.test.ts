import { summarize, type Summary } from './testing/summarize.ts'
import type { Skipped, VerifiedNotaryImage } from './trust-policy-verifier.ts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createNotaryVerifier } from './notary-verifier.ts'
import { createTrustPolicyVerifier } from './trust-policy-verifier.ts'
import type { RevocationChecker } from './revocation/revocation-checker.ts'
import { readRevocationList } from './revocation/revocation-list.ts'
import {
  CORPUS_NOW,
  attestorWith,
  certificates,
  imageOf,
  readCorpus,
  readCorpusBytes,
  runOver,
  startCorpusWorld,
} from './testing/corpus-world.ts'
import type { CorpusWorld } from './testing/corpus-world.ts'

interface AttackPolicy {
  readonly certs: string
  readonly annotations?: Readonly<Record<string, string>>
  readonly trustedIdentities?: readonly string[]
  readonly attestation?: { readonly type: string }
}

interface Entry {
  readonly image: string
  readonly what: string
  readonly expected: string
  readonly policy?: AttackPolicy
}

interface Attack {
  readonly controls: readonly Entry[]
  readonly cases: readonly Entry[]
  readonly policy: AttackPolicy
}

const attacks = Object.entries(
  JSON.parse(readCorpus('registry/attacks.json')) as Readonly<Record<string, Attack>>,
).filter(([id]) => id.startsWith('not-') || id === 'att-referrer-artifacttype-lie')

let world: CorpusWorld
beforeAll(async () => {
  world = await startCorpusWorld()
})
afterAll(() => world.close())

async function verify({ image: reference, policy: own }: Entry, general: AttackPolicy): Promise<string> {
  const policy = own ?? general
  const image = imageOf(reference)
  const pem = readCorpus(`registry/${policy.certs}`)
  const statement = {
    name: 'a',
    registryScopes: ['*'],
    signatureVerification: { level: 'strict' },
    trustStores: ['ca:a'],
    trustedIdentities: policy.trustedIdentities ?? ['*'],
  }
  const verifier = createNotaryVerifier({
    ...(policy.annotations && { userMetadata: policy.annotations }),
    ...(policy.trustedIdentities && {
      trustPolicy: {
        document: JSON.stringify({ version: '1.0', trustPolicies: [statement] }),
        trustStores: { ca: { a: pem } },
      },
    }),
  })
  const request = { image, attestor: attestorWith(pem), path: 'p' }
  const outcome = policy.attestation
    ? await verifier.verifyAttestations({ ...request, predicateType: policy.attestation.type }, runOver(world.source()))
    : await verifier.verifySignature(request, runOver(world.source()))
  return outcome.kind
}

test.each(attacks)('%s', async (_id, { controls, cases, policy }) => {
  expect(controls.length).toBeGreaterThan(0)
  for (const control of controls)
    expect([control.image, await verify(control, policy)]).toEqual([control.image, 'accepted'])
  for (const attack of cases) {
    const before = world.requests.length
    const kind = await verify(attack, policy)
    expect(world.requests.length - before).toBeLessThanOrEqual(24)
    // Where passing is one of the right answers, either is.
    if (!attack.expected.startsWith('pass')) expect([attack.what, kind]).not.toEqual([attack.what, 'accepted'])
  }
})

test('a signature manifest without layers does not hide the next signature', async () => {
  const entry = { image: 'registry.local:5000/attacks:not-count-and-layers.zero-layers', what: '', expected: 'pass' }
  expect(await verify(entry, { certs: 'trust/notation/ec-root.pem' })).toBe('accepted')
})

const byTrustPolicy = (
  tsa: boolean,
  level = 'strict',
  revocation?: RevocationChecker,
): ReturnType<typeof createTrustPolicyVerifier> =>
  createTrustPolicyVerifier({
    trustPolicy: {
      document: JSON.stringify({
        version: '1.0',
        trustPolicies: [
          {
            name: 'corpus',
            registryScopes: ['*'],
            signatureVerification: { level },
            trustStores: ['ca:rsa', ...(tsa ? ['tsa:clock'] : [])],
            trustedIdentities: ['*'],
          },
        ],
      }),
      trustStores: {
        ca: { rsa: certificates('rsa-root') },
        tsa: { clock: readCorpus('registry/trust/sigstore-1/tsa-root.pem') },
      },
    },
    ...(revocation && { revocation }),
  })
const judge = async (
  verifier: ReturnType<typeof byTrustPolicy>,
  tag: string,
): Promise<Summary<VerifiedNotaryImage> | Skipped> => {
  const image = imageOf(`registry.local:5000/app:${tag}`)
  const outcome = await verifier.verifyImage(image, { source: world.source(), now: CORPUS_NOW })
  return outcome.kind === 'skipped' ? outcome : summarize(outcome)
}

test('accepts the timestamped image of the corpus only with its timestamp authority', async () => {
  expect(await judge(byTrustPolicy(true), 'notation-timestamped')).toMatchObject({
    kind: 'accepted',
    evidence: { times: [{ source: 'timestamp-authority' }] },
  })
  expect((await judge(byTrustPolicy(false), 'notation-timestamped')).kind).toBe('rejected')
  expect((await judge(byTrustPolicy(true), 'notation-cert-expired')).kind).toBe('rejected')
})

test('the revoked image is inconclusive without its CRL, rejected with it, and only logged under audit', async () => {
  expect((await judge(byTrustPolicy(false), 'notation-revoked')).kind).toBe('inconclusive')
  const list: RevocationChecker = {
    checkRevocation: async (request, signal) => ({
      status: await readRevocationList(readCorpusBytes('registry/trust/notation/notation-rsa.crl'), request, signal),
      source: 'the CRL of the corpus',
    }),
  }
  expect(await judge(byTrustPolicy(false, 'strict', list), 'notation-revoked')).toMatchObject({
    kind: 'rejected',
    reasons: [{ code: 'ATTESTOR_CERTIFICATE_REVOKED' }],
  })
  expect(await judge(byTrustPolicy(false, 'audit', list), 'notation-revoked')).toMatchObject({
    kind: 'accepted',
    evidence: {
      notary: {
        validations: expect.arrayContaining([
          {
            check: 'revocation',
            action: 'log',
            failure: expect.objectContaining({ code: 'ATTESTOR_CERTIFICATE_REVOKED' }),
          },
        ]),
      },
    },
  })
})

test('reads the user metadata of the corpus image', async () => {
  const image = imageOf('registry.local:5000/app:notation-metadata')
  const ask = async (userMetadata: Readonly<Record<string, string>>): Promise<string> =>
    (
      await createNotaryVerifier({ userMetadata }).verifySignature(
        { image, attestor: attestorWith(certificates('rsa-root')), path: 'p' },
        runOver(world.source()),
      )
    ).kind
  expect(await ask({ env: 'prod', team: 'core' })).toBe('accepted')
  expect(await ask({ env: 'dev' })).toBe('rejected')
})

test('verifies the attestations of the corpus images', async () => {
  const ask = async (tag: string, predicateType: string): Promise<string> => {
    const outcome = await createNotaryVerifier().verifyAttestations(
      {
        image: imageOf(`registry.local:5000/app:${tag}`),
        attestor: attestorWith(certificates('rsa-root')),
        path: 'p',
        predicateType,
      },
      runOver(world.source()),
    )
    return outcome.kind
  }
  expect(await ask('notation-jws', 'sbom/cyclone-dx')).toBe('accepted')
  expect(await ask('notation-jws', 'application/vulnerability-report')).toBe('accepted')
  expect(await ask('notation-attested-only', 'sbom/cyclone-dx')).toBe('accepted')
  expect(await ask('notation-attested-other-ca', 'sbom/cyclone-dx')).toBe('rejected')
  expect(await ask('notation-attested-unsigned', 'sbom/cyclone-dx')).toBe('rejected')
})
