import { TAG, openDer, readTime } from '@verify-images/x509'
import type { Extension } from '@verify-images/x509'
import { unknownBecause } from './problem.ts'

const INVALIDITY_DATE = '2.5.29.24'

/**
 * Whether a revocation counts for something signed at a time that is vouched for: not if the key is said to have been good
 * until later.
 *
 * @throws AttestorError ATTESTOR_REVOCATION_UNKNOWN
 * @see RFC 5280, 5.3.2
 */
export function revocationCounts(extensions: ReadonlyMap<string, Extension>, signedAt: Date | undefined): boolean {
  refuseUnknownCritical(extensions, new Set([INVALIDITY_DATE]))
  const extension = extensions.get(INVALIDITY_DATE)
  if (!extension || !signedAt) return true
  const invalidSince = readTime(
    openDer(extension.value, 'invalidity date').read(TAG.GENERALIZED_TIME, 'date'),
    'invalidity date',
  )
  return signedAt >= invalidSince
}

/** @throws AttestorError ATTESTOR_REVOCATION_UNKNOWN */
export function refuseUnknownCritical(extensions: ReadonlyMap<string, Extension>, known: ReadonlySet<string>): void {
  for (const { oid, critical } of extensions.values()) {
    if (critical && !known.has(oid))
      throw unknownBecause(`the answer has critical extension ${oid}, which is not understood`)
  }
}
