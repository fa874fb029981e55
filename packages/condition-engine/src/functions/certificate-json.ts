import { isGoDomain } from '@verify-images/x509'
import type {
  GoAlternativeNames,
  GoAnyValue,
  GoAttribute,
  GoCertificate,
  GoCertificateRequest,
  GoExtensionFields,
  GoName,
  GoNameConstraints,
  GoSigned,
  RsaKey,
} from '@verify-images/x509'
import type { Json, JsonObject } from '@verify-images/primitives'
import { evaluationError } from '../expression/evaluation.ts'
import { parseGoUrl, UrlFault } from './go-url.ts'
import type { GoUrl } from './go-url.ts'

/** `x509.RSA`, the only kind of key that Kyverno decodes. */
const RSA = 1

/** Numbers of Go's `x509.SignatureAlgorithm` by OID; any other algorithm is 0. */
const SIGNATURE_ALGORITHMS: ReadonlyMap<string, number> = new Map([
  ['1.2.840.113549.1.1.4', 2],
  ['1.2.840.113549.1.1.5', 3],
  ['1.3.14.3.2.29', 3],
  ['1.2.840.113549.1.1.11', 4],
  ['1.2.840.113549.1.1.12', 5],
  ['1.2.840.113549.1.1.13', 6],
  ['1.2.840.10040.4.3', 7],
  ['2.16.840.1.101.3.4.3.2', 8],
  ['1.2.840.10045.4.1', 9],
  ['1.2.840.10045.4.3.2', 10],
  ['1.2.840.10045.4.3.3', 11],
  ['1.2.840.10045.4.3.4', 12],
])
/** Algorithms whose number depends on their parameters. */
const PARAMETERIZED_ALGORITHMS: ReadonlyMap<string | undefined, number> = new Map([
  ['rsa-pss-sha256', 13],
  ['rsa-pss-sha384', 14],
  ['rsa-pss-sha512', 15],
  ['ed25519', 16],
])

/** The position of a usage is its number in Go. */
const EXTENDED_KEY_USAGES: readonly string[] = [
  '2.5.29.37.0',
  '1.3.6.1.5.5.7.3.1',
  '1.3.6.1.5.5.7.3.2',
  '1.3.6.1.5.5.7.3.3',
  '1.3.6.1.5.5.7.3.4',
  '1.3.6.1.5.5.7.3.5',
  '1.3.6.1.5.5.7.3.6',
  '1.3.6.1.5.5.7.3.7',
  '1.3.6.1.5.5.7.3.8',
  '1.3.6.1.5.5.7.3.9',
  '1.3.6.1.4.1.311.10.3.3',
  '2.16.840.1.113730.4.1',
  '1.3.6.1.4.1.311.2.1.22',
  '1.3.6.1.4.1.311.61.1.1',
]

/** Fields of Go's `pkix.Name` that hold several values, and those that hold the last one, by OID. */
const NAME_LISTS: ReadonlyMap<string, string> = new Map([
  ['2.5.4.6', 'Country'],
  ['2.5.4.7', 'Locality'],
  ['2.5.4.8', 'Province'],
  ['2.5.4.9', 'StreetAddress'],
  ['2.5.4.10', 'Organization'],
  ['2.5.4.11', 'OrganizationalUnit'],
  ['2.5.4.17', 'PostalCode'],
])
const NAME_TEXTS: ReadonlyMap<string, string> = new Map([
  ['2.5.4.3', 'CommonName'],
  ['2.5.4.5', 'SerialNumber'],
])

/** Returns the JSON of Go's `x509.Certificate`. Nothing in it is verified. */
export function certificateJson(certificate: GoCertificate): JsonObject {
  return {
    ...signedJson(certificate, 'RawTBSCertificate'),
    RawIssuer: base64(certificate.issuer.raw),
    SerialNumber: Number(certificate.serialNumber),
    Issuer: nameJson(certificate.issuer),
    NotBefore: certificate.notBefore,
    NotAfter: certificate.notAfter,
    ...extensionFieldsJson(certificate.fields),
  }
}

