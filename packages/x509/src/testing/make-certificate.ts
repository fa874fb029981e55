import { randomBytes } from 'node:crypto'
import { EXTENSION } from '../extension.ts'
import type { KeyUsage } from '../known-extensions.ts'
import { der, toPem } from './der-writer.ts'
import type { KeyPair, Signer } from './key-pair.ts'

export interface ExtensionTemplate {
  readonly oid: string
  readonly critical?: boolean
  readonly value: Uint8Array
}

/** Extensions that are `undefined` are left out, so that a test can take one out of its good template. */
export interface CertificateTemplate {
  /** The common name, or the DER of a Name. */
  readonly subject: string | Uint8Array
  readonly key: Pick<KeyPair, 'spki'>
  /** Who signs; itself if absent. */
  readonly issuer?: { readonly name: Uint8Array; readonly key: Signer }
  readonly notBefore?: Date
  readonly notAfter?: Date
  readonly serialNumber?: bigint
  /** A certificate authority, with its path length if that is limited. */
  readonly ca?: boolean | { readonly pathLength: number } | undefined
  readonly keyUsage?: readonly KeyUsage[] | undefined
  /** OIDs. */
  readonly extendedKeyUsage?: readonly string[] | undefined
  readonly extendedKeyUsageCritical?: boolean
  /** GeneralNames, each as its DER: see {@link generalName}. */
  readonly subjectAltNames?: readonly Uint8Array[]
  /** More extensions, after the others. */
  readonly extensions?: readonly ExtensionTemplate[]
  /** 3 unless a test is about that. */
  readonly version?: number
}

/** A certificate somebody made, with what is needed to issue others by it. */
export interface MadeCertificate {
  readonly der: Uint8Array
  readonly pem: string
  /** The subject, to issue from. */
  readonly name: Uint8Array
}

const KEY_USAGES: readonly KeyUsage[] = [
  'digitalSignature',
  'contentCommitment',
  'keyEncipherment',
  'dataEncipherment',
  'keyAgreement',
  'keyCertSign',
  'cRLSign',
  'encipherOnly',
  'decipherOnly',
]

/** Makes a certificate, good or bad: nothing is checked, and no extension is there that was not asked for. */
export function makeCertificate(template: CertificateTemplate & { readonly key: KeyPair }): MadeCertificate {
  const signer = template.issuer?.key ?? template.key
  const tbs = makeTbsCertificate(template, signer.algorithm)
  const certificate = der.sequence(tbs, signer.algorithm, der.bitString(signer.sign(tbs)))
  return { der: certificate, pem: toPem('CERTIFICATE', certificate), name: nameOf(template.subject) }
}

/** The part that is signed; a certificate transparency log signs it without its own extension. */
export function makeTbsCertificate(template: CertificateTemplate, algorithm: Uint8Array): Uint8Array {
  const { version = 3, serialNumber = BigInt(`0x7f${randomBytes(15).toString('hex')}`) } = template
  const extensions = extensionsOf(template).map(({ oid, critical, value }) =>
    der.sequence(der.oid(oid), ...(critical ? [der.boolean(true)] : []), der.octetString(value)),
  )
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
    ...(extensions.length > 0 ? [der.context(3, 'constructed', der.sequence(...extensions))] : []),
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

/** A named bit list: as many bits as the last usage needs. */
function keyUsageBits(usages: readonly KeyUsage[]): Uint8Array {
  const count = KEY_USAGES.findLastIndex((usage) => usages.includes(usage)) + 1
  const octets = new Uint8Array(Math.ceil(count / 8))
  KEY_USAGES.forEach((usage, i) => {
    if (usages.includes(usage)) octets[i >> 3] = (octets[i >> 3] ?? 0) | (0x80 >> (i & 7))
  })
  return der.bitString(octets, octets.length * 8 - count)
}

/** The DER of a Name with one common name. */
export function commonName(text: string): Uint8Array {
  return der.sequence(der.set(der.sequence(der.oid('2.5.4.3'), der.utf8(text))))
}

function nameOf(subject: string | Uint8Array): Uint8Array {
  return typeof subject === 'string' ? commonName(subject) : subject
}

/** GeneralNames as DER, for `subjectAltNames` and name constraints. */
export const generalName = {
  email: (text: string): Uint8Array => der.context(1, 'primitive', Buffer.from(text)),
  dns: (text: string): Uint8Array => der.context(2, 'primitive', Buffer.from(text)),
  directory: (name: Uint8Array): Uint8Array => der.context(4, 'constructed', name),
  uri: (text: string): Uint8Array => der.context(6, 'primitive', Buffer.from(text)),
  ip: (...octets: readonly number[]): Uint8Array => der.context(7, 'primitive', Uint8Array.from(octets)),
  other: (oid: string, value: Uint8Array): Uint8Array =>
    der.context(0, 'constructed', der.oid(oid), der.context(0, 'constructed', value)),
} as const
