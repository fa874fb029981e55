import { openDer } from '@verify-images/x509'
import { AttestorError } from '../attestor-error.ts'
import { MAX_CERTIFICATE_TIMESTAMPS } from '../limits.ts'

/** A signed certificate timestamp: a log's word that it has taken a certificate in. */
export interface SignedCertificateTimestamp {
  /** Lower-case hex. */
  readonly logId: string
  readonly timestamp: bigint
  readonly extensions: Uint8Array
  /** RFC 5246: 4 is SHA-256. */
  readonly hash: number
  /** RFC 5246: 1 is RSA, 3 is ECDSA. */
  readonly signatureKind: number
  readonly signature: Uint8Array
}

const OCTET_STRING = 0x04

/**
 * The timestamps in the value of a certificate's SCT extension. Every length must be exact.
 *
 * @throws AttestorError ATTESTOR_SCT_INVALID
 * @throws CertificateError for DER that is none
 * @see RFC 6962, section 3.3
 */
export function readSctList(extension: Uint8Array): readonly SignedCertificateTimestamp[] {
  const outer = new TlsReader(openDer(extension, 'SCT extension').read(OCTET_STRING, 'SCT list').content)
  const list = new TlsReader(outer.vector())
  outer.end()
  const timestamps: SignedCertificateTimestamp[] = []
  while (!list.isEmpty) {
    if (timestamps.length >= MAX_CERTIFICATE_TIMESTAMPS) throw malformed()
    timestamps.push(readTimestamp(list.vector()))
  }
  return timestamps
}

function readTimestamp(bytes: Uint8Array): SignedCertificateTimestamp {
  const reader = new TlsReader(bytes)
  const version = reader.number(1)
  if (version !== 0n) throw malformed()
  const timestamp = {
    logId: Buffer.from(reader.bytes(32)).toString('hex'),
    timestamp: reader.number(8),
    extensions: reader.vector(),
    hash: Number(reader.number(1)),
    signatureKind: Number(reader.number(1)),
    signature: reader.vector(),
  }
  reader.end()
  return timestamp
}

/** TLS presentation language: big-endian numbers, and vectors with a length of two octets. */
class TlsReader {
  readonly #bytes: Uint8Array
  #offset = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  get isEmpty(): boolean {
    return this.#offset === this.#bytes.length
  }

  bytes(length: number): Uint8Array {
    const end = this.#offset + length
    if (end > this.#bytes.length) throw malformed()
    const bytes = this.#bytes.subarray(this.#offset, end)
    this.#offset = end
    return bytes
  }

  number(octets: number): bigint {
    return BigInt(`0x${Buffer.from(this.bytes(octets)).toString('hex')}`)
  }

  vector(): Uint8Array {
    return this.bytes(Number(this.number(2)))
  }

  end(): void {
    if (!this.isEmpty) throw malformed()
  }
}

function malformed(): AttestorError {
  return new AttestorError('ATTESTOR_SCT_INVALID', 'the list of certificate log timestamps is malformed')
}
