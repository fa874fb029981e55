import { CertificateError } from '../certificate-error.ts'
import { MAX_DER_BYTES, MAX_DER_DEPTH, MAX_DER_ELEMENTS } from '../limits.ts'
import { checkPrimitive } from './check-primitive.ts'
import { readHeader } from './header.ts'
import { TAG } from './tag.ts'

export interface DerLimits {
  readonly maxBytes?: number
  readonly maxDepth?: number
  readonly maxElements?: number
}

/**
 * Checks that `bytes` are one DER value in the only encoding DER allows for it, and nothing behind it.
 *
 * Definite minimal lengths, minimal integers and OIDs, BOOLEAN 00 or ff, zero padding bits, the right form (primitive or
 * constructed) for every universal type, single-octet tags. What is inside OCTET STRING and BIT STRING is opaque here:
 * it is checked when it is opened. The walk keeps no tree and does not recurse, so neither nesting nor a claimed length
 * costs anything.
 *
 * @throws CertificateError CERTIFICATE_DER_INVALID, CERTIFICATE_LIMIT_EXCEEDED
 * @see ITU-T X.690, 8–11
 */
export function strictDer(bytes: Uint8Array, what = 'value', limits: DerLimits = {}): void {
  const maxBytes = limits.maxBytes ?? MAX_DER_BYTES
  const maxDepth = limits.maxDepth ?? MAX_DER_DEPTH
  const maxElements = limits.maxElements ?? MAX_DER_ELEMENTS
  if (bytes.length > maxBytes) throw overLimit(what, `${bytes.length} bytes, at most ${maxBytes} are read`)

  const ends: number[] = []
  let offset = 0
  let elements = 0
  do {
    if (++elements > maxElements) throw overLimit(what, `more than ${maxElements} elements`)
    const { tag, contentStart, end } = readHeader(bytes, offset, ends.at(-1) ?? bytes.length, what)
    const constructed = (tag & 0x20) !== 0
    const isUniversal = (tag & 0xc0) === 0
    if (isUniversal && constructed !== CONSTRUCTED_TYPES.has(tag & 0x1f)) {
      throw new CertificateError('CERTIFICATE_DER_INVALID', `${what}: wrong form of a universal type at byte ${offset}`)
    }
    if (constructed) {
      if (ends.length >= maxDepth) throw overLimit(what, `nested deeper than ${maxDepth}`)
      ends.push(end)
      offset = contentStart
    } else {
      checkPrimitive(tag, bytes.subarray(contentStart, end), offset, what)
      offset = end
    }
    while (ends.at(-1) === offset) ends.pop()
  } while (ends.length > 0)
  if (offset !== bytes.length)
    throw new CertificateError('CERTIFICATE_DER_INVALID', `${what}: data after its end at byte ${offset}`, {
      upstreamText: 'x509: trailing data',
    })
}

/** The universal types that are made of others, by number. */
const CONSTRUCTED_TYPES: ReadonlySet<number> = new Set([TAG.SEQUENCE & 0x1f, TAG.SET & 0x1f])

function overLimit(what: string, found: string): CertificateError {
  return new CertificateError('CERTIFICATE_LIMIT_EXCEEDED', `${what}: ${found}`)
}
