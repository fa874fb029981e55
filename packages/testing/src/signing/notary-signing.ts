import { aBoolean, aText, aTime, digestOf, oneOf, type OptionTable, recordOf } from '@verify-images/primitives'
import { aSigstoreInstance, type SigstoreInstance } from '../authorities/sigstore-instance.ts'
import { checkOptions, checkValue } from '../check-options.ts'
import type { Descriptor } from '../content.ts'
import type { NotarySigning } from '../formats/notary-envelope.ts'
import { aCertifiedKey, type CertifiedKey } from './certified-key.ts'
import { aFlaw, requireFlawedPart, type Flaw, type SignaturePart } from './flaw.ts'
import { withBitFlipped } from './flip-bit.ts'
import type { SigningPlace } from './signing.ts'

/** How a signature of the Notary Project is made. */
export interface NotaryOptions {
  /** `jws` unless given. */
  readonly envelope?: 'jws' | 'cose' | undefined
  /** An hour before the world's now unless given. */
  readonly at?: Date | undefined
  /** When the signature, not the certificate, ends; never unless given. */
  readonly expiresAt?: Date | undefined
  /** What the signer says of the image: `notation sign --user-metadata`. */
  readonly metadata?: Readonly<Record<string, string>> | undefined
  /** Whether the timestamp authority countersigns; not unless given. */
  readonly timestamp?: boolean | undefined
  /** Whose clock; that of the world's own instance unless given. */
  readonly instance?: SigstoreInstance | undefined
  /** Of a signature without logs only `broken-signature`, `other-digest` and `untrusted-timestamp` can be. */
  readonly flaw?: Flaw | undefined
}

const notaryOptions: OptionTable<NotaryOptions> = {
  envelope: oneOf('jws', 'cose'),
  at: aTime,
  expiresAt: aTime,
  metadata: recordOf(aText),
  timestamp: aBoolean,
  instance: aSigstoreInstance,
  flaw: aFlaw,
}

const HOUR_MS = 60 * 60 * 1000

/** @throws RangeError for a flaw in something that the signature does not have, and for options that there are not */
export function prepareNotarySigning(
  key: CertifiedKey,
  options: NotaryOptions,
  place: SigningPlace,
): NotarySigning & { readonly target: (descriptor: Descriptor) => Descriptor } {
  checkOptions(options, notaryOptions)
  checkValue(key, aCertifiedKey, 'key')
  const {
    flaw,
    at = new Date(place.now.getTime() - HOUR_MS),
    expiresAt,
    metadata,
    timestamp = false,
    instance,
  } = options
  requireFlawedPart(flaw, new Set<SignaturePart>(timestamp ? ['timestamp'] : []))
  const clock = timestamp
    ? (flaw === 'untrusted-timestamp' ? place.stranger() : (instance ?? place.instance())).timestampAuthority
    : undefined
  return {
    key,
    at,
    spoil: flaw === 'broken-signature' ? withBitFlipped : (signature) => signature,
    target: (descriptor) =>
      flaw === 'other-digest' ? { ...descriptor, digest: digestOf(Buffer.from(descriptor.digest)) } : descriptor,
    ...(expiresAt && { expiresAt }),
    ...(metadata && { metadata }),
    ...(clock && { timestampToken: (bytes) => clock.timestampToken(bytes, at) }),
  }
}