/** Returns the JSON of Go's `x509.CertificateRequest`. Nothing in it is verified. */
export function certificateRequestJson(request: GoCertificateRequest): JsonObject {
  return {
    ...signedJson(request, 'RawTBSCertificateRequest'),
    Attributes: orNull(request.attributes.map(attributeJson)),
    ...alternativeNamesJson(request.subjectAltNames),
  }
}

function signedJson(signed: GoSigned, tbsField: string): JsonObject {
  const key = requireRsaKey(signed)
  return {
    Raw: base64(signed.raw),
    [tbsField]: base64(signed.tbs),
    RawSubjectPublicKeyInfo: base64(signed.publicKeyInfo),
    RawSubject: base64(signed.subject.raw),
    Version: signed.version,
    Signature: base64(signed.signature),
    SignatureAlgorithm: algorithmNumber(signed),
    PublicKeyAlgorithm: RSA,
    PublicKey: { N: String(key.modulus), E: Number(key.exponent) },
    Subject: nameJson(signed.subject),
    Extensions: orNull(
      signed.extensions.map(({ oid, critical, value }) => ({
        Id: arcsOf(oid),
        Critical: critical,
        Value: base64(value),
      })),
    ),
    ExtraExtensions: null,
  }
}

function requireRsaKey({ rsaKey }: GoSigned): RsaKey {
  if (!rsaKey) throw evaluationError('value', 'certificate should use rsa algorithm')
  return rsaKey
}

function algorithmNumber({ signatureAlgorithm: { oid, algorithm } }: GoSigned): number {
  return PARAMETERIZED_ALGORITHMS.get(algorithm) ?? SIGNATURE_ALGORITHMS.get(oid) ?? 0
}

function nameJson({ attributes }: GoName): JsonObject {
  const valuesOf = (wanted: string): readonly string[] =>
    attributes.filter(({ oid }) => oid === wanted).map(({ value }) => value)
  return {
    ...Object.fromEntries(Array.from(NAME_LISTS, ([oid, field]) => [field, orNull(valuesOf(oid))])),
    ...Object.fromEntries(Array.from(NAME_TEXTS, ([oid, field]) => [field, valuesOf(oid).at(-1) ?? ''])),
    Names: orNull(attributes.map(({ oid, value }) => ({ Type: arcsOf(oid), Value: value }))),
    ExtraNames: null,
  }
}

function extensionFieldsJson(fields: GoExtensionFields): JsonObject {
  const { basicConstraints, extendedKeyUsage = [], policies = [], policyMappings = [] } = fields
  const isKnown = (oid: string): boolean => EXTENDED_KEY_USAGES.includes(oid)
  return {
    ...alternativeNamesJson(fields.subjectAltNames),
    ...constraintsJson(fields.nameConstraints),
    UnhandledCriticalExtensions: orNull(fields.unhandledCritical.map(arcsOf)),
    KeyUsage: fields.keyUsageBits ?? 0,
    ExtKeyUsage: orNull(extendedKeyUsage.filter(isKnown).map((oid) => EXTENDED_KEY_USAGES.indexOf(oid))),
    UnknownExtKeyUsage: orNull(extendedKeyUsage.filter((oid) => !isKnown(oid)).map(arcsOf)),
    BasicConstraintsValid: basicConstraints !== undefined,
    IsCA: basicConstraints?.isCa ?? false,
    MaxPathLen: Number(basicConstraints?.pathLength ?? 0n),
    MaxPathLenZero: basicConstraints?.pathLength === 0n,
    SubjectKeyId: fields.subjectKeyId ? base64(fields.subjectKeyId) : null,
    AuthorityKeyId: fields.authorityKeyId ? base64(fields.authorityKeyId) : null,
    OCSPServer: orNull(fields.ocspUrls),
    IssuingCertificateURL: orNull(fields.issuerUrls),
    CRLDistributionPoints: orNull(fields.crlUrls),
    // Identifiers with larger arcs are only in the newer field.
    PolicyIdentifiers: fields.policies ? policies.map(arcsOf).filter(areSmall) : null,
    Policies: orNull(policies),
    PolicyMappings: orNull(
      policyMappings.map(({ issuer, subject }) => ({ IssuerDomainPolicy: issuer, SubjectDomainPolicy: subject })),
    ),
    ...countJson('RequireExplicitPolicy', fields.requireExplicitPolicy),
    ...countJson('InhibitPolicyMapping', fields.inhibitPolicyMapping),
    ...countJson('InhibitAnyPolicy', fields.inhibitAnyPolicy),
  }
}

