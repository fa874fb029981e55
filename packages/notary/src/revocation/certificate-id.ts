import { createHash } from 'node:crypto'
import { TAG, openDer, readInteger, readOctetsOfBitString, readOid } from '@verify-images/x509'
import type { Certificate, DerCursor } from '@verify-images/x509'
import { equalBytes } from '@verify-images/primitives'

/** How OCSP identifies a certificate: hashes of its issuer's name and key, and its serial number. */
export interface CertificateId {
  readonly nameHash: Uint8Array
  readonly keyHash: Uint8Array
  readonly serialNumber: bigint
}

/**
 * SHA-1, because most responders support no other. It identifies the certificate and protects nothing: the response is
 * signed.
 */
export const ID_HASH_OID = '1.3.14.3.2.26'

export function certificateId({ serialNumber }: Certificate, issuer: Certificate): CertificateId {
  return { nameHash: sha1(issuer.subject.raw), keyHash: keyHash(issuer), serialNumber }
}

/** Returns the SHA-1 digest of the bits of a public key. */
export function keyHash({ publicKey }: Certificate): Uint8Array {
  const spki = openDer(publicKey.spki, 'public key').enter(TAG.SEQUENCE, 'key')
  spki.read(TAG.SEQUENCE, 'algorithm')
  return sha1(readOctetsOfBitString(spki.read(TAG.BIT_STRING, 'key bits'), 'public key'))
}

/** Returns whether the CertID at a cursor identifies this certificate. */
export function identifies(cursor: DerCursor, id: CertificateId): boolean {
  const oid = readOid(cursor.enter(TAG.SEQUENCE, 'hash algorithm').read(TAG.OBJECT_IDENTIFIER, 'algorithm'))
  const name = cursor.read(TAG.OCTET_STRING, 'issuer name hash').content
  const key = cursor.read(TAG.OCTET_STRING, 'issuer key hash').content
  const serialNumber = readInteger(cursor.read(TAG.INTEGER, 'serial number'))
  cursor.end()
  return (
    oid === ID_HASH_OID &&
    equalBytes(name, id.nameHash) &&
    equalBytes(key, id.keyHash) &&
    serialNumber === id.serialNumber
  )
}

function sha1(bytes: Uint8Array): Uint8Array {
  return createHash('sha1').update(bytes).digest()
}
