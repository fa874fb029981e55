import { createHash, randomBytes } from 'node:crypto'
import { der, toPem } from '../certificates/der-writer.ts'
import { makeKeyPair } from '../certificates/key-pair.ts'
import { commonName, distinguishedName, makeCertificate, makeTbsCertificate } from '../certificates/make-certificate.ts'
import type { KeyPair } from '../certificates/key-pair.ts'
import type { CertificateTemplate, ExtensionTemplate, MadeCertificate } from '../certificates/make-certificate.ts'
import type { SigningKey } from '../signing-key.ts'
import type { CertificateLog } from './certificate-log.ts'

/** A certificate and its issuers, nearest issuer first and the root last. */
export interface CertificateWithIssuers {
  readonly leaf: MadeCertificate
  readonly issuers: readonly [MadeCertificate, ...MadeCertificate[]]
}

export interface IssueOptions {
  /** A common name, or the DER of a Name. */
  readonly subject: string | Uint8Array
  readonly notBefore: Date
  readonly notAfter: Date
  readonly extensions?: readonly ExtensionTemplate[]
  /** The log that gets the precertificate; its SCT is embedded in the certificate. */
  readonly log?: CertificateLog
}

/** A root, and an intermediate that issues code signing certificates, as Fulcio and private authorities do. */
export interface IssuingAuthority {
  readonly root: MadeCertificate
  readonly intermediate: MadeCertificate
  readonly issue: (key: Pick<SigningKey, 'spki'>, options: IssueOptions) => CertificateWithIssuers
}

/** The name and key that certificates are issued with, for tests that issue with a template of their own. */
export interface CertificateIssuer {
  readonly name: Uint8Array
  readonly key: KeyPair
}

export const CODE_SIGNING = '1.3.6.1.5.5.7.3.3'
const SCT_LIST = '1.3.6.1.4.1.11129.2.4.2'
/** Long enough that only leaves expire in a test. */
const LIFETIME = { notBefore: new Date('2020-01-01T00:00:00Z'), notAfter: new Date('2050-01-01T00:00:00Z') } as const

export function createIssuingAuthority(name: string): IssuingAuthority & { readonly issuer: CertificateIssuer } {
  const rootKey = makeKeyPair('P-384')
  const issuingKey = makeKeyPair('P-384')
  const root = makeCertificate({
    ...LIFETIME,
    subject: notaryName(name, `${name} root`),
    key: rootKey,
    ca: true,
    keyUsage: ['keyCertSign', 'cRLSign'],
    extensions: [keyIdentifier(rootKey)],
  })
  const intermediate = makeCertificate({
    ...LIFETIME,
    subject: notaryName(name, `${name} intermediate`),
    key: issuingKey,
    issuer: { name: root.name, key: rootKey },
    ca: { pathLength: 0 },
    keyUsage: ['keyCertSign', 'cRLSign'],
    extendedKeyUsage: [CODE_SIGNING],
    extensions: [keyIdentifier(issuingKey), issuerIdentifier(rootKey)],
  })
  const issuer = { name: intermediate.name, key: issuingKey }
  return {
    root,
    intermediate,
    issuer,
    issue: (key, options) => ({
      leaf: issue(key, options, issuer),
      issuers: [intermediate, root],
    }),
  }
}

function issue(
  key: Pick<SigningKey, 'spki'>,
  { subject, log, extensions = [], ...window }: IssueOptions,
  issuer: CertificateIssuer,
): MadeCertificate {
  // Precertificate and certificate must have the same serial number, so it is chosen before both are made.
  const serialNumber = BigInt(`0x7f${randomBytes(15).toString('hex')}`)
  const template: CertificateTemplate = {
    ...window,
    subject,
    serialNumber,
    issuer,
    key,
    keyUsage: ['digitalSignature'],
    extendedKeyUsage: [CODE_SIGNING],
    extensions: [issuerIdentifier(issuer.key), ...extensions],
  }
  const sctList = log?.submit(makeTbsCertificate(template, issuer.key.algorithm), issuer.key.spki, window.notBefore)
  const logged =
    sctList === undefined
      ? template
      : { ...template, extensions: [...(template.extensions ?? []), { oid: SCT_LIST, value: sctList }] }
  const tbs = makeTbsCertificate(logged, issuer.key.algorithm)
  const certificate = der.sequence(tbs, issuer.key.algorithm, der.bitString(issuer.key.sign(tbs)))
  return {
    der: certificate,
    pem: toPem('CERTIFICATE', certificate),
    name: typeof subject === 'string' ? commonName(subject) : subject,
  }
}

/** Encodes a Name with country, state, organization and common name: the Notary Project requires the first three. */
export function notaryName(organization: string, common: string): Uint8Array {
  return distinguishedName(['C', 'US'], ['ST', 'WA'], ['O', organization], ['CN', common])
}

function keyIdentifier({ spki }: Pick<KeyPair, 'spki'>): ExtensionTemplate {
  return { oid: '2.5.29.14', value: der.octetString(sha1(spki)) }
}

function issuerIdentifier({ spki }: Pick<KeyPair, 'spki'>): ExtensionTemplate {
  return { oid: '2.5.29.35', value: der.sequence(der.context(0, 'primitive', sha1(spki))) }
}

/** SHA-1 is what RFC 5280, 4.2.1.2, suggests for key identifiers. No check relies on it. */
function sha1(bytes: Uint8Array): Uint8Array {
  return createHash('sha1').update(bytes).digest()
}
