import { randomBytes } from 'node:crypto'
import { der, toPem } from './der-writer.ts'
import type { KeyPair, Signer } from './key-pair.ts'

export interface ExtensionTemplate {
  readonly oid: string
  readonly critical?: boolean
  readonly value: Uint8Array
}

/** An extension that is `undefined` is omitted, so that a test can remove one from a valid template. */
export interface CertificateTemplate {
  /** A common name, or the DER of a Name. */
  readonly subject: string | Uint8Array
  readonly key: Pick<KeyPair, 'spki'>
  /** Default: self-signed. */
  readonly issuer?: { readonly name: Uint8Array; readonly key: Signer }
  readonly notBefore?: Date
  readonly notAfter?: Date
  readonly serialNumber?: bigint
  /** Whether it is a certificate authority, and with which path length. */
  readonly ca?: boolean | { readonly pathLength: number } | undefined
  readonly keyUsage?: readonly KeyUsage[] | undefined
  /** OIDs. */
  readonly extendedKeyUsage?: readonly string[] | undefined
  readonly extendedKeyUsageCritical?: boolean
  /** The DER of each GeneralName: see {@link generalName}. */
  readonly subjectAltNames?: readonly Uint8Array[] | undefined
  /** Appended to the extensions above. */
  readonly extensions?: readonly ExtensionTemplate[]
  /** Default: 3. */
  readonly version?: number
}

/** A generated certificate, and its subject for issuing others. */
export interface MadeCertificate {
  readonly der: Uint8Array
  readonly pem: string
  /** The DER of the subject, which is the issuer of the certificates it issues. */
  readonly name: Uint8Array
}

const KEY_USAGES = [
  'digitalSignature',
  'contentCommitment',
  'keyEncipherment',
  'dataEncipherment',
  'keyAgreement',
  'keyCertSign',
  'cRLSign',
  'encipherOnly',
  'decipherOnly',
] as const

export type KeyUsage = (typeof KEY_USAGES)[number]

const EXTENSION = {
  KEY_USAGE: '2.5.29.15',
  SUBJECT_ALT_NAME: '2.5.29.17',
  BASIC_CONSTRAINTS: '2.5.29.19',
  EXTENDED_KEY_USAGE: '2.5.29.37',
} as const

/** Makes a certificate exactly as the template says. Nothing is checked, and no extension is added. */
export function makeCertificate(template: CertificateTemplate & { readonly key: KeyPair }): MadeCertificate {
  const signer = template.issuer?.key ?? template.key
  const tbs = makeTbsCertificate(template, signer.algorithm)
  const certificate = der.sequence(tbs, signer.algorithm, der.bitString(signer.sign(tbs)))
  return { der: certificate, pem: toPem('CERTIFICATE', certificate), name: nameOf(template.subject) }
}

/** Makes the part that is signed. A certificate transparency log signs it without its SCT extension. */
export function makeTbsCertificate(template: CertificateTemplate, algorithm: Uint8Array): Uint8Array {
  const { version = 3, serialNumber = BigInt(`0x7f${randomBytes(15).toString('hex')}`) } = template
  const extensions = extensionsOf(template)
  return der.sequence(
    ...(version === 1 ? [] : [der.context(0, 'constructed', der.integer(version - 1))]),
    der.integer(serialNumber),
    algorithm,
    template.issuer?.name ?? nameOf(template.subject),
    der.sequence(
      der.time(template.notBefore ?? new Date('2020-01-01T00:00:00Z')),
      der.time(template.notAfter ?? new Date('2050-01-01T00:00:00Z')),
    ),
    nameOf(template.subject),
    template.key.spki,
    ...(extensions.length > 0 ? [der.context(3, 'constructed', encodeExtensions(extensions))] : []),
  )
}

/** Encodes Extensions, which CRLs and OCSP responses contain as well. */
export function encodeExtensions(extensions: readonly ExtensionTemplate[]): Uint8Array {
  return der.sequence(
    ...extensions.map(({ oid, critical, value }) =>
      der.sequence(der.oid(oid), ...(critical ? [der.boolean(true)] : []), der.octetString(value)),
    ),
  )
}

