import { summarize, type Summary } from '../testing/summarize.ts'
import type { AttestorEntry, KeylessAttestor } from '@verify-images/policy-parser'
import {
  CODE_SIGNING,
  der,
  generalName,
  makeCertificate,
  makeKeyPair,
  makeTimestampAuthority,
} from '@verify-images/testing/internal'
import { beforeAll, describe, expect, test } from 'vitest'
import { attestorOptions } from '../attestor-options.ts'
import type { VerificationRun, VerifiedSignature } from '../signature-verifier.ts'
import {
  type CosignWorld,
  createCosignWorld,
  keyEntry,
  type Layer,
  pemOf,
  signed,
  signedKeyless,
  signingTime,
} from '../testing/cosign-world.ts'
import { issuerOid } from '../testing/test-authority.ts'
import { createCosignVerifier } from './cosign-verifier.ts'
import type { CosignVerifierOptions } from './options.ts'

let world: CosignWorld
beforeAll(() => {
  world = createCosignWorld()
})
const key = makeKeyPair()
let count = 0

const keyless = (changes: KeylessAttestor = {}): AttestorEntry => ({
  keyless: {
    subject: 'user@example.com',
    issuer: 'https://accounts.example.com',
    rekor: { url: 'https://log.test' },
    ctlog: { ignoreSCT: true },
    ...changes,
  },
})

interface Attempt {
  readonly options?: CosignVerifierOptions
  readonly run?: Partial<VerificationRun>
}

/** Stores the layers as the signatures of a new image and verifies them. */
async function verify(
  makeLayers: (image: { readonly digest: string }) => readonly Layer[],
  entry = keyless(),
  { options = {}, run = {} }: Attempt = {},
): Promise<Summary<VerifiedSignature>> {
  const image = world.image(`keyless-${count++}`)
  world.store(image, 'sig', makeLayers(image))
  const attestor = attestorOptions(
    { mutateDigest: true, verifyDigest: true, required: true, useCache: true },
    entry,
    'signature',
  )
  return summarize(
    await createCosignVerifier(options).verifySignature(
      { image, attestor, path: 'attestors[0].entries[0]' },
      world.run(run),
    ),
  )
}

function codes(outcome: Summary<unknown>): readonly string[] {
  return outcome.kind === 'accepted' ? [] : outcome.reasons.map(({ code }) => code)
}

type Changes = Parameters<CosignWorld['authority']['issue']>[1]

function one(
  changes: Changes = {},
  layer: Partial<Parameters<typeof signedKeyless>[2]> = {},
): (image: { readonly digest: string }) => readonly Layer[] {
  return (image) => [signedKeyless(world, image, { certificate: world.authority.issue(key, changes), key, ...layer })]
}

