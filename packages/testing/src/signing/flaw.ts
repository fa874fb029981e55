import { oneOf, type OptionKind } from '@verify-images/primitives'

/**
 * What can be wrong with a signature. Everything else about it stays right, so that one check alone can refuse it.
 *
 * - `broken-signature`: one bit of it is wrong; logs and clocks vouch for it as it is
 * - `other-digest`: a good signature, of another image
 * - `expired-certificate`: made an hour after the certificate ended
 * - `untrusted-authority`: the certificate is issued by nobody one trusts
 * - `no-certificate-timestamp`, `untrusted-certificate-log`: no certificate log has seen the certificate, or one nobody trusts
 * - `other-log-entry`: a genuine log entry of something else by the same signer
 * - `untrusted-log`: the entry is of a log nobody trusts
 * - `altered-log-time`: the log promised another time
 * - `broken-inclusion-proof`: the proof leads to another root
 * - `untrusted-timestamp`: the stamp is of an authority nobody trusts
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

/** What a signature consists of beside itself. */
export type SignaturePart = 'short-lived certificate' | 'log entry' | 'log promise' | 'inclusion proof' | 'timestamp'

const NEEDS: Readonly<Record<Flaw, SignaturePart | undefined>> = {
  'broken-signature': undefined,
  'other-digest': undefined,
  'expired-certificate': 'short-lived certificate',
  'untrusted-authority': 'short-lived certificate',
  'no-certificate-timestamp': 'short-lived certificate',
  'untrusted-certificate-log': 'short-lived certificate',
  'other-log-entry': 'log entry',
  'untrusted-log': 'log entry',
  'altered-log-time': 'log promise',
  'broken-inclusion-proof': 'inclusion proof',
  'untrusted-timestamp': 'timestamp',
}

export const aFlaw: OptionKind = oneOf(...Object.keys(NEEDS))

/**
 * Refuses a flaw in a part that the signature does not have: a test that asks for one would pass for another reason.
 *
 * @throws RangeError
 */
export function requireFlawedPart(flaw: Flaw | undefined, parts: ReadonlySet<SignaturePart>): void {
  if (flaw === undefined) return
  const needed = NEEDS[flaw]
  if (needed !== undefined && !parts.has(needed))
    throw new RangeError(`the flaw ${flaw} needs a ${needed}, and this signature has none`)
}