function areSmall(arcs: readonly number[]): boolean {
  return arcs.every((arc) => arc <= 0x7fff_ffff)
}

function countJson(field: string, count: number | undefined): JsonObject {
  return { [field]: count ?? 0, [`${field}Zero`]: count === 0 }
}

function alternativeNamesJson(names: GoAlternativeNames | undefined): JsonObject {
  return {
    DNSNames: orNull(names?.dns),
    EmailAddresses: orNull(names?.emails),
    IPAddresses: orNull(names?.addresses),
    URIs: orNull(names?.uris.map(uriJson)),
  }
}

function constraintsJson(constraints: GoNameConstraints | undefined): JsonObject {
  const subtrees = (
    prefix: 'Permitted' | 'Excluded',
    list: GoNameConstraints['permitted'] | undefined,
  ): JsonObject => ({
    [`${prefix}DNSDomains`]: orNull(list?.dns),
    [`${prefix}IPRanges`]: orNull(list?.ranges.map(({ address, mask }) => ({ IP: address, Mask: base64(mask) }))),
    [`${prefix}EmailAddresses`]: orNull(list?.emails),
    [`${prefix}URIDomains`]: orNull(list?.uriDomains),
  })
  return {
    ...subtrees('Permitted', constraints?.permitted),
    ...subtrees('Excluded', constraints?.excluded),
    PermittedDNSDomainsCritical: constraints?.critical ?? false,
  }
}

function uriJson(text: string): Json {
  const url = urlOf(text)
  if (url.host !== '' && !isGoDomain(url.host, 'name'))
    throw evaluationError('value', `x509: cannot parse URI ${JSON.stringify(text)}: invalid domain`)
  return {
    Scheme: url.scheme,
    Opaque: url.opaque,
    User: url.hasUser ? {} : null,
    Host: url.host,
    Path: url.path,
    Fragment: url.fragment,
    RawQuery: url.rawQuery,
    RawPath: url.rawPath,
    RawFragment: url.rawFragment,
    ForceQuery: url.forceQuery,
    OmitHost: url.omitHost,
  }
}

function urlOf(text: string): GoUrl {
  try {
    return parseGoUrl(text)
  } catch (error) {
    if (error instanceof UrlFault)
      throw evaluationError('value', `x509: cannot parse URI ${JSON.stringify(text)}: ${error.message}`)
    throw error
  }
}

function attributeJson({ oid, values }: GoAttribute): Json {
  return {
    Type: arcsOf(oid),
    Value: values.map((list) => list.map((pair) => ({ Type: arcsOf(pair.oid), Value: anyValueJson(pair.value) }))),
  }
}

function anyValueJson(value: GoAnyValue): Json {
  switch (value?.kind) {
    case 'text':
      return value.text
    case 'oid':
      return arcsOf(value.text)
    case 'boolean':
      return value.value
    case 'integer':
      return Number(value.value)
    case 'octets':
      return base64(value.bytes)
    case 'bits':
      return { Bytes: base64(value.bytes), BitLength: value.bitLength }
    case undefined:
      return null
  }
}

function arcsOf(oid: string): readonly number[] {
  return oid.split('.').map(Number)
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64')
}

/** Go marshals an empty slice that was never made as null. */
function orNull(list: readonly Json[] | undefined): Json {
  return list === undefined || list.length === 0 ? null : list
}
