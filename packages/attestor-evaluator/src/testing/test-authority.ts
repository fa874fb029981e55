import {
  CODE_SIGNING,
  commonName,
  createIssuingAuthority,
  generalName,
  type CertificateTemplate,
  type IssuingAuthority,
  type KeyPair,
  makeCertificate,
  type MadeCertificate,
} from '@verify-images/testing/internal'
import { parseCertificate } from '@verify-images/x509'
import type { CertificateAuthority } from '../sigstore/trust-material.ts'

export const issuerOid = '1.3.6.1.4.1.57264.1.1'

/** The authority of a signing world, which issues any certificate of a template. */
export interface TestAuthority extends Pick<IssuingAuthority, 'root' | 'intermediate'> {
  readonly trust: CertificateAuthority
  issue(key: KeyPair, changes?: Partial<CertificateTemplate>): MadeCertificate
}

export function createTestAuthority(): TestAuthority {
  const { root, intermediate, issuer } = createIssuingAuthority('test')
  return {
    root,
    intermediate,
    trust: {
      uri: '',
      roots: [parseCertificate(root.der)],
      intermediates: [parseCertificate(intermediate.der)],
      window: {},
    },
    issue: (key, changes = {}) =>
      makeCertificate({
        subject: commonName('signer'),
        issuer,
        notBefore: new Date('2026-01-15T10:00:00Z'),
        notAfter: new Date('2026-01-15T10:10:00Z'),
        keyUsage: ['digitalSignature'],
        extendedKeyUsage: [CODE_SIGNING],
        subjectAltNames: [generalName.email('user@example.com')],
        extensions: [{ oid: issuerOid, value: Buffer.from('https://accounts.example.com') }],
        ...changes,
        key,
      }),
  }
}
