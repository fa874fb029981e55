import { createHash } from 'node:crypto'
import { equalBytes } from '@verify-images/primitives'
import type { Certificate } from './certificate.ts'
import { CertificateError } from './certificate-error.ts'
import { contentOf, openDer } from './der/cursor.ts'
import type { DerCursor } from './der/cursor.ts'
import { TAG, contextTag } from './der/tag.ts'
import { readInteger, readOctetsOfBitString, readTime } from './der/values.ts'
import { readDistinguishedName } from './distinguished-name.ts'
import { EXTENSION, readExtensions } from './extension.ts'
import type { Extension } from './extension.ts'
import {
  readAccessUrls,
  readAuthorityKeyId,
  readBasicConstraints,
  readCrlUrls,
  readExtendedKeyUsage,
  readKeyUsage,
  readPolicies,
  readSubjectAltNames,
  readSubjectKeyId,
} from './known-extensions.ts'
import { MAX_CERTIFICATE_BYTES } from './limits.ts'
import { readNameConstraints } from './name-constraints.ts'
import { type PemBlock, readPem } from './pem.ts'
import { parsePublicKey } from './public-key.ts'
import { readSignatureAlgorithm } from './signature-algorithm.ts'
import { runInSlices, type Steps, type Work } from './steps.ts'

/**
 * Parses one certificate: DER, or PEM text with exactly one `CERTIFICATE` block.
 *
 * Only version 3, or version 1 without extensions, without unique identifiers, canonical DER, and keys as in {@link
 * parsePublicKey}; SHA-1, MD5 and unknown signature algorithms are rejected.
 *
 * @throws CertificateError CERTIFICATE_PEM_INVALID, CERTIFICATE_DER_INVALID, CERTIFICATE_MALFORMED,
 *   CERTIFICATE_KEY_REFUSED,
 *   CERTIFICATE_ALGORITHM_REFUSED, CERTIFICATE_EXTENSION_UNHANDLED, CERTIFICATE_LIMIT_EXCEEDED
 * @see RFC 5280, 4.1
 */
export function parseCertificate(input: string | Uint8Array): Certificate {
  return decode(
    typeof input === 'string'
      ? readPem(input, { labels: ['CERTIFICATE'], maxBlocks: 1 })[0].bytes
      : Uint8Array.from(input),
  )
}

/**
 * Parses all certificates of a PEM text, in order. There must be at least one, and none may be rejected.
 *
 * @throws CertificateError as {@link parseCertificate}
 */
export function parseCertificates(
  pem: string,
  options: { readonly maxBlocks?: number } = {},
): readonly [Certificate, ...Certificate[]] {
  const [first, ...rest] = readPem(pem, { labels: ['CERTIFICATE'], ...options })
  return [decode(first.bytes), ...rest.map(({ bytes }) => decode(bytes))]
}

/**
 * Does the same as {@link parseCertificates} and lets the event loop turn between certificates. A key takes OpenSSL a
 * fraction of a millisecond to read, and a foreign manifest may bring thousands.
 *
 * @throws CertificateError as {@link parseCertificate}; CheckError ATTESTOR_BUDGET_EXCEEDED; the reason of an aborted
 *   signal
 */
export async function parseCertificatesInSlices(
  pem: string,
  options: { readonly maxBlocks?: number },
  work: Work,
): Promise<readonly Certificate[]> {
  return runInSlices(decodeSteps(readPem(pem, { labels: ['CERTIFICATE'], ...options })), work)
}

function* decodeSteps(blocks: readonly PemBlock[]): Steps<readonly Certificate[]> {
  const certificates: Certificate[] = []
  for (const { bytes } of blocks) {
    yield 'certificates'
    certificates.push(decode(bytes))
  }
  return certificates
}

function decode(raw: Uint8Array): Certificate {
  const certificate = openDer(raw, 'certificate', { maxBytes: MAX_CERTIFICATE_BYTES }).enter(
    TAG.SEQUENCE,
    'certificate',
  )
  const tbs = certificate.read(TAG.SEQUENCE, 'signed part')
  const outerAlgorithm = certificate.read(TAG.SEQUENCE, 'signature algorithm')
  const signature = readOctetsOfBitString(certificate.read(TAG.BIT_STRING, 'signature'), 'signature')
  certificate.end()

  const cursor = contentOf(tbs, 'certificate')
  const version = readVersion(cursor)
  const serialNumber = readSerialNumber(cursor)
  const innerAlgorithm = cursor.read(TAG.SEQUENCE, 'signature algorithm')
  if (!equalBytes(innerAlgorithm.raw, outerAlgorithm.raw)) {
    throw new CertificateError(
      'CERTIFICATE_ALGORITHM_REFUSED',
      'certificate: signature algorithms inside and outside of the signed part differ',
    )
  }
  const named = readSignatureAlgorithm(contentOf(innerAlgorithm, 'signature algorithm'))
  const issuer = readDistinguishedName(cursor.read(TAG.SEQUENCE, 'issuer'), 'issuer')
  const validity = cursor.enter(TAG.SEQUENCE, 'validity')
  const notBefore = readTime(validity.next('notBefore'), 'notBefore')
  const notAfter = readTime(validity.next('notAfter'), 'notAfter')
  validity.end()
  const subject = readDistinguishedName(cursor.read(TAG.SEQUENCE, 'subject'), 'subject')
  const publicKey = parsePublicKey(cursor.read(TAG.SEQUENCE, 'public key').raw)
  // Unique identifiers would stand here: "CAs conforming to this profile MUST NOT generate certificates with unique
  // identifiers."
  const wrapped = cursor.enterOptional(contextTag(3), 'extensions')
  // Go does not read the extensions of version 1: a restriction among them would be lost.
  if (wrapped !== undefined && version === 1)
    throw new CertificateError('CERTIFICATE_MALFORMED', 'certificate: expected no extensions in version 1')
  const list = wrapped?.enter(TAG.SEQUENCE, 'extensions')
  wrapped?.end()
  cursor.end()

  const isSelfIssued = equalBytes(issuer.raw, subject.raw)
  if (named.algorithm === undefined && !isSelfIssued) {
    throw new CertificateError(
      'CERTIFICATE_ALGORITHM_REFUSED',
      `certificate: signature algorithm ${named.oid} is not accepted`,
    )
  }
  const extensions = list ? readExtensions(list, 'certificate') : new Map<string, Extension>()
  return {
    raw,
    tbs: tbs.raw,
    serialNumber,
    issuer,
    subject,
    notBefore,
    notAfter,
    publicKey,
    signature,
    extensions,
    isSelfIssued,
    ...(named.algorithm === undefined ? {} : { signatureAlgorithm: named.algorithm }),
    ...readKnown(extensions),
    fingerprint: createHash('sha256').update(raw).digest('hex'),
  }
}

