import { equalBytes } from '@verify-images/primitives'
import { CertificateError } from '../certificate-error.ts'
import { DerCursor } from '../der/cursor.ts'
import type { DerElement } from '../der/cursor.ts'
import { TAG, contextTag } from '../der/tag.ts'
import type { Extension } from '../extension.ts'
import { readSignatureAlgorithm } from '../signature-algorithm.ts'
import type { NamedAlgorithm } from '../signature-algorithm.ts'
import { readGoExtensionFields, readGoExtensions } from './go-extensions.ts'
import type { GoExtensionFields } from './go-extensions.ts'
import { goBitString, goInteger, goOid, goText, goTime, rightAligned } from './go-values.ts'

/** A name as Go reads it: every attribute in encoded order, of any string type. */
export interface GoName {
  readonly raw: Uint8Array
  readonly attributes: readonly { readonly oid: string; readonly value: string }[]
}

export interface RsaKey {
  readonly modulus: bigint
  readonly exponent: bigint
}

/** What certificates and certificate requests share. */
export interface GoSigned {
  readonly raw: Uint8Array
  /** The part that is signed. */
  readonly tbs: Uint8Array
  readonly version: number
  readonly subject: GoName
  readonly publicKeyInfo: Uint8Array
  /** Absent for keys of another kind. */
  readonly rsaKey?: RsaKey
  readonly signatureAlgorithm: NamedAlgorithm
  readonly signature: Uint8Array
  readonly extensions: readonly Extension[]
}

/** A certificate as Go's crypto/x509 reads it. For showing only: nothing that decides reads this dialect. */
export interface GoCertificate extends GoSigned {
  readonly serialNumber: bigint
  readonly issuer: GoName
  /** RFC 3339, with the offset that the certificate has. */
  readonly notBefore: string
  readonly notAfter: string
  readonly fields: GoExtensionFields
}

/**
 * Reads a certificate the way Go's crypto/x509 does, which is more lenient than `parseCertificate`: any version and key
 * size, weak algorithms, times with offsets, names of any characters, data behind the fields that are read. Nothing is
 * verified.
 *
 * @throws CertificateError CERTIFICATE_MALFORMED, CERTIFICATE_DER_INVALID
 * @see Go, crypto/x509: ParseCertificate
 */
export function parseGoCertificate(der: Uint8Array): GoCertificate {
  const input = new DerCursor(der, 'certificate')
  const certificate = input.read(TAG.SEQUENCE, 'certificate')
  if (!input.isEmpty) throw malformed('certificate', 'data after its end')
  const outer = new DerCursor(certificate.content, 'certificate')
  const tbs = outer.read(TAG.SEQUENCE, 'signed part')
  const cursor = new DerCursor(tbs.content, 'certificate')
  const version = readVersion(cursor)
  const serialNumber = goInteger(cursor.read(TAG.INTEGER, 'serial number'), 'serial number')
  if (serialNumber < 0n) throw malformed('certificate', 'negative serial number')
  const innerAlgorithm = cursor.read(TAG.SEQUENCE, 'signature algorithm')
  const outerAlgorithm = outer.read(TAG.SEQUENCE, 'signature algorithm')
  if (!equalBytes(innerAlgorithm.raw, outerAlgorithm.raw))
    throw malformed('certificate', 'signature algorithms inside and outside of the signed part differ')
  const issuer = readGoName(cursor.read(TAG.SEQUENCE, 'issuer'))
  const validity = cursor.enter(TAG.SEQUENCE, 'validity')
  const notBefore = goTime(validity.next('notBefore'), 'notBefore')
  const notAfter = goTime(validity.next('notAfter'), 'notAfter')
  const subject = readGoName(cursor.read(TAG.SEQUENCE, 'subject'))
  const publicKeyInfo = cursor.read(TAG.SEQUENCE, 'public key').raw
  const extensions = readLastPart(cursor, version)
  const fields = readGoExtensionFields(extensions)
  const signature = rightAligned(goBitString(outer.read(TAG.BIT_STRING, 'signature'), 'signature'))
  const rsaKey = readRsaKey(publicKeyInfo)
  return {
    raw: certificate.raw,
    tbs: tbs.raw,
    version,
    serialNumber,
    signatureAlgorithm: readAlgorithm(innerAlgorithm),
    issuer,
    notBefore,
    notAfter,
    subject,
    publicKeyInfo,
    ...(rsaKey && { rsaKey }),
    extensions,
    fields,
    signature,
  }
}