describe('a certified signer', () => {
  test('a certified signer is accepted with identity, clock and log index', async () => {
    expect(await verify(one())).toMatchObject({
      kind: 'accepted',
      evidence: [
        {
          signer: {
            kind: 'certificate',
            subjectAltNames: ['user@example.com'],
            claims: { oidcIssuer: 'https://accounts.example.com' },
          },
          times: [{ source: 'log-promise', at: signingTime.toISOString() }],
          logIndex: '7',
        },
      ],
    })
  })

  test('a certified signer needs a certificate', async () => {
    const outcome = await verify((image) => [signed(key, image)])
    expect(outcome).toMatchObject({ kind: 'rejected', summary: 'verify-candidates(signer-missing)' })
    expect(
      await verify((image) => [signed(key, image)], keyless({ rekor: { url: '', ignoreTlog: true } })),
    ).toMatchObject({ summary: 'verify-candidates(the signature has no certificate)' })
  })

  test('a certified signer needs the certificate log unless the policy ignores it', async () => {
    expect(codes(await verify(one(), keyless({ ctlog: { ignoreSCT: false } })))).toEqual(['ATTESTOR_SCT_INVALID'])
  })

  test("a certified signer needs a trust root, which may be the policy's", async () => {
    const untrusted = {
      source: world.source,
      now: new Date(),
      signal: new AbortController().signal,
      memo: world.run().memo,
      budget: world.run().budget,
    }
    const image = world.image('no-root')
    world.store(image, 'sig', one()(image))
    const attestor = (entry: AttestorEntry): ReturnType<typeof attestorOptions> =>
      attestorOptions({ mutateDigest: true, verifyDigest: true, required: true, useCache: true }, entry, 'signature')
    const request = { image, path: 'x' }
    expect(
      summarize(await createCosignVerifier().verifySignature({ ...request, attestor: attestor(keyless()) }, untrusted)),
    ).toMatchObject({ kind: 'inconclusive', reasons: [{ code: 'ATTESTOR_TRUST_UNAVAILABLE' }] })
    const stated = keyless({
      roots: world.authority.root.pem,
      rekor: { url: 'x', pubkey: pemOf({ ...key, spki: Uint8Array.from(world.log.key.key.spki) }) },
    })
    expect(
      await createCosignVerifier().verifySignature({ ...request, attestor: attestor(stated) }, untrusted),
    ).toMatchObject({ kind: 'accepted' })
  })

  test('a certified signer is not believed under another root, whatever chain it brings along', async () => {
    const foreign = createCosignWorld()
    expect(codes(await verify(one(), keyless({ roots: foreign.authority.root.pem })))).toEqual([
      'ATTESTOR_CERTIFICATE_UNTRUSTED',
    ])
  })

  test('a certified signer must be allowed to sign code', async () => {
    expect(codes(await verify(one({ extendedKeyUsage: ['1.3.6.1.5.5.7.3.1'] })))).toEqual([
      'ATTESTOR_CERTIFICATE_INVALID',
    ])
  })

  test('a certified signer must have signed these bytes with the certified key', async () => {
    expect(codes(await verify(one({}, { key: makeKeyPair() })))).toEqual(['ATTESTOR_SIGNATURE_INVALID'])
  })

  test('a certified signer may not carry two certificates', async () => {
    const outcome = await verify((image) =>
      one()(image).map((layer) => {
        const name = 'dev.sigstore.cosign/certificate'
        return {
          ...layer,
          annotations: { ...layer.annotations, [name]: `${layer.annotations[name] ?? ''}${world.authority.root.pem}` },
        }
      }),
    )
    expect(codes(outcome)).toEqual(['ATTESTOR_CERTIFICATE_INVALID'])
  })
})