/**
 * Returns 1 or 3. A certificate of version 1 cannot say what its key may sign: it is never a CA, and a leaf without
 * usages.
 */
function readVersion(cursor: DerCursor): 1 | 3 {
  const version = cursor.enterOptional(contextTag(0), 'version')
  const number = version ? readInteger(version.read(TAG.INTEGER, 'version')) : 0n
  version?.end()
  // DER leaves the default out.
  if (version === undefined) return 1
  if (number === 2n) return 3
  throw new CertificateError('CERTIFICATE_MALFORMED', `certificate: expected version 1 or 3, got ${number + 1n}`)
}

function readSerialNumber(cursor: DerCursor): bigint {
  const element = cursor.read(TAG.INTEGER, 'serial number')
  const serialNumber = readInteger(element)
  if (serialNumber < 0n)
    throw new CertificateError('CERTIFICATE_MALFORMED', 'certificate: expected a serial number that is not negative')
  // 20 octets by RFC 5280, and one more for issuers that do not count the sign bit.
  if (element.content.length > 21)
    throw new CertificateError('CERTIFICATE_MALFORMED', 'certificate: expected a serial number of at most 20 octets')
  return serialNumber
}

type KnownExtensions = Pick<
  Certificate,
  | 'unhandledCriticalExtensions'
  | 'policies'
  | 'basicConstraints'
  | 'keyUsage'
  | 'extendedKeyUsage'
  | 'subjectAltNames'
  | 'nameConstraints'
  | 'subjectKeyId'
  | 'authorityKeyId'
  | 'crlUrls'
  | 'ocspUrls'
  | 'issuerUrls'
>

/**
 * Extensions that are enforced. Certificate policies are among them because no caller requires one, so they restrict
 * nothing. Policy constraints are not: they would make policies required.
 */
const HANDLED: ReadonlySet<string> = new Set(Object.values(EXTENSION))

/** "Conforming CAs MUST mark this extension as non-critical." */
const NEVER_CRITICAL: readonly string[] = [
  EXTENSION.SUBJECT_KEY_ID,
  EXTENSION.AUTHORITY_KEY_ID,
  EXTENSION.AUTHORITY_INFO_ACCESS,
]

function readKnown(extensions: ReadonlyMap<string, Extension>): KnownExtensions {
  const value = <T>(oid: string, read: (value: Uint8Array) => T): T | undefined => {
    const extension = extensions.get(oid)
    return extension && read(extension.value)
  }
  for (const oid of NEVER_CRITICAL) {
    if (extensions.get(oid)?.critical)
      throw new CertificateError('CERTIFICATE_MALFORMED', `certificate: extension ${oid} must not be critical`)
  }
  const basicConstraints = value(EXTENSION.BASIC_CONSTRAINTS, readBasicConstraints)
  const keyUsage = value(EXTENSION.KEY_USAGE, readKeyUsage)
  const extendedKeyUsage = value(EXTENSION.EXTENDED_KEY_USAGE, readExtendedKeyUsage)
  const nameConstraints = value(EXTENSION.NAME_CONSTRAINTS, readNameConstraints)
  const subjectKeyId = value(EXTENSION.SUBJECT_KEY_ID, readSubjectKeyId)
  const authorityKeyId = value(EXTENSION.AUTHORITY_KEY_ID, readAuthorityKeyId)
  const unhandled = [...extensions.values()]
    .filter(({ oid, critical }) => critical && !HANDLED.has(oid))
    .map(({ oid }) => oid)
  return {
    // Critical or not: to skip a constraint is to lift it.
    unhandledCriticalExtensions: nameConstraints?.isPartial ? [...unhandled, EXTENSION.NAME_CONSTRAINTS] : unhandled,
    ...(basicConstraints && { basicConstraints }),
    ...(keyUsage && { keyUsage }),
    ...(extendedKeyUsage && { extendedKeyUsage }),
    ...(nameConstraints && { nameConstraints }),
    ...(subjectKeyId && { subjectKeyId }),
    ...(authorityKeyId && { authorityKeyId }),
    policies: value(EXTENSION.CERTIFICATE_POLICIES, readPolicies) ?? [],
    subjectAltNames: value(EXTENSION.SUBJECT_ALT_NAME, readSubjectAltNames) ?? [],
    crlUrls: value(EXTENSION.CRL_DISTRIBUTION_POINTS, readCrlUrls) ?? [],
    ocspUrls: value(EXTENSION.AUTHORITY_INFO_ACCESS, (der) => readAccessUrls(der, 'ocsp')) ?? [],
    issuerUrls: value(EXTENSION.AUTHORITY_INFO_ACCESS, (der) => readAccessUrls(der, 'issuers')) ?? [],
  }
}
