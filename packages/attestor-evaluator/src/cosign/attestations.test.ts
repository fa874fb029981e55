import { summarize, type Summary } from '../testing/summarize.ts'
import type { AttestorEntry } from '@verify-images/policy-parser'
import { COSIGN_ANNOTATION, generalName, makeKeyPair, rekorBody } from '@verify-images/testing/internal'
import { beforeAll, describe, expect, test } from 'vitest'
import { digestOf, trimEnd } from '@verify-images/primitives'
import { attestorOptions } from '../attestor-options.ts'
import type { VerifiedAttestations } from '../signature-verifier.ts'
import {
  attested,
  type CosignWorld,
  createCosignWorld,
  keyEntry,
  type Layer,
  loggedAt,
  type StatementOptions,
} from '../testing/cosign-world.ts'
import { createCosignVerifier } from './cosign-verifier.ts'
import type { CosignVerifierOptions } from './options.ts'

const key = makeKeyPair()
const scan = 'https://example.com/scan/v1'
let world: CosignWorld
beforeAll(() => {
  world = createCosignWorld()
})
let count = 0

async function verify(
  makeLayers: (image: { readonly digest: string }) => readonly Layer[],
  entry: AttestorEntry = keyEntry(key),
  options: CosignVerifierOptions = {},
): Promise<Summary<VerifiedAttestations>> {
  const image = world.image(`attested-${count++}`)
  const layers = makeLayers(image)
  if (layers.length > 0) world.store(image, 'att', layers)
  const attestor = attestorOptions(
    { mutateDigest: true, verifyDigest: true, required: true, useCache: true },
    entry,
    'attestation',
  )
  return summarize(
    await createCosignVerifier(options).verifyAttestations(
      { image, attestor, path: 'x', predicateType: scan },
      world.run(),
    ),
  )
}

function codes(outcome: Summary<unknown>): readonly string[] {
  return outcome.kind === 'accepted' ? [] : outcome.reasons.map(({ code }) => code)
}

function fieldsOf(layer: Layer | undefined): { readonly sig: string; readonly payload: string } {
  const envelope = JSON.parse(Buffer.from(layer?.bytes ?? []).toString()) as {
    readonly payload: string
    readonly signatures: readonly { readonly sig: string }[]
  }
  return { sig: envelope.signatures[0]?.sig ?? '', payload: envelope.payload }
}

function broken(text: string): string {
  return `${text.slice(0, 5)}\r\n${text.slice(5)}\n`
}

function urlSafe(text: string): string {
  return text.replaceAll('+', '-').replaceAll('/', '_')
}

function mixed(text: string): string {
  return `${urlSafe(text.slice(0, -8))}+/${text.slice(-6)}`
}

function unpadded(text: string): string {
  return trimEnd(text, '=')
}

const by =
  (options: StatementOptions = {}, keys = [key]) =>
  (image: { readonly digest: string }): readonly Layer[] => [attested(keys, image, options)]

