import { dsse } from '@sigstore/core'
import type { Certificate, PublicKey } from '@verify-images/x509'
import { AttestorError } from '../attestor-error.ts'
import type { Statement } from '../cosign/statement.ts'
import type { Evidence } from '../outcome.ts'
import { verifySigningCertificate } from '../sigstore/certificate-path.ts'
import { verifyCertificateTimestamps } from '../sigstore/certificate-timestamp.ts'
import type { LoggedSignature } from '../sigstore/log-entry.ts'
import type { TrustMaterial } from '../sigstore/trust-material.ts'
import type { Bundle } from './bundle.ts'
import { establishTimes } from './bundle-times.ts'
import { verifyBundleLog } from './bundle-log.ts'
import { verifyBundleSignature } from './bundle-signature.ts'
import type { BundleVerification } from './bundle-verification.ts'
import { openStatement } from './statement.ts'

export interface VerifiedBundle {
  /** Absent for a signature over the image's manifest itself. */
  readonly statement?: Statement
  readonly certificate?: Certificate
  readonly times: Evidence['times']
  readonly logIndex?: bigint
}

/**
 * Verifies one bundle about one image: that its content is about the image, that its signature holds, that the logs and
 * clocks asked for vouch for it, and that its certificate was good at each of these times.
 *
 * Who the certificate is of is not looked at here.
 *
 * @throws AttestorError with the first check that fails
 */
export function verifyBundle(bundle: Bundle, verification: BundleVerification): VerifiedBundle {
  const { digest, key, trust } = verification
  if (bundle.material.kind !== (key === undefined ? 'certificate' : 'key')) {
    throw new AttestorError(
      'ATTESTOR_SIGNATURE_INVALID',
      `the bundle is signed with a ${bundle.material.kind}, and the policy names the other kind of signer`,
    )
  }
  const { signedBytes, statement } = openContent(bundle, verification)
  verifyBundleSignature(bundle, signedBytes, key)
  const log = verifyBundleLog(
    bundle.logEntries,
    loggedSignature(bundle, signedBytes, key?.publicKey),
    trust.transparencyLogs,
    verification.requiredLogs,
  )
  const times = establishTimes(bundle, log, verification)
  const certificate = bundle.material.kind === 'certificate' ? bundle.material.certificate : undefined
  if (bundle.material.kind === 'certificate') {
    const path = verifySigningCertificate(
      bundle.material.certificate,
      bundle.material.intermediates,
      trust.certificateAuthorities,
      times.binding,
    )
    if (verification.certificateLogRequired) requireCertificateLog(path, trust)
  }
  return {
    times: times.evidence,
    ...(statement && { statement }),
    ...(certificate && { certificate }),
    ...(log[0] && { logIndex: log[0].logIndex }),
  }

  function requireCertificateLog(
    [leaf, issuer]: readonly [Certificate, ...Certificate[]],
    { certificateLogs }: TrustMaterial,
  ): void {
    if (issuer === undefined)
      throw new AttestorError(
        'ATTESTOR_SCT_INVALID',
        'a certificate that is trusted by itself has no issuer a log could name',
      )
    verifyCertificateTimestamps(leaf, issuer, certificateLogs)
  }

  function openContent(
    { content }: Bundle,
    { artifact }: BundleVerification,
  ): { readonly signedBytes: Uint8Array; readonly statement?: Statement } {
    if (content.kind === 'envelope') {
      const opened = openStatement(content.payloadType, content.payload, digest)
      return { signedBytes: dsse.preAuthEncoding(content.payloadType, Buffer.from(content.payload)), statement: opened }
    }
    // The digest in the bundle is a hint: what counts is what the image's digest is the hash of.
    if (artifact === undefined || digest !== `sha256:${Buffer.from(content.digest).toString('hex')}`) {
      throw new AttestorError('ATTESTOR_PAYLOAD_MISMATCH', 'the message signature is over something else', {
        expected: digest,
      })
    }
    return { signedBytes: artifact }
  }
}

function loggedSignature(
  { content, material }: Bundle,
  signedBytes: Uint8Array,
  key: PublicKey | undefined,
): LoggedSignature {
  return {
    signature: content.signature,
    signer:
      material.kind === 'certificate'
        ? { kind: 'certificate', der: material.certificate.raw }
        : { kind: 'key', der: key?.spki ?? new Uint8Array() },
    content:
      content.kind === 'envelope'
        ? { kind: 'envelope', payload: content.payload, signedBytes }
        : { kind: 'bytes', bytes: signedBytes },
  }
}
