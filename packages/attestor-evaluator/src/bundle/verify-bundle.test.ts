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

function codeOf(changed: Partial<Bundle>, required: Partial<BundleVerification> = {}): string {
  try {
    verifyWithStatement({ ...bundle, ...changed }, requirements({ trust, ...required }))
    return 'accepted'
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : 'another error'
  }
}

const key = { publicKey: signer.publicKey, hash: 'sha256', acceptPrehashed: false } as const

describe('the signer', () => {
  test('must be a certificate where the policy names an identity', () => {
    expect(codeOf({})).toBe('accepted')
    expect(codeOf({ material: { kind: 'key' } })).toBe('ATTESTOR_SIGNATURE_INVALID')
  })

  test('must be a key where the policy names one, even if the certificate is for this key', () => {
    expect(codeOf({ material: { kind: 'key' } }, { key })).toBe('accepted')
    expect(codeOf({}, { key })).toBe('ATTESTOR_SIGNATURE_INVALID')
  })

  test('must be the one who made the signature', () => {
    expect(codeOf({ material: createTestSigner().material })).toBe('ATTESTOR_SIGNATURE_INVALID')
    const other = { ...key, publicKey: createTestSigner().publicKey }
    expect(codeOf({ material: { kind: 'key' } }, { key: other })).toBe('ATTESTOR_SIGNATURE_INVALID')
  })
})

