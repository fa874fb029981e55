import {
  CheckError,
  during,
  type Failure,
  isInconclusive,
  markVerified,
  type Outcome,
  type Predicate,
} from '@verify-images/primitives'
import { resolveImage } from '../resolve-image.ts'
import { workFor } from '../work.ts'
import type {
  AttestationRequest,
  VerificationRun,
  VerifiedAttestations,
  VerifiedStatement,
} from '../signature-verifier.ts'
import type { CosignVerifierOptions } from './options.ts'
import { resolveTrustOnce } from './attestor-trust.ts'
import { nothingAttached } from './nothing-attached.ts'
import { requireIdentity } from './signer-identity.ts'
import { signatureManifests } from './signature-location.ts'
import { type AttestationContent, attestationContent } from './signed-content.ts'
import { unprovedStatement } from './unproved-statement.ts'
import { candidateFailure, refuse, type Verification, type Verified, verifyEach } from './verify-each.ts'

/**
 * Verifies the attestations of an image by one attestor.
 *
 * @throws CheckError if the attestor or the image as a whole fails; errors of the source
 */
export async function verifyAttestations(
  request: AttestationRequest,
  options: CosignVerifierOptions,
  run: VerificationRun,
): Promise<Outcome<VerifiedAttestations>> {
  const { attestor, image } = request
  const trust = await resolveTrustOnce(attestor, options, run)
  const digest = await during({ kind: 'attestor-resolve-image', of: 'attestations' }, () => resolveImage(image, run))
  const check = {
    attestor,
    trust,
    options,
    digest,
    format: 'cosign-attestation',
    run,
    work: workFor(image, run),
  } as const
  const contentOptions = {
    signal: run.signal,
    annotationRead: attestor.transparencyLog.required || trust.timestampAuthority !== undefined,
  }
  let found: Verification<AttestationContent> = { verified: [], failures: [], unproved: [] }
  for await (const located of signatureManifests({ image, digest, trust, useReferrers: false, suffix: 'att' }, run)) {
    if ('error' in located) throw located.error
    found = await verifyEach(
      located,
      (candidate) => attestationContent(candidate, contentOptions),
      request,
      check,
      (error, layer) => unprovedStatement(error, layer, request, check),
    )
  }
  const { verified, failures, unproved } = found
  const step = { kind: 'attestor-verify-candidates', of: 'attestations' } as const
  // A statement that could not be read may be the one that conditions or `deny` reject.
  const open = [...failures, ...(request.everyStatementCounts === false ? [] : unproved)].filter(isInconclusive)
  if (verified.length > 0 && open.length > 0) return refuse(step, open)
  if (verified.length > 0) return chooseStatements(verified, request, options, run)
  if (failures.length > 0) return refuse({ ...step, ...(unproved.length > 0 && { unproved: true }) }, failures)
  throw await nothingAttached('attestations', image, digest, run)
}

/**
 * Returns the statements of the requested type, if all of them are by the required signer.
 *
 * Kyverno fails at the first by another signer; ignoring those is an option.
 */
function chooseStatements(
  verified: readonly Verified<AttestationContent>[],
  request: AttestationRequest,
  options: CosignVerifierOptions,
  run: VerificationRun,
): Outcome<VerifiedAttestations> {
  const statements: VerifiedStatement[] = []
  const otherPredicates: Predicate[] = []
  const mismatches: Failure[] = []
  for (const candidate of verified) {
    const statement = candidate.content.statement()
    if (statement.type !== request.predicateType) {
      otherPredicates.push(statement.predicate)
      continue
    }
    try {
      requireIdentity(candidate, request)
      statements.push({ statement: markVerified(statement), evidence: candidate.evidence })
    } catch (error) {
      mismatches.push(candidateFailure(error, request, candidate.evidence.artifact, run))
    }
  }
  const [first] = mismatches
  const othersHold = options.ignoreForeignAttestations === true && statements.length > 0
  if (first !== undefined && !othersHold) return refuse({ kind: 'attestor-select-statements' }, mismatches)
  if (Object.keys(request.attestor.annotations).length > 0) {
    throw new CheckError('ATTESTOR_ANNOTATION_MISMATCH', 'attestations have no annotations, so none can be required', {
      detail: { kind: 'attestor-annotations-missing' },
    })
  }
  return { kind: 'accepted', statements, otherPredicates }
}
