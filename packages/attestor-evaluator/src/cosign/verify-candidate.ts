import { CheckError, type DifferenceRow } from '@verify-images/primitives'
import type { Certificate } from '@verify-images/x509'
import type { Digest } from '@verify-images/primitives'
import type { AttestorOptions } from '../attestor-options.ts'
import { certificateSigner, keySigner } from '../identity/signer.ts'
import { verifySignature, type VerificationKey } from '../keys/verification-key.ts'
import type { Evidence } from '../outcome.ts'
import type { VerificationRun } from '../signature-verifier.ts'
import { verifyTimestampAnnotation } from '../sigstore/timestamp-authority.ts'
import type { Candidate } from './candidate.ts'
import type { CosignVerifierOptions } from './options.ts'
import { certifiedKey, loadGeneralTrust, type StatedTrust } from './read-trust.ts'
import type { SignedContent } from './signed-content.ts'
import { findIssuers, requireLoggedCertificate, requireValidAt, type TrustedTime } from './signing-certificate.ts'
import { verifyLogStep } from './verify-log-step.ts'

/** Everything one candidate is held against. */
export interface CandidateCheck {
  readonly attestor: AttestorOptions
  readonly trust: StatedTrust
  readonly options: CosignVerifierOptions
  readonly digest: Digest
  readonly format: 'cosign-signature' | 'cosign-attestation'
  readonly run: VerificationRun
}

/** A candidate that holds, before anybody has asked who signed. */
export interface VerifiedCandidate {
  readonly evidence: Evidence
  /** The signer's, where it has one: what an identity is read from. */
  readonly certificate?: Certificate
}

/**
 * Verifies one signature or attestation: when it was made, by which key, over what, and whether the signer's certificate
 * was good at every trusted time.
 *
 * The order is cosign's, because the first fault is what the message says. Checks that a policy switches off contribute
 * nothing either: an ignored log gives no time.
 *
 * @throws CheckError
 * @see cosign, pkg/cosign/verify.go
 */
export async function verifyCandidate(
  candidate: Candidate,
  content: SignedContent,
  check: CandidateCheck,
): Promise<VerifiedCandidate> {
  const times: TrustedTime[] = []
  const stamped = verifyTimestampStep(candidate, content, check)
  if (stamped !== undefined) times.push({ source: 'timestamp-authority', at: stamped })
  const logged = await verifyLogStep(candidate, content, check)
  if (logged !== undefined) times.push({ source: 'log-promise', at: logged.time })

  const signer = await findSigner(candidate, check)
  verifyAnySignature(signer.key, content, logged === undefined ? content.signatures() : [logged.signature], check)
  content.requireAbout(check.digest)
  requireValidCertificates(candidate, signer, times, check)
  return {
    evidence: {
      format: check.format,
      signedDigest: check.digest,
      artifact: candidate.artifact,
      signer: signer.certificate ? certificateSigner(signer.certificate) : keySigner(signer.key),
      times: times.map(({ source, at }) => ({ source, at: at.toISOString() })),
      ...(logged && { logIndex: logged.index }),
      ...content.describe(),
    },
    ...(signer.certificate && { certificate: signer.certificate }),
  }
}

/** Only the authority a policy states is asked, as in Kyverno; a stamp of nobody in particular is no time. */
function verifyTimestampStep(
  candidate: Candidate,
  content: SignedContent,
  { trust }: CandidateCheck,
): Date | undefined {
  if (trust.timestampAuthority === undefined || candidate.timestamp === undefined) return undefined
  return verifyTimestampAnnotation(candidate.timestamp, content.stampedBytes(), [trust.timestampAuthority]).time
}

interface FoundSigner {
  readonly key: VerificationKey
  readonly certificate?: Certificate
  readonly issuers: readonly Certificate[]
}