describe('the time of a signature', () => {
  const hours = (n: number): Date => new Date(signingTime.getTime() + n * 3_600_000)

  test.each([
    ['before', -2, false],
    ['after', 2, true],
  ] as const)('the time of a signature may not lie %s the certificate', async (_, shift, expired) => {
    const outcome = await verify(one({}, { time: hours(shift) }))
    expect(codes(outcome)).toEqual(['ATTESTOR_CERTIFICATE_EXPIRED'])
    expect(outcome).toMatchObject({
      failure: {
        failures: [
          { detail: { kind: 'attestor-certificate-not-valid-at', clock: 'log-promise', isIssuer: false, expired } },
        ],
      },
    })
  })

  test('the time of a signature comes from a log that is trusted', async () => {
    const foreign = createCosignWorld()
    const outcome = await verify((image) => [
      signedKeyless({ ...world, log: foreign.log }, image, { certificate: world.authority.issue(key), key }),
    ])
    expect(codes(outcome)).toEqual(['ATTESTOR_LOG_ENTRY_INVALID'])
  })

  test('the time of a signature is not taken from the entry of another signature', async () => {
    const certificate = world.authority.issue(key)
    const outcome = await verify((image) => {
      const [foreign] = [signedKeyless(world, image, { certificate, key, optional: { other: 'yes' } })]
      const layer = signedKeyless(world, image, { certificate, key })
      const name = 'dev.sigstore.cosign/bundle'
      return [{ ...layer, annotations: { ...layer.annotations, [name]: foreign?.annotations[name] ?? '' } }]
    })
    expect(codes(outcome)).toEqual(['ATTESTOR_LOG_ENTRY_INVALID'])
  })

  test('the time of a signature is not taken from the entry of the same signature in another encoding', async () => {
    const spelled =
      (spell: (text: string) => string) =>
      (image: { readonly digest: string }): readonly Layer[] =>
        one()(image).map(({ bytes, annotations }) => {
          const text = annotations['dev.cosignproject.cosign/signature'] ?? ''
          return { bytes, annotations: { ...annotations, 'dev.cosignproject.cosign/signature': spell(text) } }
        })
    expect(await verify(spelled((text) => text))).toMatchObject({ kind: 'accepted' })
    expect(codes(await verify(spelled((text) => `${text}\n`)))).toEqual(['ATTESTOR_LOG_ENTRY_INVALID'])
  })

  test('the time of a signature is now where the log is ignored, and an ignored entry gives none', async () => {
    const ignoring = keyless({ rekor: { url: 'x', ignoreTlog: true } })
    expect(await verify(one(), ignoring)).toMatchObject({
      kind: 'rejected',
      summary: 'verify-candidates(certificate-expired-untimed)',
    })
    expect(await verify(one(), ignoring, { run: { now: signingTime } })).toMatchObject({
      kind: 'accepted',
      evidence: [{ times: [] }],
    })
  })

  test('a signature without a log entry gets one from a log client, which is verified like any other', async () => {
    const certificate = world.authority.issue(key)
    const name = 'dev.sigstore.cosign/bundle'
    let entry = ''
    const bare = (image: { readonly digest: string }): readonly Layer[] => {
      const {
        bytes,
        annotations: { [name]: logged = '', ...annotations },
      } = signedKeyless(world, image, { certificate, key })
      entry = logged
      return [{ bytes, annotations }]
    }
    expect(codes(await verify(bare))).toEqual(['ATTESTOR_LOG_ENTRY_MISSING'])
    expect(
      await verify(bare, keyless(), { options: { transparencyLog: { findEntry: () => Promise.resolve(entry) } } }),
    ).toMatchObject({ kind: 'accepted' })
    expect(
      codes(
        await verify(bare, keyless(), {
          options: { transparencyLog: { findEntry: () => Promise.resolve(undefined) } },
        }),
      ),
    ).toEqual(['ATTESTOR_LOG_ENTRY_MISSING'])
    expect(
      codes(
        await verify(bare, keyless(), { options: { transparencyLog: { findEntry: () => Promise.resolve('{}') } } }),
      ),
    ).toEqual(['ATTESTOR_LOG_ENTRY_INVALID'])
    expect(
      await verify(bare, keyless(), {
        options: { transparencyLog: { findEntry: () => Promise.reject(new Error('offline')) } },
      }),
    ).toMatchObject({ kind: 'inconclusive' })
  })
})

