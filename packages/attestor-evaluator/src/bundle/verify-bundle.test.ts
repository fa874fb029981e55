import { parsePublicKey } from '@verify-images/x509'
import { makeKeyPair } from '@verify-images/testing/internal'
import { sign } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import type { LogEntry } from '../sigstore/log-entry.ts'
import {
  createLog,
  createTestSigner,
  createTimestampAuthority,
  digest,
  entryFor,
  manifest,
  minutes,
  requirements,
  signedAt,
  signedBundle,
  statementAbout,
  verifyWithStatement,
} from '../testing/bundle-parts.ts'
import type { Bundle } from './parse-bundle.ts'
import type { BundleVerification } from './verify-bundle.ts'

const signer = createTestSigner()
const bundle = signedBundle(signer)
const log = createLog()
const authority = createTimestampAuthority()
const trust = {
  ...requirements().trust,
  transparencyLogs: [log.key],
  timestampAuthorities: [authority.trust],
}
const { signature } = bundle.content

async function codeOf(changed: Partial<Bundle>, required: Partial<BundleVerification> = {}): Promise<string> {
  try {
    await verifyWithStatement({ ...bundle, ...changed }, requirements({ trust, ...required }))
    return 'accepted'
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : 'another error'
  }
}

const key = { publicKey: signer.publicKey, hash: 'sha256', acceptPrehashed: false } as const

describe('the signer', () => {
  test('the signer must be a certificate where the policy names an identity', async () => {
    expect(await codeOf({})).toBe('accepted')
    expect(await codeOf({ material: { kind: 'key' } })).toBe('ATTESTOR_SIGNATURE_INVALID')
  })

  test('the signer must be a key where the policy names one, even if the certificate is for this key', async () => {
    expect(await codeOf({ material: { kind: 'key' } }, { key })).toBe('accepted')
    expect(await codeOf({}, { key })).toBe('ATTESTOR_SIGNATURE_INVALID')
  })

  test('the signer must be the one who made the signature', async () => {
    expect(await codeOf({ material: createTestSigner().material })).toBe('ATTESTOR_SIGNATURE_INVALID')
    const other = { ...key, publicKey: createTestSigner().publicKey }
    expect(await codeOf({ material: { kind: 'key' } }, { key: other })).toBe('ATTESTOR_SIGNATURE_INVALID')
  })
})

describe('the content', () => {
  test('the content must be a statement about the image', async () => {
    expect(await codeOf(signedBundle(signer, statementAbout('cd'.repeat(32))))).toBe('ATTESTOR_PAYLOAD_MISMATCH')
  })

  const message = {
    content: {
      kind: 'message',
      digest: Buffer.from(digest.slice('sha256:'.length), 'hex'),
      signature: signer.key.sign(manifest),
    },
  } as const

  test('the content can be a signature over the bytes of the manifest', async () => {
    expect(await codeOf(message, { artifact: manifest })).toBe('accepted')
  })

  test('the content is not verified from the digest in the bundle, without the bytes', async () => {
    expect(await codeOf(message)).toBe('ATTESTOR_PAYLOAD_MISMATCH')
  })

  test('the content cannot be a signature over other bytes under the digest of the image', async () => {
    const forged = { content: { ...message.content, signature: signer.key.sign(Buffer.from('evil')) } }
    expect(await codeOf(forged, { artifact: manifest })).toBe('ATTESTOR_SIGNATURE_INVALID')
  })

  test('the content cannot name another digest beside a valid signature', async () => {
    expect(await codeOf({ content: { ...message.content, digest: Buffer.alloc(32) } }, { artifact: manifest })).toBe(
      'ATTESTOR_PAYLOAD_MISMATCH',
    )
  })
})