async function findSigner(candidate: Candidate, { attestor, trust, run }: CandidateCheck): Promise<FoundSigner> {
  const { signer } = trust
  if (signer.kind === 'key') return { key: signer.key, issuers: [] }
  const logs = async (): ReturnType<typeof certificateLogs> => certificateLogs(trust, run)
  if (signer.kind === 'pinned') {
    if (signer.issuers.length > 0 && attestor.certificateLog.required)
      requireLoggedCertificate(signer.certificate, signer.issuers, await logs())
    return signer
  }
  const { certificate } = candidate
  if (certificate === undefined)
    throw new CheckError('ATTESTOR_CERTIFICATE_INVALID', 'no certificate found on signature')
  const authorities =
    signer.authorities ?? (await loadGeneralTrust(run, 'certificate-authorities')).certificateAuthorities
  const issuers = findIssuers(certificate, candidate.intermediates, authorities)
  if (attestor.certificateLog.required) requireLoggedCertificate(certificate, issuers, await logs())
  return { key: certifiedKey(certificate.publicKey), certificate, issuers }
}

async function certificateLogs(
  trust: StatedTrust,
  run: VerificationRun,
): Promise<NonNullable<StatedTrust['certificateLogs']>> {
  return trust.certificateLogs ?? (await loadGeneralTrust(run, 'certificate-log-keys')).certificateLogs
}

function verifyAnySignature(
  key: VerificationKey,
  content: SignedContent,
  signatures: readonly Uint8Array[],
  { run, format }: CandidateCheck,
): void {
  let failure: unknown
  for (const signature of signatures) {
    try {
      verifySignature(key, content.signedBytes(), signature, run.memo, content.signedDigest)
      return
    } catch (error) {
      failure = error
    }
  }
  if (!(failure instanceof CheckError) || format !== 'cosign-attestation') throw failure
  throw new CheckError(failure.code, failure.message, {
    ...failure.details,
    detail: { kind: 'attestor-envelope-signatures-invalid' },
  })
}

/**
 * Holds every certificate that is there against every time that is known, and against now where none is: the one that
 * came with the signature, also when a key decides, and the one the policy pins.
 */
function requireValidCertificates(
  candidate: Candidate,
  signer: FoundSigner,
  known: readonly TrustedTime[],
  check: CandidateCheck,
): void {
  const { attestor, trust, run } = check
  const certificates = certificatesToHold(candidate, check)
  if (certificates.length === 0) return
  const times: readonly TrustedTime[] = known.length > 0 ? known : [{ source: 'evaluation', at: run.now }]
  for (const time of times) {
    for (const { certificate, difference } of certificates) {
      try {
        requireValidAt(certificate, signer.issuers, time)
      } catch (error) {
        if (!(error instanceof CheckError)) throw error
        const untimed = time.source === 'evaluation' && !attestor.transparencyLog.required
        throw new CheckError(error.code, error.message, {
          ...error.details,
          ...(untimed && { detail: { kind: 'attestor-certificate-expired-untimed' } }),
          ...(difference !== undefined && { difference }),
        })
      }
    }
  }
  if (
    !attestor.transparencyLog.required &&
    trust.timestampAuthority !== undefined &&
    candidate.timestamp === undefined
  ) {
    // Taking now for the time would let anyone who strips the stamp escape the authority.
    throw new CheckError(
      'ATTESTOR_TIMESTAMP_MISSING',
      'a timestamp authority is named, but the signature carries no timestamp',
      {
        difference: 'tim-missing-falls-back-to-now',
      },
    )
  }
}

function certificatesToHold(
  candidate: Candidate,
  { trust, options }: CandidateCheck,
): readonly { readonly certificate: Certificate; readonly difference?: DifferenceRow }[] {
  const { signer } = trust
  const carried = candidate.certificate
  const pinned =
    signer.kind === 'pinned' && options.acceptExpiredPinnedCertificates !== true ? signer.certificate : undefined
  return [
    ...(carried ? [{ certificate: carried }] : []),
    ...(pinned && pinned.fingerprint !== carried?.fingerprint
      ? [{ certificate: pinned, difference: 'S13' as const }]
      : []),
  ]
}
