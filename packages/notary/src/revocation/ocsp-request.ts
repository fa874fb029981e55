import { TAG } from '@verify-images/x509'
import type { CertificateId } from './certificate-id.ts'

/** The content of the OID 1.3.14.3.2.26. */
const SHA1_OID = Uint8Array.of(0x2b, 0x0e, 0x03, 0x02, 0x1a)

/**
 * Returns the DER of an OCSP request for one certificate. It has no nonce: responders that answer from a cache cannot
 * repeat one, and responses have an end of validity.
 *
 * @see RFC 6960, 4.1.1; RFC 5019, 2.1
 */
export function writeOcspRequest({ nameHash, keyHash, serialNumber }: CertificateId): Uint8Array {
  const algorithm = element(TAG.SEQUENCE, element(TAG.OBJECT_IDENTIFIER, SHA1_OID), element(TAG.NULL))
  const id = element(
    TAG.SEQUENCE,
    algorithm,
    element(TAG.OCTET_STRING, nameHash),
    element(TAG.OCTET_STRING, keyHash),
    element(TAG.INTEGER, integerOctets(serialNumber)),
  )
  const requests = element(TAG.SEQUENCE, element(TAG.SEQUENCE, id))
  return element(TAG.SEQUENCE, element(TAG.SEQUENCE, requests))
}

/** Returns the content of a DER INTEGER that is not negative: as few octets as its sign bit allows. */
export function integerOctets(value: bigint): Uint8Array {
  const hex = value.toString(16)
  const octets = Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex')
  return (octets[0] ?? 0) < 0x80 ? octets : Buffer.concat([Uint8Array.of(0), octets])
}

function element(tag: number, ...parts: readonly Uint8Array[]): Uint8Array {
  const content = Buffer.concat(parts)
  if (content.length < 0x80) return Buffer.concat([Uint8Array.of(tag, content.length), content])
  const length = integerOctets(BigInt(content.length)).filter((octet, i) => i > 0 || octet !== 0)
  return Buffer.concat([Uint8Array.of(tag, 0x80 | length.length), length, content])
}