describe('an attestation by a key', () => {
  test.each(['https://in-toto.io/Statement/v0.1', 'https://in-toto.io/Statement/v1'])(
    'is accepted with its statement (%s)',
    async (header) => {
      expect(await verify(by({ header, predicate: { critical: 0 } }))).toMatchObject({
        kind: 'accepted',
        statements: [
          {
            statement: {
              type: scan,
              predicate: { critical: 0 },
              document: { _type: header, predicateType: scan, type: scan },
            },
            evidence: { format: 'cosign-attestation', predicateType: scan },
          },
        ],
      })
    },
  )

  test.each(['https://in-toto.io/Statement/v2', 'https://in-toto.io/Statement/v1/', ''])(
    'is of a version that is known, not `%s`',
    async (header) => {
      expect(codes(await verify(by({ header })))).toEqual(['ATTESTOR_STATEMENT_UNREADABLE'])
    },
  )

  test('an attestation of another type gives no statement, only its predicate for messages', async () => {
    expect(await verify(by({ type: 'https://example.com/other', predicate: { critical: 0 } }))).toMatchObject({
      kind: 'accepted',
      statements: [],
      otherPredicates: [{ critical: 0 }],
    })
  })

  test('an image without attestations is rejected', async () => {
    expect(await verify(() => [])).toMatchObject({
      kind: 'rejected',
      summary: 'no-attestations',
      reasons: [{ code: 'ATTESTOR_NO_SIGNATURE' }],
    })
  })

  test('an attestation by another key is rejected', async () => {
    expect(await verify(by({}, [makeKeyPair()]))).toMatchObject({
      kind: 'rejected',
      summary: 'verify-candidates(envelope-signatures-invalid)',
      reasons: [{ code: 'ATTESTOR_SIGNATURE_INVALID' }],
    })
  })

  test('an attestation by a key needs the annotation of its signature, which cosign leaves empty', async () => {
    const annotated = (annotations: Layer['annotations']) => (image: { readonly digest: string }) => [
      { ...attested([key], image), annotations },
    ]
    const name = 'dev.cosignproject.cosign/signature'
    expect(codes(await verify(annotated({ [name]: '' })))).toEqual([])
    expect(await verify(annotated({}))).toMatchObject({
      kind: 'rejected',
      reasons: [{ code: 'ATTESTOR_SIGNATURE_INVALID', difference: 'att-signature-annotation' }],
    })
    expect(codes(await verify(annotated({ [name]: 'AAAA' })))).toEqual(['ATTESTOR_SIGNATURE_INVALID'])
    const ofEnvelope = (image: { readonly digest: string }): readonly Layer[] =>
      by()(image).map((layer) => ({ ...layer, annotations: { [name]: fieldsOf(layer).sig } }))
    expect(codes(await verify(ofEnvelope))).toEqual([])
  })

  test.each([
    ['as cosign writes it', (text: string) => text, (text: string) => text, []],
    ['with line breaks', broken, broken, []],
    ['with the signature in the URL-safe alphabet', urlSafe, (text: string) => text, []],
    ['with the payload in the URL-safe alphabet', (text: string) => text, urlSafe, ['ATTESTOR_PAYLOAD_INVALID']],
    ['with the signature in both alphabets', mixed, (text: string) => text, ['ATTESTOR_SIGNATURE_INVALID']],
    ['with the signature unpadded', unpadded, (text: string) => text, ['ATTESTOR_SIGNATURE_INVALID']],
    ['with the payload unpadded', (text: string) => text, unpadded, ['ATTESTOR_PAYLOAD_INVALID']],
  ] as const)(
    'an attestation by a key is read as Go reads its base64: %s',
    async (_, spellSignature, spellPayload, expected) => {
      // Statement and signature have characters that the alphabets differ in, and padding.
      const spelled = (image: { readonly digest: string }): readonly Layer[] => {
        for (let round = 0; ; round++) {
          const [layer] = by({ predicate: { text: `${'~'.repeat(round % 3)}?>?>?>>>???ÿÿÿ` } })(image)
          const { sig, payload } = fieldsOf(layer)
          if (![sig, payload].every((text) => /[+/]/.test(text) && text.endsWith('='))) continue
          const envelope = {
            payloadType: 'application/vnd.in-toto+json',
            payload: spellPayload(payload),
            signatures: [{ keyid: '', sig: spellSignature(sig) }],
          }
          return [{ bytes: Buffer.from(JSON.stringify(envelope)), annotations: layer?.annotations ?? {} }]
        }
      }
      expect(codes(await verify(spelled))).toEqual(expected)
    },
  )

  test.each([
    ['an integer beyond 2^53, rounded', '{"n":9007199254740993}', { n: 9007199254740992 }],
    ['an integer beyond 64 bits', '{"n":123456789012345678901234567890}', { n: 1.2345678901234568e29 }],
    ['a pair of surrogates', String.raw`{"s":"\ud83d\ude00"}`, { s: '😀' }],
    ['a number beyond the doubles', '{"n":1e400}', undefined],
    ['a lone surrogate', String.raw`{"s":"\ud800"}`, undefined],
    ['a lone surrogate in an array', String.raw`{"s":["x\udc00"]}`, undefined],
  ])('an attestation by a key has a predicate as Go reads it: %s', async (_, predicate, expected) => {
    const outcome = await verify((image) => {
      const subject = `[{"digest":{"sha256":"${image.digest.slice(7)}"}}]`
      const statement = `{"_type":"https://in-toto.io/Statement/v1","predicateType":"${scan}","subject":${subject},"predicate":${predicate}}`
      return by({ statement: Buffer.from(statement) })(image)
    })
    expect(codes(outcome)).toEqual(expected === undefined ? ['ATTESTOR_STATEMENT_UNREADABLE'] : [])
    if (expected !== undefined) expect(outcome).toMatchObject({ statements: [{ statement: { predicate: expected } }] })
  })

  test.each([
    ['known ones', {}, {}, []],
    ['another one', { note: 'x' }, {}, ['ATTESTOR_STATEMENT_UNREADABLE']],
    ['a known one in another case', { Predicate: {} }, {}, ['ATTESTOR_STATEMENT_UNREADABLE']],
    ['all of a subject', {}, { name: 'x', uri: 'x', mediaType: 'x', content: 'QQ', annotations: { a: 1 } }, []],
    ['another one of a subject', {}, { size: 1 }, ['ATTESTOR_STATEMENT_UNREADABLE']],
    ['a name that is a number', {}, { name: 1 }, ['ATTESTOR_STATEMENT_UNREADABLE']],
  ])('an attestation by a key has the members of a statement: %s', async (_, added, subject, expected) => {
    const withMembers = (image: { readonly digest: string }): readonly Layer[] => {
      const base = { _type: 'https://in-toto.io/Statement/v1', predicateType: scan, predicate: { critical: 0 } }
      const subjects = [{ ...subject, digest: { sha256: image.digest.slice(7) } }]
      return by({ statement: Buffer.from(JSON.stringify({ ...base, subject: subjects, ...added })) })(image)
    }
    expect(codes(await verify(withMembers))).toEqual(expected)
  })

  test('an attestation by a key may have signatures of others beside ours', async () => {
    expect(await verify(by({}, [makeKeyPair(), key]))).toMatchObject({ kind: 'accepted' })
    expect(codes(await verify(by({}, [])))).toEqual(['ATTESTOR_SIGNATURE_INVALID'])
  })
})

