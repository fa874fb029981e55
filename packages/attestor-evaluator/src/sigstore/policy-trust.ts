import { CheckError } from '@verify-images/primitives'
import { type Certificate, CertificateError, parseCertificates, parsePublicKey } from '@verify-images/x509'
import type { AttestorOptions } from '../attestor-options.ts'
import { MAX_AUTHORITY_CERTIFICATES } from '../limits.ts'
import type { CertificateAuthority, LogKey, TimestampAuthorityTrust, TrustMaterial } from './trust-material.ts'

type PolicyTrust = Pick<AttestorOptions, 'roots' | 'transparencyLog' | 'certificateLog' | 'timestampChain'>

/**
 * Combines the trust of an attestor with a trust root, which serves what the attestor leaves out.
 *
 * What the attestor sets replaces its part of the trust root: a policy that names private roots must not accept the
 * public ones as well.
 *
 * @throws CheckError ATTESTOR_POLICY_INVALID for malformed PEM
 */
export function policyTrust(attestor: PolicyTrust, general: TrustMaterial): TrustMaterial {
  const { roots, timestampChain, transparencyLog, certificateLog } = attestor
  return {
    certificateAuthorities: roots === undefined ? general.certificateAuthorities : [parseRoots(roots)],
    timestampAuthorities:
      timestampChain === undefined ? general.timestampAuthorities : [parseTimestampChain(timestampChain)],
    transparencyLogs:
      transparencyLog.publicKey === undefined ? general.transparencyLogs : [parseLogKey(transparencyLog.publicKey)],
    certificateLogs:
      certificateLog.publicKey === undefined ? general.certificateLogs : [parseLogKey(certificateLog.publicKey)],
    warnings: general.warnings,
    ...(general.origin !== undefined && { origin: general.origin }),
  }
}

/** No trust at all, for attestors that set every part themselves. */
export const noTrust: TrustMaterial = {
  certificateAuthorities: [],
  timestampAuthorities: [],
  transparencyLogs: [],
  certificateLogs: [],
  warnings: [],
}

/**
 * Parses the `roots` of a policy. Every certificate is an anchor, as in Go's certificate pools.
 *
 * @throws CheckError ATTESTOR_POLICY_INVALID
 */
export function parseRoots(pem: string): CertificateAuthority {
  const roots = refuse('roots', () => parseCertificates(pem))
  return { uri: '', roots, intermediates: [], window: {} }
}

/**
 * Parses the public key of a log in a policy; log entries name the log by the SHA-256 of its key.
 *
 * @throws CheckError ATTESTOR_POLICY_INVALID
 */
export function parseLogKey(pem: string): LogKey {
  try {
    const key = parsePublicKey(pem)
    return { logId: key.fingerprint, key, window: {} }
  } catch (error) {
    if (!(error instanceof CertificateError)) throw error
    throw new CheckError('ATTESTOR_POLICY_INVALID', `invalid public key of a log: ${error.message}`, { cause: error })
  }
}

/**
 * Parses the `tsaCertChain` of a policy: at most one certificate that is not a CA, which is the signer, self-issued CAs
 * as roots, and the CAs between.
 *
 * @throws CheckError ATTESTOR_POLICY_INVALID
 */
export function parseTimestampChain(pem: string): TimestampAuthorityTrust {
  const certificates = refuse('tsaCertChain', () => parseCertificates(pem, { maxBlocks: MAX_AUTHORITY_CERTIFICATES }))
  const issuers = certificates.filter(isCa)
  const [leaf, ...others] = certificates.filter((certificate) => !isCa(certificate))
  if (others.length > 0) {
    throw new CheckError(
      'ATTESTOR_POLICY_INVALID',
      `\`tsaCertChain\`: expected at most one certificate that is not a CA, got ${others.length + 1}`,
    )
  }
  return {
    uri: '',
    roots: issuers.filter(({ isSelfIssued }) => isSelfIssued),
    intermediates: issuers.filter(({ isSelfIssued }) => !isSelfIssued),
    ...(leaf && { leaf }),
  }
}

function isCa(certificate: Certificate): boolean {
  return certificate.basicConstraints?.isCa === true
}

function refuse<T>(what: string, read: () => T): T {
  try {
    return read()
  } catch (error) {
    if (!(error instanceof CertificateError)) throw error
    throw new CheckError('ATTESTOR_POLICY_INVALID', `invalid \`${what}\`: ${error.message}`, { cause: error })
  }
}
