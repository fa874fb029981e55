import {
  aBoolean,
  aText,
  aTime,
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

/** How and when a signature is made; what is left out is as the tools do it. */
export interface SigningOptions {
  /** Said and signed along, as by `cosign sign -a`. */
  readonly annotations?: Readonly<Record<string, string>> | undefined
  /** An hour before the world's now unless given. */
  readonly at?: Date | undefined
  /** Which Rekor takes it in. Unless given, `v1` for keyless signatures and `none` for keys. */
  readonly log?: 'none' | 'v1' | 'v2' | undefined
  /** Whether the timestamp authority stamps it; unless given, only where Rekor v2 leaves the time open. */
  readonly timestamp?: boolean | undefined
  /** The hash a key signs with; SHA-256 unless given. A policy has to name any other. */
  readonly hash?: HashName | undefined
  /** Whose authority, logs and clock; the world's own unless given. */
  readonly instance?: SigstoreInstance | undefined
  readonly flaw?: Flaw | undefined
}

export const signingOptions: OptionTable<SigningOptions> = {
  annotations: recordOf(aText),
  at: aTime,
  log: oneOf('none', 'v1', 'v2'),
  timestamp: aBoolean,
  hash: aHashName,
  instance: aSigstoreInstance,
  flaw: aFlaw,
}

/** @throws RangeError */
export function assertSigningOptions(options: unknown): asserts options is SigningOptions {
  checkOptions(options, signingOptions)
}

/** Where signing takes place. */
export interface SigningPlace {
  readonly now: Date
  readonly instance: () => SigstoreInstance
  /** An instance nobody trusts. */
  readonly stranger: () => SigstoreInstance
}

/** One act of signing, with everything decided: who, when, who vouches for it, and what is wrong. */
export interface Signing {
  readonly key: SigningKey
  readonly certificate?: CertificateWithIssuers
  readonly annotations: Readonly<Record<string, string>>
  readonly at: Date
  readonly sign: (bytes: Uint8Array) => Uint8Array
  /** The digest that is signed for an image: its own, unless that is the flaw. */
  readonly signedDigest: (digest: Digest) => Digest
  readonly log?: (record: Omit<LogRecord, 'signer'>) => LogEntry
  readonly timestamp?: (bytes: Uint8Array) => Uint8Array
}

const HOUR_MS = 60 * 60 * 1000

/** What a format can hold of log entries: a promise only (`cosign` annotations), a proof, or both. */
export type LogForms = ReadonlySet<'promise' | 'proof'>

/**
 * Decides everything about one signature.
 *
 * @throws RangeError for a flaw in a part that the signature does not have, and for a hash that the key cannot use
 */
export function prepareSigning(
  signer: SigningKey | CertifiedKey | KeylessIdentity,
  options: SigningOptions,
  forms: LogForms,
  place: SigningPlace,
): Signing {
  const keyless = !('sign' in signer)
  const {
    flaw,
    hash,
    annotations = {},
    log = keyless ? 'v1' : 'none',
    timestamp = log === 'v2',
    instance = place.instance(),
  } = options
  requireFlawedPart(flaw, partsOf({ keyless, log, timestamp }, forms))
  const at = options.at ?? new Date(place.now.getTime() - HOUR_MS)
  const { key, certificate }: Pick<Signing, 'key' | 'certificate'> = keyless
    ? issue(signer, at, instance, flaw, place)
    : isCertified(signer)
      ? { key: signer, certificate: signer.certificates }
      : { key: signer }
  if (hash !== undefined && key.kind === 'Ed25519') throw new RangeError('`hash` cannot be chosen for an Ed25519 key')
  const sign = (bytes: Uint8Array): Uint8Array => key.sign(bytes, hash)
  const logs =
    log === 'none'
      ? undefined
      : (flaw === 'untrusted-log' ? place.stranger() : instance)[log === 'v1' ? 'rekor' : 'rekorTiles']
  const clock = timestamp
    ? (flaw === 'untrusted-timestamp' ? place.stranger() : instance).timestampAuthority
    : undefined
  return {
    key,
    annotations,
    at,
    sign: flaw === 'broken-signature' ? (bytes) => withBitFlipped(sign(bytes)) : sign,
    signedDigest: (digest) => (flaw === 'other-digest' ? digestOf(Buffer.from(digest)) : digest),
    ...(certificate && { certificate }),
    ...(logs && { log: (record) => logSignature(record, { log: logs, at, flaw, key, sign, certificate }) }),
    ...(clock && { timestamp: (bytes) => clock.timestamp(bytes, at) }),
  }
}

function partsOf(
  { keyless, log, timestamp }: { readonly keyless: boolean; readonly log: string; readonly timestamp: boolean },
  forms: LogForms,
): ReadonlySet<SignaturePart> {
  const parts = new Set<SignaturePart>()
  if (keyless) parts.add('short-lived certificate')
  if (log !== 'none') parts.add('log entry')
  if (log === 'v1' && forms.has('promise')) parts.add('inclusion promise')
  if (log !== 'none' && forms.has('proof')) parts.add('inclusion proof')
  if (timestamp) parts.add('timestamp')
  return parts
}

/** Half a minute before the signature, as the tools do. */
function issue(
  identity: KeylessIdentity,
  at: Date,
  { authority, certificateLog }: SigstoreInstance,
  flaw: Flaw | undefined,
  place: SigningPlace,
): ShortLivedSigner {
  const notBefore = new Date(at.getTime() - (flaw === 'expired-certificate' ? HOUR_MS : 0) - 30_000)
  const log = flaw === 'untrusted-certificate-log' ? place.stranger().certificateLog : certificateLog
  return issueKeyless(flaw === 'untrusted-authority' ? place.stranger().authority : authority, identity, {
    notBefore,
    ...(flaw === 'no-certificate-timestamp' ? {} : { log }),
  })
}