describe('a timestamp authority', () => {
  const authority = makeTimestampAuthority()
  const ctlog = { ignoreSCT: true, tsaCertChain: authority.leaf.pem + authority.root.pem }
  const ignoring = (): AttestorEntry => keyless({ rekor: { url: 'x', ignoreTlog: true }, ctlog })

  function stamped(genTime: Date, stampedBytes?: Uint8Array): (image: { readonly digest: string }) => readonly Layer[] {
    return (image) =>
      one()(image).map((layer) => {
        const signature = Buffer.from(layer.annotations['dev.cosignproject.cosign/signature'] ?? '', 'base64')
        const token = Buffer.from(authority.timestamp(stampedBytes ?? signature, { genTime })).toString('base64')
        return {
          ...layer,
          annotations: {
            ...layer.annotations,
            'dev.sigstore.cosign/rfc3161timestamp': JSON.stringify({ SignedRFC3161Timestamp: token }),
          },
        }
      })
  }

  test('a timestamp authority gives the time', async () => {
    expect(await verify(stamped(signingTime), ignoring())).toMatchObject({
      kind: 'accepted',
      evidence: [{ times: [{ source: 'timestamp-authority' }] }],
    })
    expect(codes(await verify(stamped(new Date('2026-02-01T00:00:00Z')), ignoring()))).toEqual([
      'ATTESTOR_CERTIFICATE_EXPIRED',
    ])
  })

  test('a timestamp authority must have timestamped the signature', async () => {
    expect(codes(await verify(stamped(signingTime, Buffer.from('the payload')), ignoring()))).toEqual([
      'ATTESTOR_TIMESTAMP_INVALID',
    ])
  })

  test('a timestamp authority does not replace the log, and both clocks must fit', async () => {
    expect(await verify(stamped(signingTime), keyless({ ctlog }))).toMatchObject({
      kind: 'accepted',
      evidence: [{ times: [{}, {}] }],
    })
    expect(codes(await verify(stamped(new Date('2026-02-01T00:00:00Z')), keyless({ ctlog })))).toEqual([
      'ATTESTOR_CERTIFICATE_EXPIRED',
    ])
  })

  test('a timestamp authority cannot be escaped by leaving the timestamp out', async () => {
    const run = { now: signingTime }
    expect(await verify(one(), keyless({ rekor: { url: 'x', ignoreTlog: true } }), { run })).toMatchObject({
      kind: 'accepted',
    })
    expect(await verify(one(), ignoring(), { run })).toMatchObject({
      kind: 'rejected',
      reasons: [{ code: 'ATTESTOR_TIMESTAMP_MISSING' }],
    })
  })
})

