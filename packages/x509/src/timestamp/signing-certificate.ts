import { createHash } from 'node:crypto'
import { equalBytes } from '@verify-images/primitives'
import type { Certificate } from '../certificate.ts'
import { CertificateError } from '../certificate-error.ts'
import { contentOf } from '../der/cursor.ts'
import type { DerElement, DerCursor } from '../der/cursor.ts'
import { TAG } from '../der/tag.ts'
import { readInteger } from '../der/values.ts'
import { readGeneralName } from '../general-name.ts'
import { MAX_LIST_LENGTH } from '../limits.ts'
import { readHashAlgorithm } from '../signature-algorithm.ts'
import type { SignerInfo } from './signer-info.ts'

const SIGNING_CERTIFICATE = '1.2.840.113549.1.9.16.2.12'
const SIGNING_CERTIFICATE_V2 = '1.2.840.113549.1.9.16.2.47'

/**
 * Returns whether the signed attributes name this certificate as the signer's.
 *
 * Without them, any certificate over the same key would match. At least one of the two attributes must be present, and
 * each that is present must match. Version 1 is defined with SHA-1: trust comes from the chain, the hash only selects.
 *
 * @throws CertificateError CERTIFICATE_TIMESTAMP_INVALID, CERTIFICATE_MALFORMED
 * @see RFC 5816; RFC 5035, 3 and 4; RFC 2634, 5.4
 */
export function namesSigner(signer: SignerInfo, certificate: Certificate): boolean {
  const v1 = signer.attributes.get(SIGNING_CERTIFICATE)
  const v2 = signer.attributes.get(SIGNING_CERTIFICATE_V2)
  if (!v1 && !v2)
    throw new CertificateError(
      'CERTIFICATE_TIMESTAMP_INVALID',
      'timestamp: signed attributes do not name the signing certificate',
    )
  return (!v1 || firstIdMatches(v1, certificate, () => 'sha1')) && (!v2 || firstIdMatches(v2, certificate, readV2Hash))
}

/** The first identifier is the signer's. Further ones restrict the chain and are not needed. */
function firstIdMatches(attribute: DerElement, certificate: Certificate, readHash: (id: DerCursor) => string): boolean {
  const list = contentOf(attribute, 'signing certificate').enter(TAG.SEQUENCE, 'certificates')
  const id = list.enter(TAG.SEQUENCE, 'certificate identifier')
  const expected = createHash(readHash(id)).update(certificate.raw).digest()
  const hash = id.read(TAG.OCTET_STRING, 'hash').content
  const issuerSerial = id.enterOptional(TAG.SEQUENCE, 'issuer and serial number')
  id.end()
  return equalBytes(hash, expected) && (!issuerSerial || issuerSerialMatches(issuerSerial, certificate))
}

function readV2Hash(id: DerCursor): string {
  if (id.nextTag !== TAG.SEQUENCE) return 'sha256'
  const hash = readHashAlgorithm(id.enter(TAG.SEQUENCE, 'hash algorithm'))
  if (hash === undefined)
    throw new CertificateError(
      'CERTIFICATE_TIMESTAMP_INVALID',
      'timestamp: expected the signing certificate to be named by SHA-256, SHA-384 or SHA-512',
    )
  return hash
}

function issuerSerialMatches(cursor: DerCursor, certificate: Certificate): boolean {
  const names = cursor
    .enter(TAG.SEQUENCE, 'issuer')
    .readAll(undefined, 'name', MAX_LIST_LENGTH)
    .map((element) => readGeneralName(element, 'issuer'))
  const serialNumber = readInteger(cursor.read(TAG.INTEGER, 'serial number'))
  return (
    serialNumber === certificate.serialNumber &&
    names.some((name) => name.kind === 'directory' && equalBytes(name.value, certificate.issuer.raw))
  )
}
