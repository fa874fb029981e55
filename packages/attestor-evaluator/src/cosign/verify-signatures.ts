import {
  CheckError,
  type Digest,
  type Failure,
  failureOf,
  isInconclusive,
  type Outcome,
  StepError,
} from '@verify-images/primitives'
import { resolveImage } from '../resolve-image.ts'
import { workFor } from '../work.ts'
import type { SignatureRequest, VerificationRun, VerifiedSignature } from '../signature-verifier.ts'
import type { CosignVerifierOptions } from './options.ts'
import { resolveTrustOnce } from './attestor-trust.ts'
import { nothingAttached } from './nothing-attached.ts'
import { signatureManifests } from './signature-location.ts'
import { type SignatureContent, signatureContent } from './signed-content.ts'
import { hasAnnotations } from './simple-signing.ts'
import { requireIdentity } from './signer-identity.ts'
import { candidateFailure, placeOf, refuse, type Verification, verifyEach } from './verify-each.ts'

/**
 * Verifies the signatures of an image by one attestor.
 *
 * @throws CheckError if the attestor or the image as a whole fails; errors of the source
 */
export async function verifySignatures(
  request: SignatureRequest,
  options: CosignVerifierOptions,
  run: VerificationRun,
): Promise<Outcome<VerifiedSignature>> {
  const { attestor, image } = request
  const trust = await resolveTrustOnce(attestor, options, run)
  const digest = await resolveTag(request, run)
  const { requireSignedRepository, acceptAnySignedPayload } = options
  const contentOptions = {
    requiredRepository: requireSignedRepository === true ? image.repository : undefined,
    acceptAnySignedPayload,
  }
  const check = {
    attestor,
    trust,
    options,
    digest,
    format: 'cosign-signature',
    run,
    work: workFor(image, run),
  } as const
  const unread: Failure[] = []
  let last: Verification<SignatureContent> = { verified: [], failures: [], unproved: [] }
  for await (const found of signatureManifests(
    { image, digest, trust, useReferrers: attestor.useReferrers, suffix: 'sig' },
    run,
  )) {
    if ('error' in found) {
      unread.push(failureOf(found.error, placeOf(request), run.signal))
      continue
    }
    unread.push(...last.failures.filter(isInconclusive))
    last = await verifyEach(found, (candidate) => signatureContent(candidate, contentOptions), request, check)
    if (last.verified.length > 0)
      return chooseSigners({ ...last, failures: [...last.failures, ...unread] }, request, digest, run)
  }
  const failures = [...last.failures, ...unread]
  if (failures.length > 0) return refuse({ kind: 'attestor-verify-candidates', of: 'signatures' }, failures)
  throw await nothingAttached('signatures', image, digest, run)
}

/**
 * Selects the verified signatures with the required identity and the required annotations, both of one signature.
 *
 * Kyverno would combine the annotations of one signature with the signer of another.
 */
function chooseSigners(
  { verified, failures }: Verification<SignatureContent>,
  request: SignatureRequest,
  digest: Digest,
  run: VerificationRun,
): Outcome<VerifiedSignature> {
  const { annotations } = request.attestor
  const mismatches: Failure[] = []
  const identified = verified.filter((candidate) => {
    try {
      requireIdentity(candidate, request)
      return true
    } catch (error) {
      mismatches.push(candidateFailure(error, request, candidate.evidence.artifact, run))
      return false
    }
  })
  if (identified.length === 0)
    return refuse({ kind: 'attestor-select-signatures', verified: mismatches.length }, [...mismatches, ...failures])

  const isAnnotated = ({ content }: { readonly content: SignatureContent }): boolean =>
    hasAnnotations(content.signed().annotations, annotations)
  const [first, ...rest] = identified.filter(isAnnotated)
  if (first !== undefined)
    return { kind: 'accepted', digest, evidence: [first.evidence, ...rest.map(({ evidence }) => evidence)] }
  const missing = identified.map(({ evidence }) =>
    candidateFailure(
      new CheckError('ATTESTOR_ANNOTATION_MISMATCH', 'the signature does not have the required annotations', {
        detail: { kind: 'attestor-annotations-missing' },
        expected: JSON.stringify(annotations),
        actual: JSON.stringify(evidence.annotations ?? {}),
        ...(verified.some(isAnnotated) && { difference: 'S11' }),
      }),
      request,
      evidence.artifact,
      run,
    ),
  )
  return refuse({ kind: 'attestor-match-annotations' }, [...missing, ...mismatches, ...failures])
}

async function resolveTag({ image }: SignatureRequest, run: VerificationRun): Promise<Digest> {
  try {
    return await resolveImage(image, run)
  } catch (error) {
    // Errors of the registry client are not CheckErrors: they do not mean that the tag is missing.
    throw error instanceof CheckError
      ? new StepError({ kind: 'attestor-resolve-image', of: 'signatures' }, error)
      : error
  }
}