describe('identity', () => {
  test('identity is that of the certificate', async () => {
    expect(await verify(one({ subjectAltNames: [generalName.email('mallory@example.net')] }))).toMatchObject({
      kind: 'rejected',
      summary: 'select-signatures(identity-mismatch)',
      reasons: [{ code: 'ATTESTOR_IDENTITY_MISMATCH' }],
    })
  })

  test('identity and annotations must be on one signature', async () => {
    const mallory = {
      certificate: world.authority.issue(key, { subjectAltNames: [generalName.email('mallory@example.net')] }),
      key,
    }
    const entry = { ...keyless(), annotations: { env: 'prod' } }
    const good = (image: { readonly digest: string }): Layer =>
      signedKeyless(world, image, { certificate: world.authority.issue(key), key, optional: { env: 'prod' } })
    const plain = (image: { readonly digest: string }): Layer =>
      signedKeyless(world, image, { certificate: world.authority.issue(key), key })
    const theirs = (image: { readonly digest: string }): Layer =>
      signedKeyless(world, image, { ...mallory, optional: { env: 'prod' } })
    expect(await verify((image) => [theirs(image), good(image)], entry)).toMatchObject({ kind: 'accepted' })
    const mixed = await verify((image) => [theirs(image), plain(image)], entry)
    expect(mixed).toMatchObject({
      kind: 'rejected',
      summary: expect.stringMatching(/^match-annotations\(annotations-missing, /),
      reasons: [{ code: 'ATTESTOR_ANNOTATION_MISMATCH', difference: 'S11' }, {}],
    })
  })
})

describe('certificates of the policy', () => {
  const longLived = { notBefore: new Date('2020-01-01T00:00:00Z'), notAfter: new Date('2040-01-01T00:00:00Z') }
  const certificates = (changes: object): AttestorEntry => ({
    certificates: { rekor: { ignoreTlog: true }, ctlog: { ignoreSCT: true }, ...changes },
  })

  test('certificates of the policy are the anchors if it has only a chain', async () => {
    const chain = world.authority.intermediate.pem + world.authority.root.pem
    expect(await verify(one(longLived), certificates({ certChain: chain }))).toMatchObject({ kind: 'accepted' })
    const foreign = createCosignWorld().authority
    expect(
      codes(await verify(one(longLived), certificates({ certChain: foreign.intermediate.pem + foreign.root.pem }))),
    ).toEqual(['ATTESTOR_CERTIFICATE_UNTRUSTED'])
  })

  test('certificates of the policy are completed by the chain of the signature, without its root', async () => {
    const root = certificates({ certChain: world.authority.root.pem })
    const bringing =
      (chain: string) =>
      (image: { readonly digest: string }): readonly Layer[] =>
        one(longLived)(image).map((layer) => ({
          ...layer,
          annotations: { ...layer.annotations, 'dev.sigstore.cosign/chain': chain },
        }))
    expect(await verify(bringing(world.authority.intermediate.pem + world.authority.root.pem), root)).toMatchObject({
      kind: 'accepted',
    })
    expect(codes(await verify(bringing(world.authority.intermediate.pem), root))).toEqual([
      'ATTESTOR_CERTIFICATE_UNTRUSTED',
    ])
  })

  test('certificates of the policy pin a key, within the validity of the certificate', async () => {
    const live = world.authority.issue(key, longLived)
    const expired = world.authority.issue(key)
    expect(await verify((image) => [signed(key, image)], certificates({ cert: live.pem }))).toMatchObject({
      kind: 'accepted',
    })
    expect(
      await verify((image) => [signed(key, image)], certificates({ cert: Buffer.from(live.pem).toString('base64') })),
    ).toMatchObject({ kind: 'accepted' })
    expect(codes(await verify((image) => [signed(makeKeyPair(), image)], certificates({ cert: live.pem })))).toEqual([
      'ATTESTOR_SIGNATURE_INVALID',
    ])
    expect(await verify((image) => [signed(key, image)], certificates({ cert: expired.pem }))).toMatchObject({
      kind: 'rejected',
      reasons: [{ code: 'ATTESTOR_CERTIFICATE_EXPIRED', difference: 'S13' }],
    })
    expect(
      await verify((image) => [signed(key, image)], certificates({ cert: expired.pem }), {
        options: { acceptExpiredPinnedCertificates: true },
      }),
    ).toMatchObject({ kind: 'accepted' })
  })

  describe.each([
    ['as a public CA issues it', {}, []],
    ['without an extended key usage', { extendedKeyUsage: undefined }, []],
    ['without a key usage', { keyUsage: undefined }, []],
    ['with neither', { keyUsage: undefined, extendedKeyUsage: undefined }, []],
    ['for any extended key usage', { extendedKeyUsage: ['2.5.29.37.0'] }, []],
    ['for servers', { extendedKeyUsage: ['1.3.6.1.5.5.7.3.1'] }, ['ATTESTOR_CERTIFICATE_INVALID']],
    ['for an unknown usage', { extendedKeyUsage: ['1.2.3'] }, ['ATTESTOR_CERTIFICATE_INVALID']],
    ['for encryption', { keyUsage: ['keyEncipherment'] }, ['ATTESTOR_CERTIFICATE_INVALID']],
    [
      'of version 1',
      { version: 1, keyUsage: undefined, extendedKeyUsage: undefined, subjectAltNames: undefined, extensions: [] },
      [],
    ],
  ] as const)('of a private authority, a leaf %s', (_, changes: Changes, expected) => {
    const chain = (): string => world.authority.root.pem

    test('under a chain', async () => {
      expect(codes(await verify(one({ ...longLived, ...changes }), certificates({ certChain: chain() })))).toEqual(
        expected,
      )
    })

    test('pinned beside its chain', async () => {
      const cert = world.authority.issue(key, { ...longLived, ...changes }).pem
      const entry = certificates({ cert, certChain: world.authority.intermediate.pem + chain() })
      const outcome = await verify((image) => [signed(key, image)], entry, { options: { verifyPinnedChain: true } })
      expect(codes(outcome)).toEqual(expected)
    })
  })

  test.each([
    ['a CA, as `openssl req -x509` makes it', { ca: true } as const, []],
    ['no CA', {}, []],
    [
      'a CA for servers',
      { ca: true, extendedKeyUsage: ['1.3.6.1.5.5.7.3.1'] } as const,
      ['ATTESTOR_CERTIFICATE_INVALID'],
    ],
  ])('certificates of the policy may be self-signed: %s', async (_, changes, expected) => {
    const self = makeCertificate({ subject: 'me', key, ...longLived, ...changes })
    const layers = (image: { readonly digest: string }): readonly Layer[] => [
      signedKeyless(world, image, { certificate: self, key }),
    ]
    expect(codes(await verify(layers, certificates({ certChain: self.pem })))).toEqual(expected)
    // A certificate that is pinned alone is used as its key.
    expect(codes(await verify((image) => [signed(key, image)], certificates({ cert: self.pem })))).toEqual([])
  })

  test('certificates of the policy name the certificate and the usage that is missing', async () => {
    const changes = { ...longLived, extendedKeyUsage: ['1.3.6.1.5.5.7.3.1'], subject: 'builder' }
    const outcome = await verify(one(changes), certificates({ certChain: world.authority.root.pem }))
    const [reason] = outcome.kind === 'accepted' ? [] : outcome.reasons
    expect(reason?.message).toMatch(/CN=builder.* does not allow the extended key usage codeSigning/)
  })

  test('certificates of the policy leave keyless as strict as it is', async () => {
    for (const changes of [{ extendedKeyUsage: undefined }, { ca: true as const }, { version: 1, extensions: [] }]) {
      const roots = world.authority.intermediate.pem + world.authority.root.pem
      expect(codes(await verify(one({ ...longLived, ...changes }), keyless({ roots })))).toContain(
        'ATTESTOR_CERTIFICATE_INVALID',
      )
      expect((await verify(one({ ...longLived, ...changes }))).kind).toBe('rejected')
    }
    expect(codes(await verify(one()))).toEqual([])
  })

  test('certificates of the policy with their chain never pass, unless verifying it is asked for', async () => {
    const chain = world.authority.intermediate.pem + world.authority.root.pem
    const entry = certificates({ cert: world.authority.issue(key, longLived).pem, certChain: chain })
    const layers = (image: { readonly digest: string }): readonly Layer[] => [signed(key, image)]
    expect(await verify(layers, entry)).toMatchObject({
      kind: 'rejected',
      summary: 'validate-certificate-chain(sct-missing)',
    })
    expect(await verify(layers, entry, { options: { verifyPinnedChain: true } })).toMatchObject({ kind: 'accepted' })
    const selfSigned = makeCertificate({
      subject: 'nobody',
      key,
      keyUsage: ['digitalSignature'],
      extendedKeyUsage: [CODE_SIGNING],
    })
    expect(
      codes(
        await verify(layers, certificates({ cert: selfSigned.pem, certChain: chain }), {
          options: { verifyPinnedChain: true },
        }),
      ),
    ).toEqual(['ATTESTOR_CERTIFICATE_UNTRUSTED'])
  })
})

test("refuses a certificate of another key than the policy's where the log is asked", async () => {
  const stranger = makeKeyPair()
  const entry = keyEntry(stranger, {})
  const logged: AttestorEntry = { keys: { ...entry.keys, rekor: { url: 'x' } } }
  expect(await verify(one(), logged)).toMatchObject({
    summary: 'verify-candidates(the certificate of the signature has another key than the policy)',
  })
})

test('refuses issuers that contradict each other', async () => {
  const renewed = (text: string): { oid: string; value: Uint8Array } => ({
    oid: '1.3.6.1.4.1.57264.1.8',
    value: der.utf8(text),
  })
  const old = { oid: issuerOid, value: Buffer.from('https://accounts.example.com') }
  expect(await verify(one({ extensions: [old, renewed('https://accounts.example.com')] }))).toMatchObject({
    kind: 'accepted',
  })
  expect(await verify(one({ extensions: [old, renewed('https://evil.example.com')] }))).toMatchObject({
    kind: 'rejected',
    reasons: [{ code: 'ATTESTOR_IDENTITY_MISMATCH', difference: 'crt-issuer-oid-conflict' }],
  })
})
