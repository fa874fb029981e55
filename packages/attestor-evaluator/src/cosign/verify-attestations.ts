import type { Digest } from '@verify-images/primitives'
import { AttestorError } from '../attestor-error.ts'
import type { Failure } from '../failure.ts'
import type { Outcome } from '../outcome.ts'
import type { ImageSubject } from '../ports.ts'
import { resolveImage } from '../resolve-image.ts'
import type {
  AttestationRequest,
  VerificationRun,
  VerifiedAttestations,
  VerifiedStatement,
} from '../signature-verifier.ts'
import { fetchCandidates } from './fetch-candidates.ts'
import type { CosignVerifierOptions } from './options.ts'
import { readTrustOnce } from './read-trust.ts'
import { signatureManifests } from './signature-location.ts'
import { type AttestationContent, attestationContent } from './signed-content.ts'
import {
  candidateFailure,
  joined,
  placeOf,
  refuse,
  requireIdentity,
  type Verification,
  type Verified,
  verifyEach,
} from './verify-each.ts'

/**
 * Verifies the attestations of an image by one attestor.
 *
 * @throws AttestorError for what concerns the attestor or the image as a whole; whatever the source throws
 */
export async function verifyAttestations(
  request: AttestationRequest,
  options: CosignVerifierOptions,
  run: VerificationRun,
): Promise<Outcome<VerifiedAttestations>> {
  const { attestor, image } = request
  const trust = await readTrustOnce(attestor, options, run)
  const digest = await resolveTag(image, run)
  const check = { attestor, trust, options, digest, format: 'cosign-attestation', run } as const
  let found: Verification<AttestationContent> = { verified: [], failures: [] }
  for await (const { repository, manifest } of signatureManifests(
    { image, digest, trust, useReferrers: false, suffix: 'att' },
    run,
  )) {
    const fetched = await fetchCandidates(repository, manifest, placeOf(request), run)
    found = await verifyEach(fetched, (candidate) => attestationContent(candidate, digest), request, check)
  }
  if (found.verified.length > 0) return chooseStatements(found.verified, request, options, run)
  const text = upstreamText(`no matching attestations: ${joined(found.failures)}`)
  if (found.failures.length > 0) return refuse(found.failures, text)
  throw new AttestorError('ATTESTOR_NO_SIGNATURE', 'the image carries no attestation', { upstreamText: text })
}

async function resolveTag(image: ImageSubject, run: VerificationRun): Promise<Digest> {
  try {
    return await resolveImage(image, run)
  } catch (error) {
    if (!(error instanceof AttestorError)) throw error
    throw new AttestorError(error.code, error.message, {
      ...error.details,
      upstreamText: upstreamText(error.upstreamText),
    })
  }
}

/** Kyverno makes two words of any text that holds this one. */
function upstreamText(text: string): string {
  return text.includes('MANIFEST_UNKNOWN: manifest unknown') ? 'not found' : text
}

/**
 * All statements, if those of the wanted type are by the right signer.
 *
 * Kyverno stops at the first that is by another one; passing over those is an option.
 */
function chooseStatements(
  verified: readonly Verified<AttestationContent>[],
  request: AttestationRequest,
  options: CosignVerifierOptions,
  run: VerificationRun,
): Outcome<VerifiedAttestations> {
  const statements: VerifiedStatement[] = []
  const mismatches: Failure[] = []
  for (const candidate of verified) {
    const { type, predicate, document } = candidate.content.statement()
    try {
      if (type === request.predicateType) requireIdentity(candidate, request)
      statements.push({ type, statement: document, predicate, evidence: candidate.evidence })
    } catch (error) {
      mismatches.push(candidateFailure(error, request, candidate.evidence.artifact, run))
    }
  }
  const [first] = mismatches
  const othersHold =
    options.ignoreForeignAttestations === true && statements.some(({ type }) => type === request.predicateType)
  if (first !== undefined && !othersHold) return refuse(mismatches, first.upstreamText)
  if (Object.keys(request.attestor.annotations).length > 0) {
    throw new AttestorError(
      'ATTESTOR_ANNOTATION_MISMATCH',
      'attestations carry no annotations, so none can be required',
      {
        upstreamText: 'no signature matched the required annotations',
      },
    )
  }
  return { kind: 'accepted', statements }
}