function readVersion(cursor: DerCursor): number {
  const explicit = cursor.enterOptional(contextTag(0), 'version')
  if (!explicit) return 1
  const version = goInteger(explicit.read(TAG.INTEGER, 'version'), 'version') + 1n
  if (version < 1n || version > 3n) throw malformed('certificate', `version ${version}`)
  return Number(version)
}

function readLastPart(cursor: DerCursor, version: number): readonly Extension[] {
  if (version === 1) return []
  for (const number of [1, 2]) cursor.readOptional(contextTag(number, 'primitive'), 'unique identifier')
  const extensions = version === 3 ? cursor.enterOptional(contextTag(3), 'extensions') : undefined
  return extensions ? readGoExtensions(extensions) : []
}

export function readGoName(element: DerElement): GoName {
  const attributes: { readonly oid: string; readonly value: string }[] = []
  const sets = new DerCursor(element.content, 'name')
  while (!sets.isEmpty) {
    const set = sets.enter(TAG.SET, 'relative name')
    while (!set.isEmpty) {
      const attribute = set.enter(TAG.SEQUENCE, 'attribute')
      const oid = goOid(attribute.read(TAG.OBJECT_IDENTIFIER, 'attribute type'), 'attribute type')
      attributes.push({ oid, value: goText(attribute.next('attribute value'), 'attribute value') })
    }
  }
  return { raw: element.raw, attributes }
}

/** Returns the algorithm of a signature. Parameters of RSASSA-PSS that cannot be read leave it unnamed, as in Go. */
export function readAlgorithm(element: DerElement): NamedAlgorithm {
  const cursor = new DerCursor(element.content, 'signature algorithm')
  const oid = goOid(cursor.read(TAG.OBJECT_IDENTIFIER, 'algorithm'), 'signature algorithm')
  if (!cursor.isEmpty) cursor.next('parameters')
  try {
    return readSignatureAlgorithm(new DerCursor(element.content, 'signature algorithm'))
  } catch (error) {
    if (error instanceof CertificateError) return { oid }
    throw error
  }
}

const RSA_ENCRYPTION = '1.2.840.113549.1.1.1'

/** Returns the RSA key of a SubjectPublicKeyInfo, of any size; `undefined` for keys of another kind. */
export function readRsaKey(info: Uint8Array): RsaKey | undefined {
  const cursor = new DerCursor(info, 'public key').enter(TAG.SEQUENCE, 'key')
  const algorithm = cursor.enter(TAG.SEQUENCE, 'algorithm')
  const oid = goOid(algorithm.read(TAG.OBJECT_IDENTIFIER, 'algorithm'), 'algorithm')
  const bits = goBitString(cursor.read(TAG.BIT_STRING, 'key bits'), 'key bits')
  if (oid !== RSA_ENCRYPTION) return undefined
  const { content, raw } = algorithm.read(TAG.NULL, 'RSA parameters')
  if (content.length > 0 || raw.length !== 2 || !algorithm.isEmpty) throw malformed('public key', 'RSA parameters')
  const outer = new DerCursor(rightAligned(bits), 'public key')
  const key = outer.enter(TAG.SEQUENCE, 'RSA key')
  const modulus = goInteger(key.read(TAG.INTEGER, 'modulus'), 'modulus')
  const exponent = goInteger(key.read(TAG.INTEGER, 'exponent'), 'exponent')
  if (modulus <= 0n || exponent <= 0n || exponent > 0x7fff_ffffn || !outer.isEmpty || bits.unusedBits !== 0)
    throw malformed('public key', 'RSA modulus or exponent out of range')
  return { modulus, exponent }
}

function malformed(what: string, problem: string): CertificateError {
  return new CertificateError('CERTIFICATE_MALFORMED', `${what}: ${problem}`)
}
