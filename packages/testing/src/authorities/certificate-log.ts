import { createHash } from 'node:crypto'
import { der } from '../certificates/der-writer.ts'
import { makeKeyPair } from '../certificates/key-pair.ts'

/** A certificate transparency log. */
export interface CertificateLog {
  readonly url: string
  readonly spki: Uint8Array
  readonly logId: Uint8Array
  /**
   * Logs a precertificate.
   *
   * @param precertificate the TBSCertificate without its SCT extension
   * @returns the value of the SCT list extension, with one SCT
   */
  readonly submit: (precertificate: Uint8Array, issuerSpki: Uint8Array, at: Date) => Uint8Array
}

/** @see RFC 6962, sections 3.2 and 3.3 */
export function createCertificateLog(url: string): CertificateLog {
  const key = makeKeyPair()
  const logId = createHash('sha256').update(key.spki).digest()
  return {
    url,
    spki: key.spki,
    logId,
    submit: (precertificate, issuerSpki, at) => {
      const time = number(BigInt(at.getTime()), 8)
      const entry = Buffer.concat([createHash('sha256').update(issuerSpki).digest(), vector(precertificate, 3)])
      const noExtensions = vector(new Uint8Array(), 2)
      // Version 1, type certificate_timestamp, the time, entry type precert_entry.
      const signature = key.sign(Buffer.concat([Uint8Array.of(0, 0), time, Uint8Array.of(0, 1), entry, noExtensions]))
      const sct = Buffer.concat([
        Uint8Array.of(0),
        logId,
        time,
        noExtensions,
        Uint8Array.of(SHA256, ECDSA),
        vector(signature, 2),
      ])
      return der.octetString(vector(vector(sct, 2), 2))
    },
  }
}

/** RFC 5246, section 7.4.1.4.1 */
const SHA256 = 4
const ECDSA = 3

/** Encodes a variable-length vector of TLS: its length, then its bytes (RFC 5246, section 4.3). */
function vector(bytes: Uint8Array, lengthOctets: number): Uint8Array {
  return Buffer.concat([number(BigInt(bytes.length), lengthOctets), bytes])
}

function number(value: bigint, octets: number): Uint8Array {
  return Buffer.from(value.toString(16).padStart(2 * octets, '0'), 'hex')
}
