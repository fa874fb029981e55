import { aBoolean, aString, aDate, digestOf, oneOf, type OptionTable, recordOf } from '@verify-images/primitives'
import { aSigstoreInstance, type SigstoreInstance } from '../authorities/sigstore-instance.ts'
import { checkOptions, checkValue } from '../check-options.ts'
import type { Descriptor } from '../content.ts'
import type { NotarySigning } from '../formats/notary-envelope.ts'
import { aCertifiedKey, type CertifiedKey } from './certified-key.ts'
import { aFlaw, requireFlawedPart, type Flaw, type SignaturePart } from './flaw.ts'
import { withBitFlipped } from './flip-bit.ts'
import type { SigningDefaults } from './signing.ts'

/** Options of a Notary Project signature. */
export interface NotaryOptions {
  /** Default: `jws`. */
  readonly envelope?: 'jws' | 'cose' | undefined
  /** The signing time. Default: an hour before the world's `now`. */
  readonly at?: Date | undefined
  /** When the signature, not the certificate, expires. Default: never. */
  readonly expiresAt?: Date | undefined
  /** Signed annotations, as of `notation sign --user-metadata`. */
  readonly metadata?: Readonly<Record<string, string>> | undefined
  /** Whether the signature has a timestamp. Default: `false`. */
  readonly timestamp?: boolean | undefined
  /** The instance whose timestamp authority is used. Default: the world's default instance. */
  readonly instance?: SigstoreInstance | undefined
  /** Only `broken-signature`, `other-digest` and `untrusted-timestamp`: these signatures have no log entries. */
  readonly flaw?: Flaw | undefined
}

const notaryOptions: OptionTable<NotaryOptions> = {
  envelope: oneOf('jws', 'cose'),
  at: aDate,
  expiresAt: aDate,
  metadata: recordOf(aString),
  timestamp: aBoolean,
  instance: aSigstoreInstance,
  flaw: aFlaw,
}

const HOUR_MS = 60 * 60 * 1000

/** @throws RangeError for a flaw in a part that the signature does not have, and for unknown options */
export function prepareNotarySigning(
  key: CertifiedKey,
  options: NotaryOptions,
  defaults: SigningDefaults,
): NotarySigning & { readonly target: (descriptor: Descriptor) => Descriptor } {
  checkOptions(options, notaryOptions)
  checkValue(key, aCertifiedKey, 'key')
  const {
    flaw,
    at = new Date(defaults.now.getTime() - HOUR_MS),
    expiresAt,
    metadata,
    timestamp = false,
    instance,
  } = options
  requireFlawedPart(flaw, new Set<SignaturePart>(timestamp ? ['timestamp'] : []))
  const timestampAuthority = timestamp
    ? (flaw === 'untrusted-timestamp' ? defaults.untrusted() : (instance ?? defaults.instance())).timestampAuthority
    : undefined
  return {
    key,
    at,
    alter: flaw === 'broken-signature' ? withBitFlipped : (signature) => signature,
    target: (descriptor) =>
      flaw === 'other-digest' ? { ...descriptor, digest: digestOf(Buffer.from(descriptor.digest)) } : descriptor,
    ...(expiresAt && { expiresAt }),
    ...(metadata && { metadata }),
    ...(timestampAuthority && { timestampToken: (bytes) => timestampAuthority.timestampToken(bytes, at) }),
  }
}