describe('the signature algorithm', () => {
  const p384 = createTestSigner(makeKeyPair('P-384'))
  const { payload, signedBytes } = statementAbout()
  const signedWith = (hash: string): Partial<Bundle> => ({
    material: p384.material,
    content: {
      kind: 'envelope',
      payloadType: 'application/vnd.in-toto+json',
      payload,
      signature: sign(hash, signedBytes, p384.key.privateKey),
    },
  })

  test.each([
    ['sha384', 'accepted'],
    ['sha256', 'accepted'],
    ['sha512', 'ATTESTOR_SIGNATURE_INVALID'],
  ])('the signature algorithm of a P-384 certificate with %s: %s', async (hash, expected) => {
    expect(await codeOf(signedWith(hash))).toBe(expected)
  })

  test('the signature algorithm of a policy key is the one that the policy names, and no other', async () => {
    const withKey = (hash: 'sha256' | 'sha384'): Promise<string> =>
      codeOf(
        { ...signedWith('sha384'), material: { kind: 'key' } },
        { key: { publicKey: p384.publicKey, hash, acceptPrehashed: false } },
      )
    expect(await withKey('sha384')).toBe('accepted')
    expect(await withKey('sha256')).toBe('ATTESTOR_SIGNATURE_INVALID')
  })

  test('a message signature by a policy key uses SHA-256, like the digest of the image', async () => {
    const content = {
      kind: 'message',
      digest: Buffer.from(digest.slice('sha256:'.length), 'hex'),
      signature: sign('sha512', manifest, signer.key.privateKey),
    } as const
    const material = { kind: 'key' } as const
    expect(await codeOf({ content, material }, { key: { ...key, hash: 'sha512' }, artifact: manifest })).toBe(
      'ATTESTOR_SIGNATURE_INVALID',
    )
    expect(
      await codeOf(
        { content: { ...content, signature: signer.key.sign(manifest) }, material },
        { key, artifact: manifest },
      ),
    ).toBe('accepted')
  })

  test('an Ed25519 key signs statements in pure mode, and message signatures never', async () => {
    const pair = makeKeyPair('ed25519')
    const edKey = { publicKey: parsePublicKey(pair.spki), hash: 'sha256', acceptPrehashed: false } as const
    const material = { kind: 'key' } as const
    const envelope = { ...bundle.content, signature: pair.sign(signedBytes) }
    expect(await codeOf({ content: envelope, material }, { key: edKey })).toBe('accepted')
    const content = {
      kind: 'message',
      digest: Buffer.from(digest.slice('sha256:'.length), 'hex'),
      signature: pair.sign(manifest),
    } as const
    expect(await codeOf({ content, material }, { key: edKey, artifact: manifest })).toBe('ATTESTOR_SIGNATURE_INVALID')
  })
})

describe('the certificate', () => {
  test('the certificate must lead to a trusted root', async () => {
    const foreign = { ...trust, certificateAuthorities: [] }
    expect(await codeOf({}, { trust: foreign })).toBe('ATTESTOR_CERTIFICATE_UNTRUSTED')
  })

  test('the certificate must be valid now where no other clock is required', async () => {
    expect(await codeOf({}, { now: minutes(5) })).toBe('accepted')
    expect(await codeOf({}, { now: minutes(6) })).toBe('ATTESTOR_CERTIFICATE_EXPIRED')
    expect(await codeOf({}, { now: minutes(-6) })).toBe('ATTESTOR_CERTIFICATE_EXPIRED')
  })

  test('the certificate needs an SCT only where one is required', async () => {
    expect(await codeOf({}, { sctRequired: true })).toBe('ATTESTOR_SCT_INVALID')
  })

  test('the certificate cannot have an SCT when it is itself a trust anchor', async () => {
    const { certificate } = signer.material
    const anchored = {
      ...trust,
      certificateAuthorities: [{ uri: '', roots: [certificate], intermediates: [], window: {} }],
    }
    expect(await codeOf({}, { trust: anchored })).toBe('accepted')
    expect(await codeOf({}, { trust: anchored, sctRequired: true })).toBe('ATTESTOR_SCT_INVALID')
  })
})

describe('a timestamp', () => {
  const timestamped = (...times: readonly Date[]): Partial<Bundle> => ({
    timestamps: times.map((time) => authority.timestamp(signature, time)),
  })
  const required = { observedTimeRequired: true, now: minutes(60) }

  test('a timestamp replaces the current time', async () => {
    expect(await codeOf(timestamped(signedAt), required)).toBe('accepted')
    expect(await codeOf({}, required)).toBe('ATTESTOR_TIMESTAMP_MISSING')
  })

  test('a timestamp must be over the signature', async () => {
    expect(await codeOf({ timestamps: [authority.timestamp(manifest)] }, required)).toBe('ATTESTOR_TIMESTAMP_MISSING')
  })

  test('a timestamp must be by a trusted authority', async () => {
    expect(await codeOf({ timestamps: [createTimestampAuthority().timestamp(signature)] }, required)).toBe(
      'ATTESTOR_TIMESTAMP_MISSING',
    )
  })

  test('a timestamp must be there where the policy names the authority, even beside an inclusion promise', async () => {
    const logEntries = [entryFor(log, bundle, signer)]
    const both = { ...required, requiredLogs: 1, timestampRequired: true }
    expect(await codeOf({ ...timestamped(signedAt), logEntries }, both)).toBe('accepted')
    expect(await codeOf({ logEntries }, both)).toBe('ATTESTOR_TIMESTAMP_MISSING')
    expect(await codeOf({ logEntries }, { ...both, timestampRequired: false })).toBe('accepted')
  })

  test('a timestamp outside the validity of the certificate is not outvoted by one inside', async () => {
    expect(await codeOf(timestamped(minutes(-4), minutes(4)), required)).toBe('accepted')
    expect(await codeOf(timestamped(signedAt, minutes(6)), required)).toBe('ATTESTOR_CERTIFICATE_EXPIRED')
    expect(await codeOf(timestamped(minutes(6), signedAt), required)).toBe('ATTESTOR_CERTIFICATE_EXPIRED')
  })
})

