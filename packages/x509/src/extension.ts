import { CertificateError } from './certificate-error.ts'
import type { DerCursor } from './der/cursor.ts'
import { contentOf } from './der/cursor.ts'
import { TAG } from './der/tag.ts'
import { readBoolean, readOid } from './der/values.ts'
import { MAX_EXTENSIONS } from './limits.ts'

export interface Extension {
  readonly oid: string
  readonly critical: boolean
  /** The content of the OCTET STRING, not decoded yet. */
  readonly value: Uint8Array
}

/** OIDs of the extensions that this package reads. */
export const EXTENSION = {
  SUBJECT_KEY_ID: '2.5.29.14',
  KEY_USAGE: '2.5.29.15',
  SUBJECT_ALT_NAME: '2.5.29.17',
  BASIC_CONSTRAINTS: '2.5.29.19',
  NAME_CONSTRAINTS: '2.5.29.30',
  CRL_DISTRIBUTION_POINTS: '2.5.29.31',
  CERTIFICATE_POLICIES: '2.5.29.32',
  AUTHORITY_KEY_ID: '2.5.29.35',
  EXTENDED_KEY_USAGE: '2.5.29.37',
  AUTHORITY_INFO_ACCESS: '1.3.6.1.5.5.7.1.1',
} as const

/**
 * Reads a list of extensions from a cursor over its SEQUENCE's content; also those of CRLs and OCSP responses.
 *
 * An extension that occurs twice is rejected: readers differ on which of the two counts.
 *
 * @throws CertificateError CERTIFICATE_MALFORMED, CERTIFICATE_LIMIT_EXCEEDED
 * @see RFC 5280, 4.2
 */
export function readExtensions(cursor: DerCursor, what: string): ReadonlyMap<string, Extension> {
  const extensions = new Map<string, Extension>()
  for (const element of cursor.readAll(TAG.SEQUENCE, 'extension', MAX_EXTENSIONS)) {
    const fields = contentOf(element, `${what}, extension`)
    const oid = readOid(fields.read(TAG.OBJECT_IDENTIFIER, 'type'))
    // An explicit FALSE is not DER, which omits defaults. Old issuers write it, Go accepts it, and its meaning is
    // unambiguous.
    const critical = fields.readOptional(TAG.BOOLEAN, 'critical')
    const value = fields.read(TAG.OCTET_STRING, 'value').content
    fields.end()
    if (extensions.has(oid)) {
      throw new CertificateError('CERTIFICATE_MALFORMED', `${what}: extension ${oid} occurs twice`)
    }
    extensions.set(oid, { oid, critical: critical !== undefined && readBoolean(critical), value })
  }
  return extensions
}
