import type { Json, JsonObject } from '../../values/json.ts'
import { readAlgorithm, readRsaKey, signatureAlgorithmNumber } from './algorithm.ts'
import { NO_NAMES, readAlternativeNames } from './alternative-names.ts'
import { arcsOf, bitStringOf, contextTag, DerReader, integerOf, rightAligned, TAG, X509Fault } from './der-reader.ts'
import type { DerElement } from './der-reader.ts'
import { isTextTag, readText } from './der-text.ts'
import { derTime } from './der-time.ts'
import { readName } from './distinguished-name.ts'
import { extensionJson, readExtensions } from './extensions.ts'
import type { Extension } from './extensions.ts'

const RSA = 1
const EXTENSION_REQUEST = '1.2.840.113549.1.9.14'
const ALTERNATIVE_NAMES = '2.5.29.17'
const WHAT = 'certificate request'

/** A certificate request as the JSON of Go's `x509.CertificateRequest`. Nothing in it is verified. */
export function certificateRequestJson(der: Buffer): JsonObject {
  const input = new DerReader(der)
  const request = input.read(TAG.sequence, WHAT)
  if (!input.isEmpty) throw new X509Fault('asn1: syntax error: trailing data')
  const outer = new DerReader(request.content)
  const info = outer.read(TAG.sequence, WHAT)
  const algorithm = readAlgorithm(outer.enter(TAG.sequence, WHAT))
  const signature = outer.readBitString(WHAT)
  const reader = new DerReader(info.content)
  const version = Number(reader.readInteger(WHAT))
  const subject = reader.read(TAG.sequence, WHAT).whole
  const keyInfo = reader.read(TAG.sequence, WHAT).whole
  const attributes = readAttributes(reader)
  const extensions = attributes.flatMap(requestedExtensions)
  const names = extensions.findLast(({ id }) => id.join('.') === ALTERNATIVE_NAMES)
  const subjectName = readName(subject)
  const alternatives = names === undefined ? NO_NAMES : readAlternativeNames(names.value)
  const key = readRsaKey(keyInfo)
  return {
    Raw: request.whole.toString('base64'),
    RawTBSCertificateRequest: info.whole.toString('base64'),
    RawSubjectPublicKeyInfo: keyInfo.toString('base64'),
    RawSubject: subject.toString('base64'),
    Version: version,
    Signature: rightAligned(signature).toString('base64'),
    SignatureAlgorithm: signatureAlgorithmNumber(algorithm),
    PublicKeyAlgorithm: RSA,
    PublicKey: { N: String(key.modulus), E: Number(key.exponent) },
    Subject: subjectName,
    Attributes: listed(attributes.flatMap(attributeJson)),
    Extensions: listed(extensions.map(extensionJson)),
    ExtraExtensions: null,
    ...alternatives,
  }
}

function listed(list: readonly Json[]): Json {
  return list.length === 0 ? null : list
}

interface Attribute {
  readonly type: readonly number[]
  readonly values: Buffer
}

function readAttributes(reader: DerReader): readonly Attribute[] {
  const attributes: Attribute[] = []
  const list = new DerReader(reader.read(contextTag(0, true), WHAT).content)
  while (!list.isEmpty) attributes.push(...attributeOf(list.readAny(WHAT)))
  return attributes
}

/** An attribute that is none is passed over. */
function attributeOf({ whole }: DerElement): readonly Attribute[] {
  return orNone(() => {
    const attribute = new DerReader(whole).enter(TAG.sequence, WHAT)
    const type = attribute.readObjectIdentifier(WHAT)
    return [{ type, values: attribute.read(TAG.set, WHAT).content }]
  })
}

function orNone<T>(read: () => readonly T[]): readonly T[] {
  try {
    return read()
  } catch (error) {
    if (error instanceof X509Fault) return []
    throw error
  }
}

function requestedExtensions({ type, values }: Attribute): readonly Extension[] {
  return type.join('.') === EXTENSION_REQUEST && values.length > 0 ? readExtensions(new DerReader(values)) : []
}

/** Only attributes whose values are lists of pairs of type and value are shown; a challenge password is not. */
function attributeJson({ type, values }: Attribute): readonly Json[] {
  return orNone(() => {
    const lists: Json[] = []
    const set = new DerReader(values)
    while (!set.isEmpty) {
      const pairs: Json[] = []
      const list = set.enter(TAG.sequence, WHAT)
      while (!list.isEmpty) {
        const pair = list.enter(TAG.sequence, WHAT)
        pairs.push({ Type: [...pair.readObjectIdentifier(WHAT)], Value: valueJson(pair.readAny(WHAT)) })
      }
      lists.push(pairs)
    }
    return [{ Type: [...type], Value: lists }]
  })
}

/** A value of any type as Go's asn1 package shows it; null where it does not know the type. */
function valueJson(element: DerElement): Json {
  const { tag, content } = element
  if (isTextTag(tag)) return readText(element)
  switch (tag) {
    case TAG.boolean:
      return new DerReader(element.whole).readBoolean(WHAT)
    case TAG.octetString:
      return content.toString('base64')
    case TAG.integer:
      return Number(integerOf(content, WHAT))
    case TAG.objectIdentifier:
      return [...arcsOf(content, WHAT)]
    case TAG.utcTime:
    case TAG.generalizedTime:
      return derTime(element)
    case TAG.bitString: {
      const { bytes, unusedBits } = bitStringOf(content, WHAT)
      return { Bytes: bytes.toString('base64'), BitLength: 8 * bytes.length - unusedBits }
    }
    default:
      return null
  }
}
