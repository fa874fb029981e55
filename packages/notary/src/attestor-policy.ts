import { AttestorError } from '@verify-images/attestor-evaluator'
import type { AttestorOptions } from '@verify-images/attestor-evaluator'
import { CertificateError, parseCertificates } from '@verify-images/x509'
import type { Certificate } from '@verify-images/x509'
import type { TrustedCertificate } from './checks/authenticity.ts'
import { MAX_TRUSTED_CERTIFICATES } from './limits.ts'
import { KYVERNO_STATEMENT, KYVERNO_STORE } from './trust/kyverno-statement.ts'
import { selectStatement } from './trust/statement.ts'
import type { TrustPolicy } from './trust/statement.ts'
import type { TrustStores } from './trust/trust-store.ts'
import type { VerificationPolicy } from './verify-envelope.ts'

/** What applies beside the attestor. */
export interface GeneralPolicy extends Pick<VerificationPolicy, 'revocation' | 'userMetadata'> {
  readonly trust?: { readonly policy: TrustPolicy; readonly stores: TrustStores }
}

/**
 * The policy of one attestor: its certificates are the trust store.
 *
 * With a trust policy document the statement for the repository decides how strict the check is, and one of the attestor's
 * certificates must be in the signer's chain all the same.
 *
 * @throws AttestorError ATTESTOR_POLICY_INVALID
 */
export function attestorPolicy(
  attestor: AttestorOptions,
  repository: string,
  general: GeneralPolicy,
): VerificationPolicy {
  const certificates = readCertificates(attestor)
  const { trust, ...rest } = general
  if (!trust) return { ...rest, statement: KYVERNO_STATEMENT, stores: new Map([[KYVERNO_STORE, certificates]]) }
  const statement = selectStatement(trust.policy, repository)
  if (!statement)
    throw new AttestorError('ATTESTOR_POLICY_INVALID', `no statement of the trust policy is for \`${repository}\``)
  if (statement.level === 'skip')
    throw new AttestorError(
      'ATTESTOR_POLICY_INVALID',
      `the statement \`${statement.name}\` skips verification, and the attestor asks for a signature`,
    )
  const pinned: readonly TrustedCertificate[] = certificates.map((certificate) => ({
    store: KYVERNO_STORE,
    certificate,
  }))
  return { ...rest, statement, stores: trust.stores, pinned }
}

function readCertificates({ certificate = '', certificateChain = '' }: AttestorOptions): readonly Certificate[] {
  const text = [certificate, certificateChain].filter((pem) => pem !== '').join('\n')
  if (text.trim() === '') {
    throw new AttestorError(
      'ATTESTOR_POLICY_INVALID',
      'the attestor names no certificates, so anyone would satisfy it',
      {
        difference: 'S8',
        upstreamText: 'failed to parse certificates: the attestor names none',
      },
    )
  }
  // Upstream passes over what is before a block, and not over what is behind the last one: a block cut short would be that.
  if (!text.trim().endsWith('-----END CERTIFICATE-----')) {
    throw new AttestorError('ATTESTOR_POLICY_INVALID', 'the certificates of the attestor do not end with one', {
      upstreamText: 'failed to parse certificates: error during PEM decoding',
    })
  }
  try {
    return parseCertificates(text, { maxBlocks: MAX_TRUSTED_CERTIFICATES })
  } catch (error) {
    if (!(error instanceof CertificateError)) throw error
    throw new AttestorError(
      'ATTESTOR_POLICY_INVALID',
      `the certificates of the attestor cannot be read: ${error.message}`,
      {
        upstreamText: `failed to parse certificates: ${error.code === 'CERTIFICATE_PEM_INVALID' ? 'error during PEM decoding' : (error.upstreamText ?? error.message)}`,
        cause: error,
      },
    )
  }
}
