import { aDate, type OptionKind, type OptionTable } from '@verify-images/primitives'
import {
  createIssuingAuthority,
  notaryName,
  type CertificateWithIssuers,
} from '../authorities/certificate-authority.ts'
import { aName, checkOptions, checkValue } from '../check-options.ts'
import { aKeyKind, aSigningKey, createSigningKey, type KeyKind, type SigningKey } from '../signing-key.ts'

/** A key with a certificate that is valid for months, unlike a keyless one. */
export interface CertifiedKey extends SigningKey {
  /** PEM: the value of `certificates.cert` in a policy. */
  readonly certificate: string
  /** PEM, nearest issuer first and the root last: the value of `certificates.certChain` in a policy. */
  readonly chain: string
  readonly certificates: CertificateWithIssuers
}

export interface CertificateRequest {
  /** Default: `P-256`. The Notary Project does not support Ed25519. */
  readonly kind?: KeyKind | undefined
  /** Default: 30 days before now. */
  readonly notBefore?: Date | undefined
  /** Default: 335 days after now. */
  readonly notAfter?: Date | undefined
}

const certificateRequest: OptionTable<CertificateRequest> = { kind: aKeyKind, notBefore: aDate, notAfter: aDate }

/** A private certificate authority. */
export interface PrivateAuthority {
  /** PEM of the root. */
  readonly root: string
  /** PEM of the intermediate that issues, and of the root. */
  readonly chain: string
  /** Generates a key and issues a certificate for it, with this common name. */
  readonly issue: (name: string, request?: CertificateRequest) => CertifiedKey
}

const DAY_MS = 24 * 60 * 60 * 1000

export function createPrivateAuthority(organization: string, now: Date): PrivateAuthority {
  const { root, intermediate, issue } = createIssuingAuthority(organization)
  return {
    root: root.pem,
    chain: intermediate.pem + root.pem,
    issue: (name, request = {}) => {
      checkValue(name, aName, 'name')
      checkOptions(request, certificateRequest)
      const {
        kind,
        notBefore = new Date(now.getTime() - 30 * DAY_MS),
        notAfter = new Date(now.getTime() + 335 * DAY_MS),
      } = request
      const key = createSigningKey(kind)
      const certificates = issue(key, { subject: notaryName(organization, name), notBefore, notAfter })
      return {
        ...key,
        certificate: certificates.leaf.pem,
        chain: certificates.issuers.map(({ pem }) => pem).join(''),
        certificates,
      }
    },
  }
}

export const aCertifiedKey: OptionKind = {
  expected: 'a key with a certificate, such as `certificateAuthority(name).issue(name)`',
  fits: (value) => aSigningKey.fits(value) && isCertified(value as SigningKey),
}

export function isCertified(key: SigningKey): key is CertifiedKey {
  return 'certificates' in key
}
