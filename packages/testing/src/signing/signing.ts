import {
  aBoolean,
  aString,
  aDate,
  type Digest,
  digestOf,
  oneOf,
  type OptionTable,
  recordOf,
} from '@verify-images/primitives'
import type { CertificateWithIssuers } from '../authorities/certificate-authority.ts'
import type { KeylessIdentity } from '../authorities/keyless-identity.ts'
import {
  aSigstoreInstance,
  issueKeyless,
  type ShortLivedSigner,
  type SigstoreInstance,
} from '../authorities/sigstore-instance.ts'
import type { LogEntry } from '../authorities/transparency-log.ts'
import { checkOptions } from '../check-options.ts'
import type { LogRecord } from '../formats/log-body.ts'
import { aHashName, type HashName, type SigningKey } from '../signing-key.ts'
import { isCertified, type CertifiedKey } from './certified-key.ts'
import { aFlaw, requireFlawedPart, type Flaw, type SignaturePart } from './flaw.ts'
import { withBitFlipped } from './flip-bit.ts'
import { logSignature } from './log-signature.ts'

/** Options of a cosign signature or a bundle. The defaults are those of cosign. */
export interface SigningOptions {
  /** Signed annotations, as of `cosign sign -a`. */
  readonly annotations?: Readonly<Record<string, string>> | undefined
  /** The signing time. Default: an hour before the world's `now`. */
  readonly at?: Date | undefined
  /** The version of Rekor that logs the signature. Default: `v1` for keyless signatures, `none` for keys. */
  readonly log?: 'none' | 'v1' | 'v2' | undefined
  /** Whether the signature has a timestamp. Default: only with Rekor v2, whose entries have no time. */
  readonly timestamp?: boolean | undefined
  /** The hash that a key signs. Default: SHA-256. A policy must name any other. */
  readonly hash?: HashName | undefined
  /** The instance whose authority, logs and timestamp authority are used. Default: the world's default instance. */
  readonly instance?: SigstoreInstance | undefined
  readonly flaw?: Flaw | undefined
}

export const signingOptions: OptionTable<SigningOptions> = {
  annotations: recordOf(aString),
  at: aDate,
  log: oneOf('none', 'v1', 'v2'),
  timestamp: aBoolean,
  hash: aHashName,
  instance: aSigstoreInstance,
  flaw: aFlaw,
}

/** @throws RangeError for unknown or invalid options */
export function assertSigningOptions(options: unknown): asserts options is SigningOptions {
  checkOptions(options, signingOptions)
}

/** What a world provides for signing. */
export interface SigningDefaults {
  readonly now: Date
  readonly instance: () => SigstoreInstance
  /** An instance that no verifier trusts. */
  readonly untrusted: () => SigstoreInstance
}

/** A signature to make, with all options resolved and its flaw applied. */
export interface Signing {
  readonly key: SigningKey
  readonly certificate?: CertificateWithIssuers
  readonly annotations: Readonly<Record<string, string>>
  readonly at: Date
  readonly sign: (bytes: Uint8Array) => Uint8Array
  /** Returns the digest to sign for an image: its own, or another one for the flaw `other-digest`. */
  readonly signedDigest: (digest: Digest) => Digest
  readonly log?: (record: Omit<LogRecord, 'signer'>) => LogEntry
  readonly timestamp?: (bytes: Uint8Array) => Uint8Array
}

const HOUR_MS = 60 * 60 * 1000

/** Which log evidence a format can hold: cosign annotations only a promise, bundles also a proof. */
export type LogEvidence = ReadonlySet<'promise' | 'proof'>

/**
 * Resolves the options of one signature: key and certificate, signing time, log and timestamp.
 *
 * @throws RangeError for a flaw in a part that the signature does not have, and for a hash that the key cannot use
 */
export function prepareSigning(
  signer: SigningKey | CertifiedKey | KeylessIdentity,
  options: SigningOptions,
  evidence: LogEvidence,
  defaults: SigningDefaults,
): Signing {
  const keyless = !('sign' in signer)
  const {
    flaw,
    hash,
    annotations = {},
    log = keyless ? 'v1' : 'none',
    timestamp = log === 'v2',
    instance = defaults.instance(),
  } = options
  requireFlawedPart(flaw, partsOf({ keyless, log, timestamp }, evidence))
  const at = options.at ?? new Date(defaults.now.getTime() - HOUR_MS)
  const { key, certificate }: Pick<Signing, 'key' | 'certificate'> = keyless
    ? issue(signer, at, instance, flaw, defaults)
    : isCertified(signer)
      ? { key: signer, certificate: signer.certificates }
      : { key: signer }
  if (hash !== undefined && key.kind === 'Ed25519') throw new RangeError('`hash` must be omitted for an Ed25519 key')
  const sign = (bytes: Uint8Array): Uint8Array => key.sign(bytes, hash)
  const logs =
    log === 'none'
      ? undefined
      : (flaw === 'untrusted-log' ? defaults.untrusted() : instance)[log === 'v1' ? 'rekor' : 'rekorTiles']
  const timestampAuthority = timestamp
    ? (flaw === 'untrusted-timestamp' ? defaults.untrusted() : instance).timestampAuthority
    : undefined
  return {
    key,
    annotations,
    at,
    sign: flaw === 'broken-signature' ? (bytes) => withBitFlipped(sign(bytes)) : sign,
    signedDigest: (digest) => (flaw === 'other-digest' ? digestOf(Buffer.from(digest)) : digest),
    ...(certificate && { certificate }),
    ...(logs && { log: (record) => logSignature(record, { log: logs, at, flaw, key, sign, certificate }) }),
    ...(timestampAuthority && { timestamp: (bytes) => timestampAuthority.timestamp(bytes, at) }),
  }
}

function partsOf(
  { keyless, log, timestamp }: { readonly keyless: boolean; readonly log: string; readonly timestamp: boolean },
  evidence: LogEvidence,
): ReadonlySet<SignaturePart> {
  const parts = new Set<SignaturePart>()
  if (keyless) parts.add('short-lived certificate')
  if (log !== 'none') parts.add('log entry')
  if (log === 'v1' && evidence.has('promise')) parts.add('inclusion promise')
  if (log !== 'none' && evidence.has('proof')) parts.add('inclusion proof')
  if (timestamp) parts.add('timestamp')
  return parts
}

/** Issues a certificate that becomes valid 30 seconds before the signature, as with real clients. */
function issue(
  identity: KeylessIdentity,
  at: Date,
  { authority, certificateLog }: SigstoreInstance,
  flaw: Flaw | undefined,
  defaults: SigningDefaults,
): ShortLivedSigner {
  const notBefore = new Date(at.getTime() - (flaw === 'expired-certificate' ? HOUR_MS : 0) - 30_000)
  const log = flaw === 'untrusted-certificate-log' ? defaults.untrusted().certificateLog : certificateLog
  return issueKeyless(flaw === 'untrusted-authority' ? defaults.untrusted().authority : authority, identity, {
    notBefore,
    ...(flaw === 'no-certificate-timestamp' ? {} : { log }),
  })
}
