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
 * Checks that `bytes` are exactly one value in canonical DER.
 *
 * Definite minimal lengths, minimal integers and OIDs, BOOLEAN 00 or ff, zero padding bits, the right form (primitive
 * or constructed) for every universal type, single-octet tags. The content of OCTET STRING and BIT STRING is opaque
 * here: it is checked when it is opened. The walk keeps no tree and does not recurse, so nesting and claimed lengths
 * cost nothing.
 *
 * @throws CertificateError CERTIFICATE_DER_INVALID, CERTIFICATE_LIMIT_EXCEEDED
 * @see ITU-T X.690, 8–11
 */
export function strictDer(bytes: Uint8Array, what = 'value', limits: DerLimits = {}): void {
  const maxBytes = limits.maxBytes ?? MAX_DER_BYTES
  const maxDepth = limits.maxDepth ?? MAX_DER_DEPTH
  const maxElements = limits.maxElements ?? MAX_DER_ELEMENTS
  if (bytes.length > maxBytes) throw overLimit(what, `expected at most ${maxBytes} bytes, got ${bytes.length}`)

  const ends: number[] = []
  let offset = 0
  let elements = 0
  do {
    if (++elements > maxElements) throw overLimit(what, `expected at most ${maxElements} elements`)
    const { tag, contentStart, end } = readHeader(bytes, offset, ends.at(-1) ?? bytes.length, what)
    const constructed = (tag & 0x20) !== 0
    const isUniversal = (tag & 0xc0) === 0
    if (isUniversal && constructed !== CONSTRUCTED_TYPES.has(tag & 0x1f)) {
      throw new CertificateError('CERTIFICATE_DER_INVALID', `${what}: wrong form of a universal type at byte ${offset}`)
    }
    if (constructed) {
      if (ends.length >= maxDepth) throw overLimit(what, `expected at most ${maxDepth} levels of nesting`)
      ends.push(end)
      offset = contentStart
    } else {
      checkPrimitive(tag, bytes.subarray(contentStart, end), offset, what)
      offset = end
    }
    while (ends.at(-1) === offset) ends.pop()
  } while (ends.length > 0)
  if (offset !== bytes.length)
    throw new CertificateError('CERTIFICATE_DER_INVALID', `${what}: data after its end at byte ${offset}`)
}

/** The constructed universal types, by number. */
const CONSTRUCTED_TYPES: ReadonlySet<number> = new Set([TAG.SEQUENCE & 0x1f, TAG.SET & 0x1f])

function overLimit(what: string, found: string): CertificateError {
  return new CertificateError('CERTIFICATE_LIMIT_EXCEEDED', `${what}: ${found}`)
}
