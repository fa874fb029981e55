import { openDer } from '@verify-images/x509'

const SEQUENCE = 0x30
const OBJECT_IDENTIFIER = 0x06
/** `[3]` of a TBSCertificate: its extensions. */
const EXTENSIONS = 0xa3
/** 1.3.6.1.4.1.11129.2.4.2 */
const SCT_LIST = '2b06010401d679020402'

/**
 * Returns the to-be-signed part of a certificate without its SCTs, which is what a certificate transparency log signs.
 *
 * All other bytes stay as they are; only the lengths around the gap are written anew.
 *
 * @throws CertificateError for malformed DER
 * @see RFC 6962, section 3.2
 */
export function precertificate(tbs: Uint8Array): Uint8Array {
  const fields = openDer(tbs, 'certificate').enter(SEQUENCE, 'TBSCertificate')
  const kept: Uint8Array[] = []
  while (!fields.isEmpty) {
    if (fields.nextTag !== EXTENSIONS) {
      kept.push(fields.next('field').raw)
      continue
    }
    const extensions = fields.enter(EXTENSIONS, 'extensions').enter(SEQUENCE, 'extensions')
    const others: Uint8Array[] = []
    while (!extensions.isEmpty) {
      const { raw } = extensions.read(SEQUENCE, 'extension')
      if (extensionName(raw) !== SCT_LIST) others.push(raw)
    }
    if (others.length > 0) kept.push(wrap(EXTENSIONS, [wrap(SEQUENCE, others)]))
  }
  return wrap(SEQUENCE, kept)
}

function extensionName(extension: Uint8Array): string {
  const name = openDer(extension, 'extension').enter(SEQUENCE, 'extension').read(OBJECT_IDENTIFIER, 'extnID')
  return Buffer.from(name.content).toString('hex')
}

function wrap(tag: number, parts: readonly Uint8Array[]): Uint8Array {
  const content = Buffer.concat(parts)
  return Buffer.concat([Uint8Array.of(tag), derLength(content.length), content])
}

function derLength(length: number): Uint8Array {
  if (length < 0x80) return Uint8Array.of(length)
  const hex = length.toString(16)
  const octets = Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex')
  return Buffer.concat([Uint8Array.of(0x80 | octets.length), octets])
}