describe('the envelope', () => {
  test.each(['application/json', 'application/vnd.in-toto+json;x', 'Application/vnd.in-toto+json', ''])(
    'of type `%s` is refused, though signed so',
    async (payloadType) => {
      expect(codes(await verify(by({ payloadType })))).toEqual(['ATTESTOR_PAYLOAD_INVALID'])
    },
  )

  test('the envelope may not be given the right type after signing', async () => {
    const outcome = await verify((image) =>
      by({ payloadType: 'application/json' })(image).map((layer) => ({
        ...layer,
        bytes: Buffer.from(
          Buffer.from(layer.bytes).toString().replace('application/json', 'application/vnd.in-toto+json'),
        ),
      })),
    )
    expect(codes(outcome)).toEqual(['ATTESTOR_SIGNATURE_INVALID'])
  })

  test.each([
    ['text', 'not json'],
    ['nothing', ''],
    ['an array', '[]'],
    ['two documents', '{}{}'],
    ['a byte order mark', '\uFEFF{}'],
    ['a key twice', '{"subject":[],"subject":[]}'],
  ])('the envelope with %s for a statement is refused', async (_, statement) => {
    expect(codes(await verify(by({ statement: Buffer.from(statement) })))[0]).toMatch(
      /ATTESTOR_(?:STATEMENT_UNREADABLE|PAYLOAD_MISMATCH)/,
    )
  })
})

