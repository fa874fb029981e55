import type { JsonObject } from '../../values/json.ts'
import { readAlgorithm, readRsaKey, signatureAlgorithmNumber } from './algorithm.ts'
import { contextTag, DerReader, malformed, rightAligned, TAG, X509Fault } from './der-reader.ts'
import { readDerTime } from './der-time.ts'
import { readName } from './distinguished-name.ts'
import { extensionFields, extensionJson, readExtensions } from './extensions.ts'
import type { Extension } from './extensions.ts'

/** Go's number for RSA, the only kind of key that is decoded. */
const RSA = 1

/** A certificate as the JSON of Go's `x509.Certificate`. Nothing in it is verified. */
export function certificateJson(der: Buffer): JsonObject {
  const input = new DerReader(der)
  const certificate = input.read(TAG.sequence, 'certificate')
  if (!input.isEmpty) throw new X509Fault('x509: trailing data')
  const outer = new DerReader(certificate.content)
  const tbs = outer.read(TAG.sequence, 'tbs certificate')
  const reader = new DerReader(tbs.content)
  const version = readVersion(reader)
  const serialNumber = reader.readInteger('serial number')
  if (serialNumber < 0n) throw new X509Fault('x509: negative serial number')
  const innerAlgorithm = reader.read(TAG.sequence, 'signature algorithm identifier').content
  const outerAlgorithm = outer.read(TAG.sequence, 'algorithm identifier').content
  if (!innerAlgorithm.equals(outerAlgorithm))
    throw new X509Fault("x509: inner and outer signature algorithm identifiers don't match")
  const signatureAlgorithm = readAlgorithm(new DerReader(innerAlgorithm))
  const issuer = reader.read(TAG.sequence, 'issuer').whole
  const validity = reader.enter(TAG.sequence, 'validity')
  const notBefore = readDerTime(validity)
  const notAfter = readDerTime(validity)
  const subject = reader.read(TAG.sequence, 'subject').whole
  const keyInfo = reader.read(TAG.sequence, 'spki').whole
  const issuerName = readName(issuer)
  const subjectName = readName(subject)
  const extensions = version === 3 ? readLastPart(reader) : version === 2 ? skipUniqueIds(reader) : []
  const fields = extensionFields(extensions)
  const signature = outer.readBitString('signature')
  const key = readRsaKey(keyInfo)
  return {
    Raw: certificate.whole.toString('base64'),
    RawTBSCertificate: tbs.whole.toString('base64'),
    RawSubjectPublicKeyInfo: keyInfo.toString('base64'),
    RawSubject: subject.toString('base64'),
    RawIssuer: issuer.toString('base64'),
    Signature: rightAligned(signature).toString('base64'),
    SignatureAlgorithm: signatureAlgorithmNumber(signatureAlgorithm),
    PublicKeyAlgorithm: RSA,
    PublicKey: { N: String(key.modulus), E: Number(key.exponent) },
    Version: version,
    SerialNumber: Number(serialNumber),
    Issuer: issuerName,
    Subject: subjectName,
    NotBefore: notBefore,
    NotAfter: notAfter,
    Extensions: extensions.length === 0 ? null : extensions.map(extensionJson),
    ExtraExtensions: null,
    ...fields,
  }
}

function readVersion(reader: DerReader): number {
  const explicit = reader.readOptional(contextTag(0, true), 'version')
  if (explicit === undefined) return 1
  const version = new DerReader(explicit.content).readInteger('version') + 1n
  if (version < 1n || version > 3n) throw malformed('version')
  return Number(version)
}

function skipUniqueIds(reader: DerReader): readonly Extension[] {
  for (const number of [1, 2]) reader.readOptional(contextTag(number), 'unique identifier')
  return []
}

function readLastPart(reader: DerReader): readonly Extension[] {
  skipUniqueIds(reader)
  const extensions = reader.readOptional(contextTag(3, true), 'extensions')
  return extensions === undefined ? [] : readExtensions(new DerReader(extensions.content))
}
