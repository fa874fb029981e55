import type { AttestorOptions } from '@verify-images/attestor-evaluator'
import { CheckError, type VerificationMemo } from '@verify-images/primitives'
import { CertificateError, parseCertificates } from '@verify-images/x509'
import type { Certificate } from '@verify-images/x509'
import { MAX_TRUSTED_CERTIFICATES } from './limits.ts'
import { selectStatement } from './trust/statement.ts'
import type { TrustPolicy, TrustPolicyStatement } from './trust/statement.ts'
import type { TrustedCertificate, TrustStores } from './trust/trust-store.ts'
import { LEVELS } from './trust/verification-level.ts'
import type { VerificationPolicy } from './verify-envelope.ts'

/** The name of the trust store that the certificates of an attestor form, as in Kyverno. */
const KYVERNO_STORE = 'ca:kyverno'

/**
 * The trust policy that Kyverno verifies with: everything is enforced, for every repository, for any signer under the
 * certificates of the attestor.
 *
 * @see Kyverno, verifyImages: type Notary
 */
const KYVERNO_STATEMENT: TrustPolicyStatement = {
  name: 'kyverno',
  registryScopes: ['*'],
  level: 'strict',
  enforcement: LEVELS.strict,
  verifyTimestamp: 'always',
  trustStores: [{ type: 'ca', name: 'kyverno' }],
  trustedIdentities: [{ kind: 'anyone', text: '*' }],
}

/** What applies besides the attestor. */
export interface GeneralPolicy extends Pick<VerificationPolicy, 'revocation' | 'userMetadata'> {
  readonly trust?: { readonly policy: TrustPolicy; readonly stores: TrustStores }
}

/**
 * Returns the policy for one attestor: its certificates are the trust store.
 *
 * With a trust policy document, the statement for the repository decides how strict the check is, and one of the
 * attestor's certificates must be in the signer's chain all the same.
 *
 * @throws CheckError ATTESTOR_POLICY_INVALID
 */
export function attestorPolicy(
  attestor: AttestorOptions,
  repository: string,
  general: GeneralPolicy,
  memo: VerificationMemo,
): VerificationPolicy {
  const certificates = certificatesOf(attestor, memo)
  const { trust, ...rest } = general
  if (!trust) return { ...rest, statement: KYVERNO_STATEMENT, stores: new Map([[KYVERNO_STORE, certificates]]) }
  const statement = selectStatement(trust.policy, repository)
  if (!statement)
    throw new CheckError('ATTESTOR_POLICY_INVALID', `the trust policy has no statement for \`${repository}\``)
  if (statement.level === 'skip')
    throw new CheckError(
      'ATTESTOR_POLICY_INVALID',
      `statement \`${statement.name}\` of the trust policy skips verification, but the attestor requires a signature`,
    )
  const pinned: readonly TrustedCertificate[] = certificates.map((certificate) => ({
    store: KYVERNO_STORE,
    certificate,
  }))
  return { ...rest, statement, stores: trust.stores, pinned }
}

/** Parses the certificates of an attestor once in an evaluation, however many images are checked with it. */
function certificatesOf(attestor: AttestorOptions, memo: VerificationMemo): readonly Certificate[] {
  const { certificate = '', certificateChain = '' } = attestor.kind === 'certificates' ? attestor : {}
  const key = JSON.stringify(['notary certificates', certificate, certificateChain])
  return memo.once(key, () => readCertificates(certificate, certificateChain))
}

function readCertificates(certificate: string, certificateChain: string): readonly Certificate[] {
  const text = [certificate, certificateChain].filter((pem) => pem !== '').join('\n')
  if (text.trim() === '') {
    throw new CheckError('ATTESTOR_POLICY_INVALID', 'the attestor has no certificates, so anyone would satisfy it', {
      difference: 'S8',
      detail: { kind: 'notary-certificates-invalid', problem: 'the attestor has none' },
    })
  }
  // Kyverno skips text before a block, but not after the last one, where it would be a block that was cut short.
  if (!text.trim().endsWith('-----END CERTIFICATE-----')) {
    throw new CheckError('ATTESTOR_POLICY_INVALID', 'certificates of the attestor: expected a certificate at the end', {
      detail: { kind: 'notary-certificates-not-pem' },
    })
  }
  try {
    return parseCertificates(text, { maxBlocks: MAX_TRUSTED_CERTIFICATES })
  } catch (cause) {
    if (!(cause instanceof CertificateError)) throw cause
    throw new CheckError('ATTESTOR_POLICY_INVALID', `cannot parse the certificates of the attestor: ${cause.message}`, {
      cause,
      detail:
        cause.code === 'CERTIFICATE_PEM_INVALID'
          ? { kind: 'notary-certificates-not-pem' }
          : { kind: 'notary-certificates-invalid', problem: cause.message },
    })
  }
}
