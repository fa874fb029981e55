import { CertificateError } from '../certificate-error.ts'

export interface DerHeader {
  readonly tag: number
  readonly contentStart: number
  readonly end: number
}

/**
 * Reads tag and length at `offset`; the whole element must end at or before `limit`.
 *
 * @throws CertificateError CERTIFICATE_DER_INVALID
 */
export function readHeader(bytes: Uint8Array, offset: number, limit: number, what: string): DerHeader {
  const fail = (problem: string): CertificateError =>
    new CertificateError('CERTIFICATE_DER_INVALID', `${what}: ${problem} at byte ${offset}`)
  const tag = bytes[offset]
  const first = bytes[offset + 1]
  if (tag === undefined || first === undefined || offset + 2 > limit) throw fail('cut short')
  // 0x1f: the tag number follows in further octets. No structure read here has one that large.
  if ((tag & 0x1f) === 0x1f) throw fail('multi-byte tag')
  if (tag === 0) throw fail('end-of-contents marker')

  let contentStart = offset + 2
  let length = first
  if (first > 0x7f) {
    const octets = first & 0x7f
    if (octets === 0) throw fail('indefinite length')
    // Four octets count to 4 GiB; all real limits are far below, and JavaScript's numbers far above.
    if (octets > 4) throw fail('length of more than four octets')
    length = 0
    for (let i = 0; i < octets; i++) length = length * 256 + (bytes[contentStart + i] ?? 0)
    contentStart += octets
    if (length < 0x80 || length < 256 ** (octets - 1)) throw fail('length that is not minimal')
  }
  const end = contentStart + length
  if (end > limit) throw fail('length beyond the end')
  return { tag, contentStart, end }
}