describe('the subject', () => {
  test('the subject may be one of several', async () => {
    const outcome = await verify((image) =>
      by({
        subject: [
          { name: 'a', digest: { sha256: 'f'.repeat(64) } },
          { name: 'b', digest: { sha256: image.digest.slice(7) } },
        ],
      })(image),
    )
    expect(outcome).toMatchObject({ kind: 'accepted' })
  })

  test.each([
    ['none', () => []],
    ['no object', () => null],
    ['an empty one', () => [{}]],
    ['null in the array', () => [null]],
    ['no digest', () => [{ name: 'x', digest: {} }]],
    ['another digest', () => [{ name: 'x', digest: { sha256: 'f'.repeat(64) } }]],
    ['another algorithm', (hex: string) => [{ name: 'x', digest: { sha512: hex } }]],
    ['a prefix', (hex: string) => [{ name: 'x', digest: { sha256: `sha256:${hex}` } }]],
    ['a part', (hex: string) => [{ name: 'x', digest: { sha256: hex.slice(0, 40) } }]],
    ['upper case', (hex: string) => [{ name: 'x', digest: { sha256: `A${hex.slice(1).toUpperCase()}` } }]],
    ['an array', (hex: string) => [{ name: 'x', digest: { sha256: [hex] } }]],
    [
      'only the name',
      (hex: string) => [{ name: `registry.test/app@sha256:${hex}`, digest: { sha256: 'f'.repeat(64) } }],
    ],
  ])('the subject with %s binds no image', async (_, subject) => {
    const outcome = await verify((image) => by({ subject: subject(image.digest.slice(7)) })(image))
    expect(outcome).toMatchObject({
      kind: 'rejected',
      summary: 'verify-candidates(subject-mismatch)',
      reasons: [{ code: 'ATTESTOR_PAYLOAD_MISMATCH' }],
    })
  })
})

describe('signers of attestations', () => {
  const signer = makeKeyPair()
  const keyless: AttestorEntry = {
    keyless: {
      subject: 'user@example.com',
      issuer: 'https://accounts.example.com',
      rekor: { url: 'x' },
      ctlog: { ignoreSCT: true },
    },
  }

  function certified(email: string, type = scan, signers = [signer]): (image: { readonly digest: string }) => Layer {
    return (image) => {
      const certificate = world.authority.issue(signer, { subjectAltNames: [generalName.email(email)] })
      const layer = attested(signers, image, { type })
      const { payloadType, payload, signatures } = JSON.parse(Buffer.from(layer.bytes).toString()) as {
        payloadType: string
        payload: string
        signatures: readonly [{ sig: string }]
      }
      const { bytes: body } = rekorBody({
        entry: 'dsse',
        signature: Buffer.from(signatures[0].sig, 'base64'),
        signer: { kind: 'certificate', der: certificate.der, key: 'P-256' },
        content: { envelope: { payloadType, payload: Buffer.from(payload, 'base64') }, uploaded: layer.bytes },
      })
      return {
        ...layer,
        annotations: {
          ...layer.annotations,
          [COSIGN_ANNOTATION.certificate]: certificate.pem,
          [COSIGN_ANNOTATION.logEntry]: loggedAt(world.log, body, new Date('2026-01-15T10:00:30Z')),
        },
      }
    }
  }

  test('signers of attestations are held against the identity, for the wanted type', async () => {
    expect(await verify((image) => [certified('user@example.com')(image)], keyless)).toMatchObject({ kind: 'accepted' })
    expect(await verify((image) => [certified('mallory@example.net')(image)], keyless)).toMatchObject({
      kind: 'rejected',
      reasons: [{ code: 'ATTESTOR_IDENTITY_MISMATCH' }],
    })
    expect(
      await verify((image) => [certified('mallory@example.net', 'https://example.com/other')(image)], keyless),
    ).toMatchObject({ kind: 'accepted', statements: [] })
  })

  test('signers of attestations need one signature that the log and the certificate agree about', async () => {
    // The entry is about the first signature.
    expect(
      await verify((image) => [certified('user@example.com', scan, [signer, makeKeyPair()])(image)], keyless),
    ).toMatchObject({ kind: 'accepted' })
    expect(
      codes(await verify((image) => [certified('user@example.com', scan, [makeKeyPair(), signer])(image)], keyless)),
    ).toEqual(['ATTESTOR_SIGNATURE_INVALID'])
  })

  test('attestations of other signers make the check fail, unless they are to be skipped', async () => {
    const both = (image: { readonly digest: string }): readonly Layer[] => [
      certified('mallory@example.net')(image),
      certified('user@example.com')(image),
    ]
    expect(codes(await verify(both, keyless))).toEqual(['ATTESTOR_IDENTITY_MISMATCH'])
    const passing = await verify(both, keyless, { ignoreForeignAttestations: true })
    expect(passing).toMatchObject({
      kind: 'accepted',
      statements: [{ evidence: { signer: { subjectAltNames: ['user@example.com'] } } }],
    })
    expect(passing.kind === 'accepted' && passing.statements).toHaveLength(1)
    expect(
      codes(
        await verify((image) => [certified('mallory@example.net')(image)], keyless, {
          ignoreForeignAttestations: true,
        }),
      ),
    ).toEqual(['ATTESTOR_IDENTITY_MISMATCH'])
  })
})

