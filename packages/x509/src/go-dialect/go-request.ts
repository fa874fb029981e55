import { CertificateError } from '../certificate-error.ts'
import { DerCursor } from '../der/cursor.ts'
import type { DerElement } from '../der/cursor.ts'
import { TAG, contextTag } from '../der/tag.ts'
import type { Extension } from '../extension.ts'
import { readAlgorithm, readGoName, readRsaKey } from './go-certificate.ts'
import type { GoSigned } from './go-certificate.ts'
import { readGoAlternativeNames, readGoExtensions } from './go-extensions.ts'
import type { GoAlternativeNames } from './go-extensions.ts'
import { goBitString, goBoolean, goInteger, goOid, goText, goTime, isStringType, rightAligned } from './go-values.ts'

/** A value of any type as Go's encoding/asn1 decodes it; `undefined` for types it does not know. */
export type GoAnyValue =
  | { readonly kind: 'text' | 'oid'; readonly text: string }
  | { readonly kind: 'boolean'; readonly value: boolean }
  | { readonly kind: 'integer'; readonly value: bigint }
  | { readonly kind: 'octets'; readonly bytes: Uint8Array }
  | { readonly kind: 'bits'; readonly bytes: Uint8Array; readonly bitLength: number }
  | undefined

/** An attribute whose values are lists of pairs of type and value: the only kind that Go shows. */
export interface GoAttribute {
  readonly oid: string
  readonly values: readonly (readonly { readonly oid: string; readonly value: GoAnyValue }[])[]
}

/** A certificate request as Go's crypto/x509 reads it. */
export interface GoCertificateRequest extends GoSigned {
  readonly attributes: readonly GoAttribute[]
  readonly subjectAltNames: GoAlternativeNames
}

const EXTENSION_REQUEST = '1.2.840.113549.1.9.14'
const SUBJECT_ALT_NAME = '2.5.29.17'
const WHAT = 'certificate request'

/**
 * Reads a certificate request (PKCS#10) the way Go's crypto/x509 does. Nothing is verified.
 *
 * @throws CertificateError CERTIFICATE_MALFORMED, CERTIFICATE_DER_INVALID
 * @see Go, crypto/x509: ParseCertificateRequest
 */
export function parseGoCertificateRequest(der: Uint8Array): GoCertificateRequest {
  const input = new DerCursor(der, WHAT)
  const request = input.read(TAG.SEQUENCE, 'request')
  if (!input.isEmpty) throw new CertificateError('CERTIFICATE_MALFORMED', `${WHAT}: data after its end`)
  const outer = new DerCursor(request.content, WHAT)
  const tbs = outer.read(TAG.SEQUENCE, 'signed part')
  const algorithm = outer.read(TAG.SEQUENCE, 'signature algorithm')
  const signature = goBitString(outer.read(TAG.BIT_STRING, 'signature'), 'signature')
  const cursor = new DerCursor(tbs.content, WHAT)
  const version = Number(goInteger(cursor.read(TAG.INTEGER, 'version'), 'version'))
  const subject = readGoName(cursor.read(TAG.SEQUENCE, 'subject'))
  const publicKeyInfo = cursor.read(TAG.SEQUENCE, 'public key').raw
  const attributes = readAttributes(cursor.enter(contextTag(0), 'attributes'))
  const extensions = attributes.flatMap(requestedExtensions)
  const names = extensions.findLast(({ oid }) => oid === SUBJECT_ALT_NAME)
  const rsaKey = readRsaKey(publicKeyInfo)
  return {
    raw: request.raw,
    tbs: tbs.raw,
    version,
    subject,
    publicKeyInfo,
    ...(rsaKey && { rsaKey }),
    attributes: attributes.flatMap(shownAttribute),
    extensions,
    subjectAltNames: readGoAlternativeNames(names?.value),
    signatureAlgorithm: readAlgorithm(algorithm),
    signature: rightAligned(signature),
  }
}

interface RawAttribute {
  readonly oid: string
  readonly values: Uint8Array
}

/** Attributes that cannot be read are left out, as in Go. */
function readAttributes(list: DerCursor): readonly RawAttribute[] {
  const attributes: RawAttribute[] = []
  while (!list.isEmpty) {
    const { raw } = list.next('attribute')
    attributes.push(
      ...orNone(() => {
        const attribute = new DerCursor(raw, WHAT).enter(TAG.SEQUENCE, 'attribute')
        const oid = goOid(attribute.read(TAG.OBJECT_IDENTIFIER, 'type'), 'attribute type')
        return [{ oid, values: attribute.read(TAG.SET, 'values').content }]
      }),
    )
  }
  return attributes
}

function orNone<T>(read: () => readonly T[]): readonly T[] {
  try {
    return read()
  } catch (error) {
    if (error instanceof CertificateError) return []
    throw error
  }
}

function requestedExtensions({ oid, values }: RawAttribute): readonly Extension[] {
  return oid === EXTENSION_REQUEST && values.length > 0 ? readGoExtensions(new DerCursor(values, WHAT)) : []
}

function shownAttribute({ oid, values }: RawAttribute): readonly GoAttribute[] {
  return orNone(() => {
    const lists: { readonly oid: string; readonly value: GoAnyValue }[][] = []
    const set = new DerCursor(values, WHAT)
    while (!set.isEmpty) {
      const pairs: { readonly oid: string; readonly value: GoAnyValue }[] = []
      const list = set.enter(TAG.SEQUENCE, 'attribute values')
      while (!list.isEmpty) {
        const pair = list.enter(TAG.SEQUENCE, 'attribute value')
        const type = goOid(pair.read(TAG.OBJECT_IDENTIFIER, 'type'), 'attribute value')
        pairs.push({ oid: type, value: readAnyValue(pair.next('value')) })
      }
      lists.push(pairs)
    }
    return [{ oid, values: lists }]
  })
}

function readAnyValue(element: DerElement): GoAnyValue {
  const { tag, content } = element
  if (isStringType(tag)) return { kind: 'text', text: goText(element, 'value') }
  switch (tag) {
    case TAG.BOOLEAN:
      return { kind: 'boolean', value: goBoolean(element, 'value') }
    case TAG.OCTET_STRING:
      return { kind: 'octets', bytes: content }
    case TAG.INTEGER:
      return { kind: 'integer', value: goInteger(element, 'value') }
    case TAG.OBJECT_IDENTIFIER:
      return { kind: 'oid', text: goOid(element, 'value') }
    case TAG.UTC_TIME:
    case TAG.GENERALIZED_TIME:
      return { kind: 'text', text: goTime(element, 'value') }
    case TAG.BIT_STRING: {
      const { bytes, unusedBits } = goBitString(element, 'value')
      return { kind: 'bits', bytes, bitLength: 8 * bytes.length - unusedBits }
    }
    default:
      return undefined
  }
}
