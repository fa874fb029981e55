import { oneOf, type OptionKind } from '@verify-images/primitives'

/**
 * What is wrong with a signature. Everything else stays valid, so that only one check can reject it.
 *
 * - `broken-signature`: one bit is flipped; log entry and timestamp are over the broken signature
 * - `other-digest`: a valid signature of another image
 * - `expired-certificate`: signed an hour after the certificate expired
 * - `untrusted-authority`: the certificate is issued by an untrusted authority
 * - `no-certificate-timestamp`, `untrusted-certificate-log`: the certificate has no SCT, or one of an untrusted log
 * - `other-log-entry`: a valid log entry for other content of the same signer
 * - `untrusted-log`: the log entry is from an untrusted log
 * - `altered-log-time`: the inclusion promise is for another time
 * - `broken-inclusion-proof`: the inclusion proof leads to another root
 * - `untrusted-timestamp`: the timestamp is from an untrusted authority
 */
export type Flaw =
  | 'broken-signature'
  | 'other-digest'
  | 'expired-certificate'
  | 'untrusted-authority'
  | 'no-certificate-timestamp'
  | 'untrusted-certificate-log'
  | 'other-log-entry'
  | 'untrusted-log'
  | 'altered-log-time'
  | 'broken-inclusion-proof'
  | 'untrusted-timestamp'

/** What accompanies a signature. */
export type SignaturePart =
  'short-lived certificate' | 'log entry' | 'inclusion promise' | 'inclusion proof' | 'timestamp'

const NEEDS: Readonly<Record<Flaw, SignaturePart | undefined>> = {
  'broken-signature': undefined,
  'other-digest': undefined,
  'expired-certificate': 'short-lived certificate',
  'untrusted-authority': 'short-lived certificate',
  'no-certificate-timestamp': 'short-lived certificate',
  'untrusted-certificate-log': 'short-lived certificate',
  'other-log-entry': 'log entry',
  'untrusted-log': 'log entry',
  'altered-log-time': 'inclusion promise',
  'broken-inclusion-proof': 'inclusion proof',
  'untrusted-timestamp': 'timestamp',
}

export const aFlaw: OptionKind = oneOf(...Object.keys(NEEDS))

/**
 * Rejects a flaw in a part that the signature does not have: the test would pass for another reason.
 *
 * @throws RangeError
 */
export function requireFlawedPart(flaw: Flaw | undefined, parts: ReadonlySet<SignaturePart>): void {
  if (flaw === undefined) return
  const needed = NEEDS[flaw]
  if (needed !== undefined && !parts.has(needed))
    throw new RangeError(`the flaw ${flaw} needs a ${needed}, and this signature has none`)
}
