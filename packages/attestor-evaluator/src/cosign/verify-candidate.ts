import { CheckError, type DifferenceRow, type Digest, payloadsInMemory } from '@verify-images/primitives'
import type { Certificate, Work } from '@verify-images/x509'
import type { AttestorOptions } from '../attestor-options.ts'
import { certificateSigner, keySigner } from '../identity/signer.ts'
import { verifySignature, type VerificationKey } from '../keys/verification-key.ts'
import type { Evidence } from '../outcome.ts'
import type { VerificationRun } from '../signature-verifier.ts'
import { unreadableStatement } from '../unreadable-statement.ts'
import { verifyTimestampAnnotation } from '../sigstore/timestamp-authority.ts'
import { type Candidate, parseIntermediates } from './candidate.ts'
import type { CosignVerifierOptions } from './options.ts'
import { certifiedKey, loadGeneralTrust, usedTrustOrigin, type AttestorTrust } from './attestor-trust.ts'
import { requireIdentity } from './signer-identity.ts'
import type { SignedContent } from './signed-content.ts'
import { findIssuers, requireLoggedCertificate, requireValidAt, type TrustedTime } from './signing-certificate.ts'
import { verifyLogStep } from './verify-log-step.ts'

/** Everything that the verification of one candidate depends on. */
export interface CandidateCheck {
  readonly attestor: AttestorOptions
  readonly trust: AttestorTrust
  readonly options: CosignVerifierOptions
  readonly digest: Digest
  readonly format: 'cosign-signature' | 'cosign-attestation'
  readonly run: VerificationRun
  readonly work: Work
}

/** A verified candidate. The identity in its certificate has not been checked. */
export interface VerifiedCandidate {
  readonly evidence: Evidence
  /** The certificate of the signer, if it has one. */
  readonly certificate?: Certificate
}

/**
 * Verifies one signature or attestation: its times, its signature, what it signs, and that the signer's certificate was
 * valid at every trusted time.
 *
 * The order is cosign's, because the first failure is reported. A check that a policy turns off gives no evidence: an
 * ignored log gives no time.
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
  const timestamped = await verifyTimestampStep(candidate, content, check)
  if (timestamped !== undefined) times.push({ source: 'timestamp-authority', at: timestamped })
  const logged = await verifyLogStep(candidate, content, check)
  if (logged !== undefined) times.push({ source: 'log-promise', at: logged.time })

  const signer = await findSigner(candidate, check)
  const signatures = logged === undefined ? await content.signatures() : [logged.signature]
  await verifyAnySignature(signer.key, content, signatures, check)
  await requireAbout(content, signer, check)
  requireValidCertificates(candidate, signer, times, check)
  const trustRoot = await usedTrustOrigin(check.attestor, check.trust, check.run)
  return {
    evidence: {
      format: check.format,
      signedDigest: check.digest,
      artifact: candidate.artifact,
      signer: signer.certificate ? certificateSigner(signer.certificate) : keySigner(signer.key),
      times: times.map(({ source, at }) => ({ source, at: at.toISOString() })),
      ...(logged && { logIndex: logged.index }),
      ...content.describe(),
      ...(trustRoot && { trustRoot }),
    },
    ...(signer.certificate && { certificate: signer.certificate }),
  }
}

async function requireAbout(content: SignedContent, signer: FoundSigner, check: CandidateCheck): Promise<void> {
  try {
    await content.requireAbout(check.digest, check.run.payloads ?? payloadsInMemory)
  } catch (error) {
    throw check.format === 'cosign-attestation' && isRequiredSigner(signer, check) ? unreadableStatement(error) : error
  }
}

/** Returns whether a certificate, or its absence, is that of the required signer. */
export function isRequiredSigner(
  { certificate }: Pick<FoundSigner, 'certificate'>,
  { attestor }: Pick<CandidateCheck, 'attestor'>,
): boolean {
  try {
    requireIdentity({ ...(certificate && { certificate }) }, { attestor })
    return true
  } catch (error) {
    if (error instanceof CheckError) return false
    throw error
  }
}

/**
 * Returns the time of the policy's timestamp authority. As in Kyverno, others are ignored: their times are not trusted.
 */
async function verifyTimestampStep(
  candidate: Candidate,
  content: SignedContent,
  { trust, work }: CandidateCheck,
): Promise<Date | undefined> {
  if (trust.timestampAuthority === undefined || candidate.timestamp === undefined) return undefined
  const authorities = [trust.timestampAuthority]
  return (await verifyTimestampAnnotation(candidate.timestamp, content.timestampedBytes(), authorities, work)).time
}

interface FoundSigner {
  readonly key: VerificationKey
  readonly certificate?: Certificate
  readonly issuers: readonly Certificate[]
}

async function findSigner(candidate: Candidate, { attestor, trust, run, work }: CandidateCheck): Promise<FoundSigner> {
  const { signer } = trust
  if (signer.kind === 'key') return { key: signer.key, issuers: [] }
  const logs = async (): ReturnType<typeof certificateLogs> => certificateLogs(trust, run)
  if (signer.kind === 'pinned') {
    if (signer.issuers.length > 0 && attestor.certificateLog.required)
      await requireLoggedCertificate(signer.certificate, signer.issuers, await logs(), work)
    return signer
  }
  const { certificate } = candidate
  if (certificate === undefined)
    throw new CheckError('ATTESTOR_CERTIFICATE_INVALID', 'the signature has no certificate')
  const authorities =
    signer.authorities ?? (await loadGeneralTrust(run, 'certificate-authorities')).certificateAuthorities
  const intermediates = await parseIntermediates(candidate, work)
  const issuers = await findIssuers(certificate, intermediates, authorities, work)
  if (attestor.certificateLog.required) await requireLoggedCertificate(certificate, issuers, await logs(), work)
  return { key: certifiedKey(certificate.publicKey), certificate, issuers }
}

async function certificateLogs(
  trust: AttestorTrust,
  run: VerificationRun,
): Promise<NonNullable<AttestorTrust['certificateLogs']>> {
  return trust.certificateLogs ?? (await loadGeneralTrust(run, 'certificate-log-keys')).certificateLogs
}

async function verifyAnySignature(
  key: VerificationKey,
  content: SignedContent,
  signatures: readonly Uint8Array[],
  { run, format, work }: CandidateCheck,
): Promise<void> {
  let failure: unknown
  for (const signature of signatures) {
    try {
      await verifySignature(key, await content.signedBytes(), signature, run.memo, content.signedDigest, work)
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
 * Requires that every certificate was valid at every known time, or now if none is known: the certificate that came
 * with the signature, even if the policy has a key, and the one that the policy pins.
 */
function requireValidCertificates(
  candidate: Candidate,
  signer: FoundSigner,
  known: readonly TrustedTime[],
  check: CandidateCheck,
): void {
  const { attestor, trust, run } = check
  const certificates = certificatesToCheck(candidate, check)
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
    // Using the current time here would let an attacker strip the timestamp and escape the authority.
    throw new CheckError(
      'ATTESTOR_TIMESTAMP_MISSING',
      'the policy has a timestamp authority, but the signature has no timestamp',
      {
        difference: 'tim-missing-falls-back-to-now',
      },
    )
  }
}

function certificatesToCheck(
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
