import { dsse } from '@sigstore/core'
import { digestOf, type Digest, parseVerifiedPayload, predicateOf } from '@verify-images/primitives'
import { parseCertificate, parsePublicKey, type PublicKey } from '@verify-images/x509'
import {
  digestSet,
  envelopeJson,
  IN_TOTO,
  type KeyPair,
  makeKeyPair,
  makeStatement,
  makeTimestampAuthority,
  rekorBody,
} from '@verify-images/testing/internal'
import type { Bundle } from '../bundle/parse-bundle.ts'
import { readStatement } from '../bundle/statement.ts'
import { type BundleVerification, verifyBundle } from '../bundle/verify-bundle.ts'
import type { LogEntry } from '../sigstore/log-entry.ts'
import type { TimestampAuthorityTrust } from '../sigstore/trust-material.ts'
import { createTestAuthority } from './test-authority.ts'
import { testWork } from '@verify-images/testing/internal'
import { createTestLog, type EntryOptions, type TestLog } from './test-log.ts'

/** When everything is signed. The certificate is valid for ten minutes around it. */
export const signedAt: Date = new Date('2026-01-15T10:00:00Z')
/** The image's manifest, and its digest. */
export const manifest: Uint8Array = Buffer.from('{"schemaVersion":2}')
export const digest: Digest = digestOf(manifest)

export const minutes = (count: number, from: Date = signedAt): Date => new Date(from.getTime() + count * 60_000)

const authority = createTestAuthority()

/** A signer with a short-lived certificate. */
export interface TestSigner {
  readonly key: KeyPair
  readonly publicKey: PublicKey
  readonly material: Extract<Bundle['material'], { readonly kind: 'certificate' }>
  readonly der: Uint8Array
}

export function createTestSigner(key: KeyPair = makeKeyPair()): TestSigner {
  const made = authority.issue(key, { notBefore: minutes(-5), notAfter: minutes(5) })
  return {
    key,
    publicKey: parsePublicKey(key.spki),
    material: { kind: 'certificate', certificate: parseCertificate(made.der), intermediates: [] },
    der: made.der,
  }
}

/** Creates a transparency log with a fresh key. */
export function createLog(): TestLog {
  return createTestLog(makeKeyPair().privateKey.export({ type: 'pkcs8', format: 'pem' }).toString())
}

/** Creates a timestamp authority with a fresh key, and the trust in it. */
export function createTimestampAuthority(): {
  readonly trust: TimestampAuthorityTrust
  timestamp(bytes: Uint8Array, genTime?: Date): Uint8Array
} {
  const authority = makeTimestampAuthority()
  return {
    trust: { uri: 'test authority', roots: [parseCertificate(authority.root.der)], intermediates: [] },
    timestamp: (bytes, genTime = signedAt) => authority.timestamp(bytes, { genTime }),
  }
}

export interface TestStatement {
  readonly payload: Uint8Array
  /** What a signature of its envelope is over. */
  readonly signedBytes: Uint8Array
}

/** Returns a statement about an image. */
export function statementAbout(sha256Hex: string = digestSet(digest).sha256): TestStatement {
  const payload = makeStatement(
    { type: 'https://in-toto.io/Statement/v1', subject: [{ digest: { sha256: sha256Hex } }] },
    'https://sigstore.dev/cosign/sign/v1',
    {},
  )
  return { payload, signedBytes: dsse.preAuthEncoding(IN_TOTO, Buffer.from(payload)) }
}

/** Returns a bundle with a signed statement about the image, without a log entry or a timestamp. */
export function signedBundle(signer: TestSigner, { payload, signedBytes }: TestStatement = statementAbout()): Bundle {
  return {
    version: '0.3',
    material: signer.material,
    content: { kind: 'envelope', payloadType: IN_TOTO, payload, signature: signer.key.sign(signedBytes) },
    logEntries: [],
    timestamps: [],
  }
}

/** Returns the log's entry for the envelope of a bundle, recorded for a certificate or, without one, for the key. */
export function entryFor(
  log: TestLog,
  { content }: Bundle,
  signer: TestSigner,
  options: EntryOptions & { readonly forKey?: boolean } = {},
): LogEntry {
  if (content.kind !== 'envelope') throw new Error('only envelopes are logged here')
  const { payloadType, payload, signature } = content
  const envelope = { payloadType, payload }
  const { bytes, kind } = rekorBody({
    entry: 'dsse',
    signature,
    signer: {
      ...(options.forKey === true ? { kind: 'key', der: signer.key.spki } : { kind: 'certificate', der: signer.der }),
      key: 'P-256',
    },
    content: { envelope, uploaded: envelopeJson(envelope, [signature]) },
  })
  return log.entry(bytes, { kind, time: BigInt(signedAt.getTime() / 1000), ...options })
}

/** What is required of a bundle: nothing but a certificate of the test root, valid now. */
export function requirements(changes: Partial<BundleVerification> = {}): BundleVerification {
  return {
    digest,
    trust: {
      certificateAuthorities: [authority.trust],
      timestampAuthorities: [],
      transparencyLogs: [],
      certificateLogs: [],
      warnings: [],
    },
    requiredLogs: 0,
    observedTimeRequired: false,
    timestampRequired: false,
    sctRequired: false,
    now: signedAt,
    work: testWork(),
    ...changes,
  }
}

/** Verifies a bundle and reads its statement. */
export async function verifyWithStatement(bundle: Bundle, verification: BundleVerification): Promise<void> {
  await verifyBundle(bundle, verification)
  const { content } = bundle
  if (content.kind !== 'envelope') return
  const document = parseVerifiedPayload(content.payload, 'the statement')
  readStatement({ document, predicate: predicateOf(document, 'predicate') }, verification.digest)
}
