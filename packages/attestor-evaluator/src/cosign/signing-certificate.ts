import { type Certificate, CertificateError } from '@verify-images/x509'
import { AttestorError, type AttestorErrorCode } from '../attestor-error.ts'
import { verifySigningCertificate } from '../sigstore/verify-certificate.ts'
import { verifyScts } from '../sigstore/verify-sct.ts'
import type { CertificateAuthority, LogKey } from '../sigstore/trust-material.ts'

const rootAdvice = 'Check your TUF root (see cosign initialize) or set a custom root with env var SIGSTORE_ROOT_FILE'
const logAdvice =
  'Check your TUF root (see cosign initialize) or set a custom key with env var SIGSTORE_CT_LOG_PUBLIC_KEY_FILE'
const sctExtension = '1.3.6.1.4.1.11129.2.4.2'

/**
 * The issuers of a signing certificate up to a trusted root, nearest first.
 *
 * The path must hold at the certificate's own beginning; whether it held when the image was signed is asked afterwards,
 * of every trusted clock there is ({@link requireValidAt}).
 *
 * @throws AttestorError ATTESTOR_CERTIFICATE_…
 */
export function findIssuers(
  leaf: Certificate,
  intermediates: readonly Certificate[],
  authorities: readonly CertificateAuthority[],
): readonly Certificate[] {
  try {
    return verifySigningCertificate(leaf, intermediates, authorities, [leaf.notBefore]).slice(1)
  } catch (error) {
    throw untrusted(error)
  }
}

/**
 * Requires the timestamp of a certificate log.
 *
 * @throws AttestorError ATTESTOR_SCT_INVALID
 */
export function requireLoggedCertificate(
  leaf: Certificate,
  issuers: readonly Certificate[],
  logs: readonly LogKey[],
): void {
  const [issuer] = issuers
  if (issuer === undefined)
    throw new AttestorError(
      'ATTESTOR_SCT_INVALID',
      'certificate chain must contain at least a certificate and its issuer',
    )
  try {
    verifyScts(leaf, issuer, logs)
  } catch (error) {
    if (!(error instanceof AttestorError) || !leaf.extensions.has(sctExtension)) throw error
    throw new AttestorError(error.code, error.message, {
      ...error.details,
      upstreamText: `ctfe public key not found for payload. ${logAdvice}`,
    })
  }
}

/** A clock that says when the signature was made, and how cosign begins a complaint about it. */
export interface TrustedTime {
  readonly source: 'log-promise' | 'timestamp-authority' | 'evaluation'
  readonly at: Date
}

const clocks: Readonly<Record<TrustedTime['source'], string>> = {
  'log-promise': 'checking expiry on certificate with bundle',
  'timestamp-authority': 'checking expiry on certificate with timestamp',
  evaluation: 'checking expiry on certificate with bundle',
}

/**
 * Requires that a certificate and all its issuers were valid at a time.
 *
 * @throws AttestorError ATTESTOR_CERTIFICATE_EXPIRED
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
    const text = expired
      ? `${name} expired before observed time: ${bound} is before ${at}`
      : `${name} was issued after observed time: ${bound} is after ${at}`
    throw new AttestorError(
      'ATTESTOR_CERTIFICATE_EXPIRED',
      `the ${name} was not valid at the time of the ${time.source}`,
      {
        upstreamText: `${clocks[time.source]}: ${text}`,
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

const codes: ReadonlyMap<string, AttestorErrorCode> = new Map([
  ['CERTIFICATE_EXPIRED', 'ATTESTOR_CERTIFICATE_EXPIRED'],
  ['CERTIFICATE_UNTRUSTED', 'ATTESTOR_CERTIFICATE_UNTRUSTED'],
])

/** A path that could not be built, in cosign's words. */
export function untrusted(error: unknown): unknown {
  const known = error instanceof AttestorError || error instanceof CertificateError ? error : undefined
  if (known === undefined) return error
  const code = known instanceof AttestorError ? known.code : (codes.get(known.code) ?? 'ATTESTOR_CERTIFICATE_INVALID')
  const text = known.upstreamText ?? 'x509: certificate signed by unknown authority'
  return new AttestorError(code, known.message, {
    upstreamText: `cert verification failed: ${text}. ${rootAdvice}`,
    cause: error,
  })
}
