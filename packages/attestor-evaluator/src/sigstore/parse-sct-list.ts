import { CheckError } from '@verify-images/primitives'
import { openDer } from '@verify-images/x509'
import { MAX_SCTS } from '../limits.ts'

/** A signed certificate timestamp: the promise of a certificate transparency log to include a certificate. */
export interface Sct {
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
 * Parses the value of a certificate's SCT extension. Every length must be exact.
 *
 * @throws CheckError ATTESTOR_SCT_INVALID
 * @throws CertificateError for malformed DER
 * @see RFC 6962, section 3.3
 */
export function parseSctList(extension: Uint8Array): readonly Sct[] {
  const outer = new TlsReader(openDer(extension, 'SCT extension').read(OCTET_STRING, 'SCT list').content)
  const list = new TlsReader(outer.vector())
  outer.end()
  const scts: Sct[] = []
  while (!list.isEmpty) {
    if (scts.length >= MAX_SCTS) throw malformed(`expected at most ${MAX_SCTS} SCTs`)
    scts.push(parseSct(list.vector()))
  }
  return scts
}

function parseSct(bytes: Uint8Array): Sct {
  const reader = new TlsReader(bytes)
  const version = reader.number(1)
  if (version !== 0n) throw malformed(`expected version 1, got ${version + 1n}`)
  const sct = {
    logId: Buffer.from(reader.bytes(32)).toString('hex'),
    timestamp: reader.number(8),
    extensions: reader.vector(),
    hash: Number(reader.number(1)),
    signatureKind: Number(reader.number(1)),
    signature: reader.vector(),
  }
  reader.end()
  return sct
}

/** Reads the TLS presentation language: big-endian numbers, and vectors with a length of two octets. */
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
    if (end > this.#bytes.length) throw malformed('it ends too early')
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
    if (!this.isEmpty) throw malformed('it has trailing bytes')
  }
}

function malformed(problem: string): CheckError {
  return new CheckError('ATTESTOR_SCT_INVALID', `malformed SCT list: ${problem}`)
}
