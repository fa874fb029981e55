import { type AttestorCode, CheckError, StepError } from '@verify-images/primitives'
import { type Certificate, CertificateError, type Work } from '@verify-images/x509'
import { verifySigningCertificate } from '../sigstore/verify-certificate.ts'
import { verifyScts } from '../sigstore/verify-sct.ts'
import type { CertificateAuthority, LogKey } from '../sigstore/trust-material.ts'

/**
 * Returns the issuers of a signing certificate up to a trusted root, nearest first.
 *
 * The chain must be valid at the start of the certificate's validity. Whether it was valid when the image was signed is
 * checked afterwards, for every trusted time ({@link requireValidAt}).
 *
 * @throws CheckError ATTESTOR_CERTIFICATE_…
 */
export async function findIssuers(
  leaf: Certificate,
  intermediates: readonly Certificate[],
  authorities: readonly CertificateAuthority[],
  work: Work,
): Promise<readonly Certificate[]> {
  try {
    return (await verifySigningCertificate(leaf, intermediates, authorities, [leaf.notBefore], work)).slice(1)
  } catch (error) {
    throw untrusted(error)
  }
}

/**
 * Requires an SCT of a trusted certificate transparency log.
 *
 * @throws CheckError ATTESTOR_SCT_INVALID
 */
export async function requireLoggedCertificate(
  leaf: Certificate,
  issuers: readonly Certificate[],
  logs: readonly LogKey[],
  work: Work,
): Promise<void> {
  const [issuer] = issuers
  if (issuer === undefined)
    throw new CheckError('ATTESTOR_SCT_INVALID', 'certificate chain: expected at least a certificate and its issuer')
  await verifyScts(leaf, issuer, logs, work)
}

/** When a signature was made, and who says so. */
export interface TrustedTime {
  readonly source: 'log-promise' | 'timestamp-authority' | 'evaluation'
  readonly at: Date
}

/**
 * Requires that a certificate and all its issuers were valid at a time.
 *
 * @throws CheckError ATTESTOR_CERTIFICATE_EXPIRED
 */
export function requireValidAt(certificate: Certificate, issuers: readonly Certificate[], time: TrustedTime): void {
  for (const [name, each] of [
    ['certificate', certificate] as const,
    ...issuers.map((issuer) => ['issuing CA certificate', issuer] as const),
  ]) {
    const expired = each.notAfter < time.at
    if (!expired && each.notBefore <= time.at) continue
    const bound = seconds(expired ? each.notAfter : each.notBefore)
    const at = seconds(time.at)
    throw new CheckError(
      'ATTESTOR_CERTIFICATE_EXPIRED',
      `the ${name} was not valid at the time of the ${time.source}`,
      {
        detail: {
          kind: 'attestor-certificate-not-valid-at',
          isIssuer: name !== 'certificate',
          clock: time.source,
          expired,
          bound,
          at,
        },
        expected: `${seconds(each.notBefore)} to ${seconds(each.notAfter)}`,
        actual: at,
      },
    )
  }
}

/** RFC 3339 without fractions. */
function seconds(time: Date): string {
  return time.toISOString().replace(/\.\d+Z$/, 'Z')
}

const codes: ReadonlyMap<string, AttestorCode> = new Map([
  ['CERTIFICATE_EXPIRED', 'ATTESTOR_CERTIFICATE_EXPIRED'],
  ['CERTIFICATE_UNTRUSTED', 'ATTESTOR_CERTIFICATE_UNTRUSTED'],
])

/** Returns the error for a certificate without a trusted chain. */
export function untrusted(error: unknown): unknown {
  const step = { kind: 'attestor-verify-certificate' } as const
  if (error instanceof CheckError) return new StepError(step, error)
  if (!(error instanceof CertificateError)) return error
  const code = codes.get(error.code) ?? 'ATTESTOR_CERTIFICATE_INVALID'
  const detail = error.detail ?? { kind: 'attestor-certificate-unknown-authority' }
  return new StepError(step, new CheckError(code, error.message, { detail, cause: error }))
}