function extensionsOf({
  ca,
  keyUsage,
  extendedKeyUsage,
  extendedKeyUsageCritical = false,
  subjectAltNames,
  extensions = [],
}: CertificateTemplate): readonly ExtensionTemplate[] {
  return [
    ...(ca === undefined ? [] : [{ oid: EXTENSION.BASIC_CONSTRAINTS, critical: true, value: basicConstraints(ca) }]),
    ...(keyUsage ? [{ oid: EXTENSION.KEY_USAGE, critical: true, value: keyUsageBits(keyUsage) }] : []),
    ...(extendedKeyUsage
      ? [
          {
            oid: EXTENSION.EXTENDED_KEY_USAGE,
            critical: extendedKeyUsageCritical,
            value: der.sequence(...extendedKeyUsage.map(der.oid)),
          },
        ]
      : []),
    ...(subjectAltNames ? [{ oid: EXTENSION.SUBJECT_ALT_NAME, value: der.sequence(...subjectAltNames) }] : []),
    ...extensions,
  ]
}

function basicConstraints(ca: boolean | { readonly pathLength: number }): Uint8Array {
  return der.sequence(
    ...(ca === false ? [] : [der.boolean(true)]),
    ...(typeof ca === 'object' ? [der.integer(ca.pathLength)] : []),
  )
}

/** Returns a named bit list, which has as many bits as its last usage needs. */
function keyUsageBits(usages: readonly KeyUsage[]): Uint8Array {
  const count = KEY_USAGES.findLastIndex((usage) => usages.includes(usage)) + 1
  const octets = new Uint8Array(Math.ceil(count / 8))
  KEY_USAGES.forEach((usage, i) => {
    if (usages.includes(usage)) octets[i >> 3] = (octets[i >> 3] ?? 0) | (0x80 >> (i & 7))
  })
  return der.bitString(octets, octets.length * 8 - count)
}

/** Encodes a Name, one attribute in each part, in the string types that RFC 5280, appendix A.1, defines for them. */
export function distinguishedName(
  ...attributes: readonly (readonly [type: AttributeType, value: string])[]
): Uint8Array {
  return der.sequence(
    ...attributes.map(([type, value]) => {
      const { oid, encode } = ATTRIBUTES[type]
      return der.set(der.sequence(der.oid(oid), encode(value)))
    }),
  )
}

type AttributeType = 'CN' | 'C' | 'L' | 'ST' | 'O' | 'OU' | 'emailAddress'

const ATTRIBUTES: Readonly<
  Record<AttributeType, { readonly oid: string; readonly encode: (text: string) => Uint8Array }>
> = {
  CN: { oid: '2.5.4.3', encode: der.utf8 },
  C: { oid: '2.5.4.6', encode: der.printable },
  L: { oid: '2.5.4.7', encode: der.utf8 },
  ST: { oid: '2.5.4.8', encode: der.utf8 },
  O: { oid: '2.5.4.10', encode: der.utf8 },
  OU: { oid: '2.5.4.11', encode: der.utf8 },
  emailAddress: { oid: '1.2.840.113549.1.9.1', encode: der.ia5 },
}

/** Encodes a Name that consists of a common name. */
export function commonName(text: string): Uint8Array {
  return distinguishedName(['CN', text])
}

function nameOf(subject: string | Uint8Array): Uint8Array {
  return typeof subject === 'string' ? commonName(subject) : subject
}

/** Encodes GeneralNames, for `subjectAltNames` and name constraints. */
export const generalName = {
  email: (text: string): Uint8Array => der.context(1, 'primitive', Buffer.from(text)),
  dns: (text: string): Uint8Array => der.context(2, 'primitive', Buffer.from(text)),
  directory: (name: Uint8Array): Uint8Array => der.context(4, 'constructed', name),
  uri: (text: string): Uint8Array => der.context(6, 'primitive', Buffer.from(text)),
  ip: (...octets: readonly number[]): Uint8Array => der.context(7, 'primitive', Uint8Array.from(octets)),
  other: (oid: string, value: Uint8Array): Uint8Array =>
    der.context(0, 'constructed', der.oid(oid), der.context(0, 'constructed', value)),
} as const
