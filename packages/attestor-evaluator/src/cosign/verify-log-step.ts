import { CheckError } from '@verify-images/primitives'
import { verifyLogAnnotation } from '../sigstore/log-annotation.ts'
import type { LoggedSignature } from '../sigstore/log-entry.ts'
import { type Candidate, requireLoggedText } from './candidate.ts'
import { findLogEntry } from './online-log.ts'
import { type AttestorTrust, loadGeneralTrust } from './attestor-trust.ts'
import type { SignedContent } from './signed-content.ts'
import type { CandidateCheck } from './verify-candidate.ts'

export interface LoggedTime {
  readonly time: Date
  readonly index: string
  /** The signature that the entry records. */
  readonly signature: Uint8Array
}

/**
 * Returns the time at which a transparency log integrated the signature; undefined if the policy ignores the log.
 *
 * @throws CheckError ATTESTOR_LOG_ENTRY_MISSING, ATTESTOR_LOG_ENTRY_INVALID, ATTESTOR_CERTIFICATE_INVALID when the
 *   certificate of the signature has another key than the policy, ATTESTOR_TRUST_UNAVAILABLE
 */
export async function verifyLogStep(
  candidate: Candidate,
  content: SignedContent,
  { attestor, trust, options, run, work }: Omit<CandidateCheck, 'digest' | 'format'>,
): Promise<LoggedTime | undefined> {
  if (!attestor.transparencyLog.required) return undefined
  const signer = loggedSigner(candidate, trust)
  const { url } = attestor.transparencyLog
  const annotation =
    candidate.logEntry ??
    (await findLogEntry(
      options.transparencyLog,
      { url, payload: candidate.payload, signature: candidate.signature ?? '', signer },
      run.signal,
    ))
  const logs = trust.transparencyLogs ?? (await loadGeneralTrust(run, 'transparency-log-keys')).transparencyLogs

  if (candidate.logEntry !== undefined) requireLoggedText(candidate)
  const logged = { signatures: await content.signatures(), signer, content: await content.loggedContent() }
  const { integratedTime, logIndex, signature } = await verifyLogAnnotation(annotation, logged, logs, work)
  return { time: integratedTime, index: logIndex, signature }
}

/** Returns the signer that the entry must record: the certificate of the signature, else the key of the policy. */
function loggedSigner({ certificate }: Candidate, { signer }: AttestorTrust): LoggedSignature['signer'] {
  if (certificate !== undefined) {
    if (signer.kind !== 'certified' && signer.key.publicKey.fingerprint !== certificate.publicKey.fingerprint) {
      throw new CheckError(
        'ATTESTOR_CERTIFICATE_INVALID',
        'the certificate of the signature has another key than the policy',
      )
    }
    return { kind: 'certificate', der: certificate.raw }
  }
  if (signer.kind !== 'certified') return { kind: 'key', der: signer.key.publicKey.spki }
  throw new CheckError('ATTESTOR_CERTIFICATE_INVALID', 'the signature has no certificate', {
    detail: { kind: 'attestor-signer-missing' },
  })
}