test('rejects an attestor of attestations that requires annotations', async () => {
  expect(await verify(by(), keyEntry(key, { annotations: { env: 'prod' } }))).toMatchObject({
    kind: 'rejected',
    summary: 'annotations-missing',
  })
  const outcome = await verify(
    (image) =>
      by()(image).map((layer) => ({
        ...layer,
        bytes: Buffer.from(Buffer.from(layer.bytes).toString().replace(/^\{/, '{"optional":{"env":"prod"},')),
      })),
    keyEntry(key, { annotations: { env: 'prod' } }),
  )
  expect(codes(outcome)).toEqual(['ATTESTOR_ANNOTATION_MISMATCH'])
})

test('reports a missing image with the answer of the registry', async () => {
  const attestor = attestorOptions(
    { mutateDigest: true, verifyDigest: true, required: true, useCache: true },
    keyEntry(key),
    'attestation',
  )
  const image = { reference: 'x', repository: 'registry.test/app', tag: 'nosuch' }
  const outcome = summarize(
    await createCosignVerifier().verifyAttestations(
      { image, attestor, path: 'x', predicateType: scan },
      world.run({ source: world.source }),
    ),
  )
  expect(outcome).toMatchObject({
    kind: 'rejected',
    summary: 'resolve-image(registry-answer)',
    reasons: [{ code: 'ATTESTOR_IMAGE_NOT_FOUND' }],
  })
})

describe('a statement that cannot be read beside one that holds', () => {
  const unreadable = (image: { readonly digest: string }, keys = [key]): Layer => {
    const subject = [{ digest: { sha256: image.digest.slice(7) } }]
    const statement = {
      ...{ _type: 'https://in-toto.io/Statement/v1', predicateType: scan, subject },
      ...{ predicate: { critical: 9 }, note: 'not a member of a statement' },
    }
    return attested(keys, image, { statement: Buffer.from(JSON.stringify(statement)) })
  }

  test('a statement that cannot be read leaves the outcome open if it is by the required signer', async () => {
    for (const order of [(layers: readonly Layer[]) => layers, (layers: readonly Layer[]) => layers.toReversed()]) {
      const outcome = await verify((image) => order([...by()(image), unreadable(image)]))
      expect(outcome).toMatchObject({ kind: 'inconclusive' })
      expect(codes(outcome)).toEqual(['ATTESTOR_STATEMENT_UNREADABLE'])
    }
  })

  test('a statement that cannot be read beside one that holds is skipped if another signer made it', async () => {
    expect(await verify((image) => [...by()(image), unreadable(image, [makeKeyPair()])])).toMatchObject({
      kind: 'accepted',
    })
  })

  test('a statement that cannot be read beside one that holds is skipped if its subject is another image', async () => {
    expect(
      await verify((image) => [...by()(image), unreadable({ digest: digestOf(Buffer.from('other')) })]),
    ).toMatchObject({ kind: 'accepted' })
  })
})
