import { describe, expect, test } from 'vitest'
import { createCorpusSource } from '../testing/corpus-source.ts'
import type { AttachmentClaims } from './claims.ts'
import { discover } from './discover.ts'

const source = createCorpusSource()

async function claimsOf(tag: string, repository = 'registry.local:5000/app'): Promise<readonly AttachmentClaims[]> {
  const { artifacts } = await discover(
    { reference: `${repository}:${tag}`, repository, tag },
    source,
    new AbortController().signal,
  )
  return artifacts.flatMap(({ layers }) => layers.flatMap(({ claims }) => claims ?? []))
}

const user = {
  subjectAltNames: ['user@example.com'],
  claims: { oidcIssuer: 'https://accounts.example.com' },
  notBefore: '2026-01-15T10:00:00.000Z',
  notAfter: '2026-01-15T10:10:00.000Z',
}
const stamped = { at: '2026-01-15T10:00:30.000Z' }
const aCertificate = { kind: 'certificate' }

describe('cosign signatures', () => {
  test.each<readonly [string, object]>([
    [
      'signed-a',
      {
        subject: { isThisImage: true, count: 1 },
        signer: { kind: 'key' },
        annotations: {},
        repository: 'registry.local:5000/app',
        logEntries: [],
        timestamps: [],
        unreadable: [],
      },
    ],
    ['annotated', { annotations: { env: 'prod', team: 'core' } }],
    ['copied-signature', { subject: { isThisImage: false, digests: [expect.stringMatching(/^sha256:2ac67ba73284/)] } }],
    [
      'keyless-email',
      {
        signer: { kind: 'certificate', certificate: user },
        logEntries: [
          { kind: 'hashedrekord 0.0.1', logIndex: expect.stringMatching(/^\d+$/), integratedTime: stamped.at },
        ],
      },
    ],
    ['keyless-tsa', { timestamps: [stamped] }],
    [
      'keyless-uri',
      {
        signer: {
          certificate: {
            claims: {
              oidcIssuer: 'https://token.actions.githubusercontent.com',
              githubWorkflowRef: 'refs/tags/v1.0.0',
            },
          },
        },
      },
    ],
    ['keyless-username', { signer: { certificate: { subjectAltNames: ['alice!example.com'] } } }],
    [
      'cert-chain',
      {
        signer: {
          certificate: { subject: 'CN=Corpus signer ec,O=corpus.test', subjectAltNames: ['signer@corpus.test'] },
          issuers: [{ subject: 'CN=Corpus ec intermediate,O=corpus.test' }],
        },
      },
    ],
    // What does not hold is claimed all the same.
    ['tampered-signature', { subject: { isThisImage: true }, unreadable: [] }],
    ['keyless-bad-set', { logEntries: [{ integratedTime: stamped.at }] }],
  ])('reads the claims of %s', async (tag, expected) => {
    const [claims] = await claimsOf(tag)
    expect(claims).toMatchObject({ format: 'cosign-signature', ...expected })
  })

  test('reads the claims of each layer', async () => {
    expect((await claimsOf('keyless-plus-key-a')).map(({ signer }) => signer?.kind)).toEqual(['certificate', 'key'])
  })
})

describe('cosign attestations', () => {
  test.each<readonly [string, object]>([
    [
      'attested-slsa1',
      {
        payloadType: 'application/vnd.in-toto+json',
        predicateType: 'https://slsa.dev/provenance/v1',
        subject: { isThisImage: true },
        signer: { kind: 'key' },
      },
    ],
    ['attested-multi-subject', { subject: { isThisImage: true, count: 4 } }],
    ['attested-wrong-subject', { subject: { isThisImage: false, count: 1 } }],
    ['attested-large', { predicateType: 'https://spdx.dev/Document' }],
    ['attested-no-predicate-type-annotation', { predicateType: 'https://cosign.sigstore.dev/attestation/vuln/v1' }],
    ['keyless-attested-tsa', { signer: { certificate: user }, timestamps: [stamped], logEntries: [] }],
    ['keyless-attested-intoto', { logEntries: [{ kind: 'intoto 0.0.1' }] }],
  ])('reads the claims of %s', async (tag, expected) => {
    const claims = await claimsOf(tag)
    expect(claims.find(({ format }) => format === 'cosign-attestation')).toMatchObject(expected)
  })

  test('does not read a cosign attestation of another payload type as a statement', async () => {
    const [claims] = await claimsOf('attested-bad-payload-type')
    expect(claims).toEqual({
      format: 'cosign-attestation',
      payloadType: 'application/json',
      signer: { kind: 'key' },
      logEntries: [],
      timestamps: [],
      unreadable: [],
    })
  })
})

describe('bundles', () => {
  const v3 = { mediaType: 'application/vnd.dev.sigstore.bundle.v0.3+json', version: '0.3' }
  test.each<readonly [string, object]>([
    [
      'bundle-a',
      {
        ...v3,
        content: { kind: 'envelope', predicateType: 'https://sigstore.dev/cosign/sign/v1' },
        subject: { isThisImage: true },
        signer: { kind: 'key', fingerprint: expect.stringMatching(/^[0-9a-f]{64}$/) },
        unreadable: [],
      },
    ],
    ['bundle-message-signature', { content: { kind: 'message-signature' }, subject: { isThisImage: true } }],
    ['bundle-copied', { subject: { isThisImage: false } }],
    [
      'bundle-keyless',
      {
        signer: { certificate: user, issuers: [] },
        logEntries: [{ kind: 'dsse 0.0.1', integratedTime: stamped.at }],
        timestamps: [stamped],
      },
    ],
    ['bundle-keyless-tsa-only', { logEntries: [], timestamps: [stamped] }],
    ['bundle-rekor2', { logEntries: [{ kind: 'hashedrekord 0.0.2' }], timestamps: [stamped] }],
    [
      'bundle-v01',
      {
        version: '0.1',
        signer: { ...aCertificate, issuers: [{ subject: 'CN=sigstore-1 fulcio intermediate,O=corpus.test' }] },
      },
    ],
    ['bundle-v02', { version: '0.2', mediaType: 'application/vnd.dev.sigstore.bundle+json;version=0.2' }],
    // Verifiers refuse its form, which hides nothing.
    [
      'bundle-keyless-chain-form-v03',
      { ...v3, signer: { certificate: user }, unreadable: [{ part: 'bundle', code: 'ATTESTOR_BUNDLE_INVALID' }] },
    ],
  ])('reads the claims of %s', async (tag, expected) => {
    const [claims] = await claimsOf(tag)
    expect(claims).toMatchObject({ format: 'sigstore-bundle', ...expected })
  })

  test('omits the time of a log entry without one', async () => {
    const [claims] = await claimsOf('bundle-rekor2')
    expect(claims?.logEntries[0]).not.toHaveProperty('integratedTime')
  })

  test('reads the claims of each referrer', async () => {
    expect((await claimsOf('bundle-two-vuln')).map(({ format }) => format)).toEqual([
      'sigstore-bundle',
      'sigstore-bundle',
    ])
  })
})

test('lists other referrers with their layers, unread', async () => {
  const image = { reference: 'x', repository: 'registry.local:5000/app', tag: 'notation-jws' }
  const { artifacts, complete } = await discover(image, source, new AbortController().signal)
  expect(complete).toBe(true)
  expect(artifacts.map(({ kind }) => kind).toSorted()).toEqual(['notary-signature', 'other', 'other'])
  for (const { layers, problems } of artifacts)
    expect([layers.length, layers[0]?.claims, problems]).toEqual([1, undefined, []])
})