describe('the content', () => {
  test('must be a statement about the image', () => {
    expect(codeOf(signedBundle(signer, statementAbout('cd'.repeat(32))))).toBe('ATTESTOR_PAYLOAD_MISMATCH')
  })

  const message = {
    content: {
      kind: 'message',
      digest: Buffer.from(digest.slice('sha256:'.length), 'hex'),
      signature: signer.key.sign(manifest),
    },
  } as const

  test('can be a signature over the bytes of the manifest', () => {
    expect(codeOf(message, { artifact: manifest })).toBe('accepted')
  })

  test('is not verified from the digest in the bundle, without the bytes', () => {
    expect(codeOf(message)).toBe('ATTESTOR_PAYLOAD_MISMATCH')
  })

  test('cannot be a signature over other bytes under the digest of the image', () => {
    const forged = { content: { ...message.content, signature: signer.key.sign(Buffer.from('evil')) } }
    expect(codeOf(forged, { artifact: manifest })).toBe('ATTESTOR_SIGNATURE_INVALID')
  })

  test('cannot name another digest beside a valid signature', () => {
    expect(codeOf({ content: { ...message.content, digest: Buffer.alloc(32) } }, { artifact: manifest })).toBe(
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
  ])('of a P-384 certificate with %s: %s', (hash, expected) => {
    expect(codeOf(signedWith(hash))).toBe(expected)
  })

  test('of a policy key is the one that the policy names, and no other', () => {
    const withKey = (hash: 'sha256' | 'sha384'): string =>
      codeOf(
        { ...signedWith('sha384'), material: { kind: 'key' } },
        { key: { publicKey: p384.publicKey, hash, acceptPrehashed: false } },
      )
    expect(withKey('sha384')).toBe('accepted')
    expect(withKey('sha256')).toBe('ATTESTOR_SIGNATURE_INVALID')
  })

  test('of a message signature by a policy key is SHA-256, like the digest of the image', () => {
    const content = {
      kind: 'message',
      digest: Buffer.from(digest.slice('sha256:'.length), 'hex'),
      signature: sign('sha512', manifest, signer.key.privateKey),
    } as const
    const material = { kind: 'key' } as const
    expect(codeOf({ content, material }, { key: { ...key, hash: 'sha512' }, artifact: manifest })).toBe(
      'ATTESTOR_SIGNATURE_INVALID',
    )
    expect(
      codeOf({ content: { ...content, signature: signer.key.sign(manifest) }, material }, { key, artifact: manifest }),
    ).toBe('accepted')
  })

  test('of an Ed25519 key is pure for statements, and never pure for message signatures', () => {
    const pair = makeKeyPair('ed25519')
    const edKey = { publicKey: parsePublicKey(pair.spki), hash: 'sha256', acceptPrehashed: false } as const
    const material = { kind: 'key' } as const
    const envelope = { ...bundle.content, signature: pair.sign(signedBytes) }
    expect(codeOf({ content: envelope, material }, { key: edKey })).toBe('accepted')
    const content = {
      kind: 'message',
      digest: Buffer.from(digest.slice('sha256:'.length), 'hex'),
      signature: pair.sign(manifest),
    } as const
    expect(codeOf({ content, material }, { key: edKey, artifact: manifest })).toBe('ATTESTOR_SIGNATURE_INVALID')
  })
})

describe('the certificate', () => {
  test('must lead to a trusted root', () => {
    const foreign = { ...trust, certificateAuthorities: [] }
    expect(codeOf({}, { trust: foreign })).toBe('ATTESTOR_CERTIFICATE_UNTRUSTED')
  })

  test('must be valid now where no other clock is required', () => {
    expect(codeOf({}, { now: minutes(5) })).toBe('accepted')
    expect(codeOf({}, { now: minutes(6) })).toBe('ATTESTOR_CERTIFICATE_EXPIRED')
    expect(codeOf({}, { now: minutes(-6) })).toBe('ATTESTOR_CERTIFICATE_EXPIRED')
  })

  test('needs an SCT only where one is required', () => {
    expect(codeOf({}, { sctRequired: true })).toBe('ATTESTOR_SCT_INVALID')
  })

  test('cannot have an SCT when it is itself a trust anchor', () => {
    const { certificate } = signer.material
    const anchored = {
      ...trust,
      certificateAuthorities: [{ uri: '', roots: [certificate], intermediates: [], window: {} }],
    }
    expect(codeOf({}, { trust: anchored })).toBe('accepted')
    expect(codeOf({}, { trust: anchored, sctRequired: true })).toBe('ATTESTOR_SCT_INVALID')
  })
})

describe('a timestamp', () => {
  const stamped = (...times: readonly Date[]): Partial<Bundle> => ({
    timestamps: times.map((time) => authority.stamp(signature, time)),
  })
  const required = { observedTimeRequired: true, now: minutes(60) }

  test('replaces the current time', () => {
    expect(codeOf(stamped(signedAt), required)).toBe('accepted')
    expect(codeOf({}, required)).toBe('ATTESTOR_TIMESTAMP_MISSING')
  })

  test('must be over the signature', () => {
    expect(codeOf({ timestamps: [authority.stamp(manifest)] }, required)).toBe('ATTESTOR_TIMESTAMP_MISSING')
  })

  test('must be by a trusted authority', () => {
    expect(codeOf({ timestamps: [createTimestampAuthority().stamp(signature)] }, required)).toBe(
      'ATTESTOR_TIMESTAMP_MISSING',
    )
  })

  test('must be there where the policy names the authority, even beside an inclusion promise', () => {
    const logEntries = [entryFor(log, bundle, signer)]
    const both = { ...required, requiredLogs: 1, timestampRequired: true }
    expect(codeOf({ ...stamped(signedAt), logEntries }, both)).toBe('accepted')
    expect(codeOf({ logEntries }, both)).toBe('ATTESTOR_TIMESTAMP_MISSING')
    expect(codeOf({ logEntries }, { ...both, timestampRequired: false })).toBe('accepted')
  })

  test('outside the validity of the certificate is not outvoted by one inside', () => {
    expect(codeOf(stamped(minutes(-4), minutes(4)), required)).toBe('accepted')
    expect(codeOf(stamped(signedAt, minutes(6)), required)).toBe('ATTESTOR_CERTIFICATE_EXPIRED')
    expect(codeOf(stamped(minutes(6), signedAt), required)).toBe('ATTESTOR_CERTIFICATE_EXPIRED')
  })
})

describe('a log entry', () => {
  const logged = (...logEntries: readonly LogEntry[]): Partial<Bundle> => ({ logEntries })
  const seconds = (time: Date): bigint => BigInt(time.getTime() / 1000)
  const promised = (time: Date): LogEntry => entryFor(log, bundle, signer, { time: seconds(time) })
  const proven = (time: Date): LogEntry => entryFor(log, bundle, signer, { time: seconds(time), promise: false })
  const required = { observedTimeRequired: true, requiredLogs: 1, now: minutes(60) }

  test('gives the time where the log is required', () => {
    expect(codeOf(logged(promised(signedAt)), required)).toBe('accepted')
  })

  test('gives no time where the log is ignored', () => {
    expect(codeOf(logged(promised(signedAt)), { ...required, requiredLogs: 0 })).toBe('ATTESTOR_TIMESTAMP_MISSING')
  })

  test('gives no time without an inclusion promise', () => {
    expect(codeOf(logged(proven(signedAt)), required)).toBe('ATTESTOR_TIMESTAMP_MISSING')
  })

  test.each([
    ['an inclusion promise', promised],
    ['an unsigned claim', proven],
  ])('with %s restricts the certificate although the log is ignored', (_what, entry) => {
    expect(codeOf(logged(entry(minutes(4))))).toBe('accepted')
    expect(codeOf(logged(entry(minutes(6))))).toBe('ATTESTOR_CERTIFICATE_EXPIRED')
  })

  test('without an inclusion promise needs a log key that was valid at the time of the timestamp', () => {
    const withWindow = (end: Date): Partial<BundleVerification> => ({
      ...required,
      trust: { ...trust, transparencyLogs: [{ ...log.key, window: { end } }] },
    })
    const both = { ...logged(proven(signedAt)), timestamps: [authority.stamp(signature)] }
    expect(codeOf(both, withWindow(signedAt))).toBe('accepted')
    expect(codeOf(both, withWindow(new Date(signedAt.getTime() - 1)))).toBe('ATTESTOR_LOG_ENTRY_INVALID')
  })

  test('of the key instead of the certificate is about another signature', () => {
    expect(codeOf(logged(entryFor(log, bundle, signer, { forKey: true })), required)).toBe('ATTESTOR_LOG_ENTRY_INVALID')
    const material = { kind: 'key' } as const
    const forKey = logged(entryFor(log, bundle, signer, { forKey: true }))
    expect(codeOf({ ...forKey, material }, { key, requiredLogs: 1 })).toBe('accepted')
    expect(codeOf({ ...logged(promised(signedAt)), material }, { key, requiredLogs: 1 })).toBe(
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

  test('is met by entries of distinct logs', () => {
    expect(codeOf(entries(first, entryFor(second, bundle, signer)), two)).toBe('accepted')
    expect(codeOf(entries(first), two)).toBe('ATTESTOR_LOG_ENTRY_MISSING')
  })

  test.each([
    ['the same entry twice', [first, first]],
    ['two entries of one log', [first, entryFor(log, bundle, signer, { index: 99n })]],
    ['one log under two ids', [first, { ...entryFor(log, bundle, signer, { promise: false }), logId: sameKey.logId }]],
    ['a log that is not trusted', [first, entryFor(createLog(), bundle, signer)]],
  ])('is not met by %s', (_what, logEntries) => {
    expect(codeOf({ logEntries }, two)).toBe('ATTESTOR_LOG_ENTRY_MISSING')
    expect(codeOf(entries(first), { ...two, requiredLogs: 1 })).toBe('accepted')
  })

  test('does not excuse the same entry twice', () => {
    expect(codeOf(entries(first, first), { ...two, requiredLogs: 1 })).toBe('ATTESTOR_LOG_ENTRY_INVALID')
  })

  test('does not excuse an invalid entry of a trusted log, unless logs are ignored', () => {
    const invalid = { ...first, promise: Buffer.alloc(70, 1) }
    const beside = entries(entryFor(second, bundle, signer), invalid)
    expect(codeOf(beside, { trust: both, requiredLogs: 1 })).toBe('ATTESTOR_LOG_ENTRY_INVALID')
    expect(codeOf(beside, { trust: both, requiredLogs: 0 })).toBe('accepted')
  })
})