describe('a log entry', () => {
  const logged = (...logEntries: readonly LogEntry[]): Partial<Bundle> => ({ logEntries })
  const seconds = (time: Date): bigint => BigInt(time.getTime() / 1000)
  const promised = (time: Date): LogEntry => entryFor(log, bundle, signer, { time: seconds(time) })
  const proven = (time: Date): LogEntry => entryFor(log, bundle, signer, { time: seconds(time), promise: false })
  const required = { observedTimeRequired: true, requiredLogs: 1, now: minutes(60) }

  test('a log entry gives the time where the log is required', async () => {
    expect(await codeOf(logged(promised(signedAt)), required)).toBe('accepted')
  })

  test('a log entry gives no time where the log is ignored', async () => {
    expect(await codeOf(logged(promised(signedAt)), { ...required, requiredLogs: 0 })).toBe(
      'ATTESTOR_TIMESTAMP_MISSING',
    )
  })

  test('a log entry gives no time without an inclusion promise', async () => {
    expect(await codeOf(logged(proven(signedAt)), required)).toBe('ATTESTOR_TIMESTAMP_MISSING')
  })

  test.each([
    ['an inclusion promise', promised],
    ['an unsigned claim', proven],
  ])('a log entry with %s restricts the certificate although the log is ignored', async (_what, entry) => {
    expect(await codeOf(logged(entry(minutes(4))))).toBe('accepted')
    expect(await codeOf(logged(entry(minutes(6))))).toBe('ATTESTOR_CERTIFICATE_EXPIRED')
  })

  test('a log entry without a promise needs a log key that was valid at the time of the timestamp', async () => {
    const withWindow = (end: Date): Partial<BundleVerification> => ({
      ...required,
      trust: { ...trust, transparencyLogs: [{ ...log.key, window: { end } }] },
    })
    const both = { ...logged(proven(signedAt)), timestamps: [authority.timestamp(signature)] }
    expect(await codeOf(both, withWindow(signedAt))).toBe('accepted')
    expect(await codeOf(both, withWindow(new Date(signedAt.getTime() - 1)))).toBe('ATTESTOR_LOG_ENTRY_INVALID')
  })

  test('a log entry of the key instead of the certificate is about another signature', async () => {
    expect(await codeOf(logged(entryFor(log, bundle, signer, { forKey: true })), required)).toBe(
      'ATTESTOR_LOG_ENTRY_INVALID',
    )
    const material = { kind: 'key' } as const
    const forKey = logged(entryFor(log, bundle, signer, { forKey: true }))
    expect(await codeOf({ ...forKey, material }, { key, requiredLogs: 1 })).toBe('accepted')
    expect(await codeOf({ ...logged(promised(signedAt)), material }, { key, requiredLogs: 1 })).toBe(
      'ATTESTOR_LOG_ENTRY_INVALID',
    )
  })
})

describe('the required number of logs', () => {
  const second = createLog()
  const sameKey = { ...log.key, logId: '11'.repeat(32), checkpointKeyId: log.key.logId }
  const both = { ...trust, transparencyLogs: [log.key, second.key, sameKey] }
  const first = entryFor(log, bundle, signer)
  const entries = (...logEntries: readonly LogEntry[]): Partial<Bundle> => ({ logEntries })
  const two = { requiredLogs: 2, trust: both }

  test('the required number of logs is met by entries of distinct logs', async () => {
    expect(await codeOf(entries(first, entryFor(second, bundle, signer)), two)).toBe('accepted')
    expect(await codeOf(entries(first), two)).toBe('ATTESTOR_LOG_ENTRY_MISSING')
  })

  test.each([
    ['the same entry twice', [first, first]],
    ['two entries of one log', [first, entryFor(log, bundle, signer, { index: 99n })]],
    ['one log under two ids', [first, { ...entryFor(log, bundle, signer, { promise: false }), logId: sameKey.logId }]],
    ['a log that is not trusted', [first, entryFor(createLog(), bundle, signer)]],
  ])('the required number of logs is not met by %s', async (_what, logEntries) => {
    expect(await codeOf({ logEntries }, two)).toBe('ATTESTOR_LOG_ENTRY_MISSING')
    expect(await codeOf(entries(first), { ...two, requiredLogs: 1 })).toBe('accepted')
  })

  test('the required number of logs does not excuse the same entry twice', async () => {
    expect(await codeOf(entries(first, first), { ...two, requiredLogs: 1 })).toBe('ATTESTOR_LOG_ENTRY_INVALID')
  })

  test('the required number of logs does not excuse an invalid entry, unless logs are ignored', async () => {
    const invalid = { ...first, promise: Buffer.alloc(70, 1) }
    const beside = entries(entryFor(second, bundle, signer), invalid)
    expect(await codeOf(beside, { trust: both, requiredLogs: 1 })).toBe('ATTESTOR_LOG_ENTRY_INVALID')
    expect(await codeOf(beside, { trust: both, requiredLogs: 0 })).toBe('accepted')
  })
})
