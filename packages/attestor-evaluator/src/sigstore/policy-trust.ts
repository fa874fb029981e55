import { type Certificate, CertificateError, parseCertificates, parsePublicKey } from '@verify-images/x509'
import { AttestorError } from '../attestor-error.ts'
import type { AttestorOptions } from '../attestor-options.ts'
import { MAX_AUTHORITY_CERTIFICATES } from '../limits.ts'
import type { CertificateAuthority, LogKey, TimestampAuthorityTrust, TrustMaterial } from './trust-material.ts'

type StatedTrust = Pick<AttestorOptions, 'roots' | 'transparencyLog' | 'certificateLog' | 'timestampChain'>

/**
 * The trust a policy states, and the general one for what it leaves open.
 *
 * What is stated replaces its part of the general root: naming private roots and still accepting the public ones would
 * be the opposite of what was written.
 *
 * @throws AttestorError ATTESTOR_POLICY_INVALID for PEM texts that are none
 */
export function policyTrust(stated: StatedTrust, general: TrustMaterial): TrustMaterial {
  const { roots, timestampChain, transparencyLog, certificateLog } = stated
  return {
    certificateAuthorities: roots === undefined ? general.certificateAuthorities : [readRoots(roots)],
    timestampAuthorities:
      timestampChain === undefined ? general.timestampAuthorities : [readTimestampChain(timestampChain)],
    transparencyLogs:
      transparencyLog.publicKey === undefined
        ? general.transparencyLogs
        : [readLogKey(transparencyLog.publicKey, 'failed to load Rekor public keys')],
    certificateLogs:
      certificateLog.publicKey === undefined
        ? general.certificateLogs
        : [readLogKey(certificateLog.publicKey, 'failed to load CTLogs public keys')],
    warnings: general.warnings,
  }
}

/** No trust at all: what a policy starts from that states everything. */
export const noTrust: TrustMaterial = {
  certificateAuthorities: [],
  timestampAuthorities: [],
  transparencyLogs: [],
  certificateLogs: [],
  warnings: [],
}

/**
 * Every certificate of the text is an anchor, as in Go's certificate pools.
 *
 * @throws AttestorError ATTESTOR_POLICY_INVALID
 */
export function readRoots(pem: string): CertificateAuthority {
  const roots = refuse('roots', 'failed to load Root certificates: error creating root cert pool', () =>
    parseCertificates(pem),
  )
  return { uri: '', roots, intermediates: [], window: {} }
}

/**
 * The key of a log that a policy names; entries name the log by the key's SHA-256.
 *
 * @param upstreamPrefix how Kyverno begins the message about a key it cannot read
 * @throws AttestorError ATTESTOR_POLICY_INVALID
 */
export function readLogKey(pem: string, upstreamPrefix: string): LogKey {
  try {
    const key = parsePublicKey(pem)
    return { logId: key.fingerprint, key, window: {} }
  } catch (error) {
    if (!(error instanceof CertificateError)) throw error
    throw new AttestorError('ATTESTOR_POLICY_INVALID', `the public key of the log cannot be read: ${error.message}`, {
      upstreamText: `${upstreamPrefix}: ${error.upstreamText ?? error.message}`,
    })
  }
}

/**
 * One timestamp authority: at most one certificate that is no CA, which is the signer, self-issued CAs as roots, and the
 * CAs between.
 *
 * @throws AttestorError ATTESTOR_POLICY_INVALID
 */
export function readTimestampChain(pem: string): TimestampAuthorityTrust {
  const certificates = refuse('tsaCertChain', 'unable to load TSA certificates', () =>
    parseCertificates(pem, { maxBlocks: MAX_AUTHORITY_CERTIFICATES }),
  )
  const authorities = certificates.filter(isCa)
  const [leaf, ...others] = certificates.filter((certificate) => !isCa(certificate))
  if (others.length > 0) {
    const reason = 'certificate chain must contain at most one TSA certificate'
    throw new AttestorError('ATTESTOR_POLICY_INVALID', reason)
  }
  return {
    uri: '',
    roots: authorities.filter(({ isSelfIssued }) => isSelfIssued),
    intermediates: authorities.filter(({ isSelfIssued }) => !isSelfIssued),
    ...(leaf && { leaf }),
  }
}

function isCa(certificate: Certificate): boolean {
  return certificate.basicConstraints?.isCa === true
}

function refuse<T>(what: string, upstreamText: string, read: () => T): T {
  try {
    return read()
  } catch (error) {
    if (!(error instanceof CertificateError)) throw error
    throw new AttestorError('ATTESTOR_POLICY_INVALID', `\`${what}\` cannot be read: ${error.message}`, { upstreamText })
  }
}
