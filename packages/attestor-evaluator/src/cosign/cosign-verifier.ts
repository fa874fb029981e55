import { AttestorError } from '../attestor-error.ts'
import { type Failure, readFailure, refusal } from '../failure.ts'
import { matchIdentity } from '../identity/match-identity.ts'
import type { Outcome } from '../outcome.ts'
import type { Digest } from '../ports.ts'
import { resolveImage } from '../resolve-image.ts'
import type {
  AttestationRequest, SignatureRequest, SignatureVerifier, VerificationRun, VerifiedAttestations, VerifiedSignature, VerifiedStatement,
} from '../signature-verifier.ts'
import { type FetchedCandidate, fetchCandidates } from './fetch-candidates.ts'
import type { CosignVerifierOptions } from './options.ts'
import { readTrust, type StatedTrust } from './read-trust.ts'
import { signatureManifests } from './signature-location.ts'
import { attestationContent, type AttestationContent, type SignatureContent, signatureContent, type SignedContent } from './signed-content.ts'
import { hasAnnotations } from './simple-signing.ts'
import { type VerifiedCandidate, verifyCandidate } from './verify-candidate.ts'

/**
 * Verifies what cosign stores beside an image: signatures at the tag `<algorithm>-<hex>.sig`, attestations at `….att`.
 *
 * @see Kyverno, verifyImages of type Cosign; cosign, specs/SIGNATURE_SPEC.md
 */
export function createCosignVerifier(options: CosignVerifierOptions = {}): SignatureVerifier {
  return {
    signatureType: 'Cosign',
    verifySignature: async (request, run) => await guarded(request, run, async () => await verifySignatures(request, options, run)),
    verifyAttestations: async (request, run) => await guarded(request, run, async () => await verifyAttestations(request, options, run)),
  }
}

/** The one place where a fault that concerns the whole attestor becomes an outcome. */
async function guarded<Accepted>(request: SignatureRequest, run: VerificationRun, verify: () => Promise<Outcome<Accepted>>): Promise<Outcome<Accepted>> {
  try {
    return await verify()
  } catch (error) {
    const failure = readFailure(error, { path: request.path, image: request.image.reference }, run.signal)
    return refusal([failure], failure.upstreamText)
  }
}

interface Verified<Content extends SignedContent> extends VerifiedCandidate {
  readonly content: Content
}

interface Verification<Content extends SignedContent> {
  readonly verified: readonly Verified<Content>[]
  readonly failures: readonly Failure[]
}

async function verifySignatures(request: SignatureRequest, options: CosignVerifierOptions, run: VerificationRun): Promise<Outcome<VerifiedSignature>> {
  const { attestor, image } = request
  const trust = await readTrust(attestor, options, run)
  const digest = await resolveTag(request, run)
  const required = options.requireSignedRepository === true ? image.repository : undefined
  let last: Verification<SignatureContent> = { verified: [], failures: [] }
  for await (const { repository, manifest } of signatureManifests({ image, digest, trust, useReferrers: attestor.useReferrers, suffix: 'sig' }, run)) {
    const fetched = await fetchCandidates(repository, manifest, placeOf(request), run)
    last = await verifyEach(fetched, (candidate) => signatureContent(candidate, required), { request, options, digest, trust, format: 'cosign-signature' }, run)
    if (last.verified.length > 0) return chooseSigners(last, request, digest)
  }
  if (last.failures.length === 0) {
    throw new AttestorError('ATTESTOR_NO_SIGNATURE', 'the image is not signed', { upstreamText: 'no signatures found' })
  }
  return refuse(last.failures, `no matching signatures: ${last.failures.map(({ upstreamText }) => upstreamText).join('\n ')}`)
}

/** Of the signatures that hold, those by the right signer that carry the right annotations: both of one signature. */
function chooseSigners({ verified, failures }: Verification<SignatureContent>, request: SignatureRequest, digest: Digest): Outcome<VerifiedSignature> {
  const { identity, annotations } = request.attestor
  const mismatches: Failure[] = []
  const identified = verified.filter((candidate) => {
    try {
      requireIdentity(candidate, request)
      return true
    } catch (error) {
      mismatches.push(candidateFailure(error, request, candidate.evidence.artifact))
      return false
    }
  })
  if (identified.length === 0) return refuse([...mismatches, ...failures], mismatches.map(({ upstreamText }) => upstreamText).join('; '))

  const [first, ...rest] = identified.filter(({ content }) => hasAnnotations(content.signed().annotations, annotations))
  if (first !== undefined) return { kind: 'accepted', digest, evidence: [first.evidence, ...rest.map(({ evidence }) => evidence)] }
  // Kyverno would take the annotations of one signature and the signer of another.
  const elsewhere = verified.some(({ content }) => hasAnnotations(content.signed().annotations, annotations))
  const missing = identified.map(({ evidence }) => candidateFailure(
    new AttestorError('ATTESTOR_ANNOTATION_MISMATCH', 'the signature does not carry the required annotations', {
      upstreamText: 'no signature matched the required annotations', expected: JSON.stringify(annotations),
      found: JSON.stringify(evidence.annotations ?? {}), ...(elsewhere && { stricter: 'S11' }),
    }), request, evidence.artifact))
  void identity
  return refuse([...missing, ...mismatches, ...failures], 'no signature matched the required annotations')
}

async function verifyAttestations(request: AttestationRequest, options: CosignVerifierOptions, run: VerificationRun): Promise<Outcome<VerifiedAttestations>> {
  const { attestor, image } = request
  const trust = await readTrust(attestor, options, run)
  const digest = await resolveImage(image, run)
  let found: Verification<AttestationContent> = { verified: [], failures: [] }
  for await (const { repository, manifest } of signatureManifests({ image, digest, trust, useReferrers: false, suffix: 'att' }, run)) {
    const fetched = await fetchCandidates(repository, manifest, placeOf(request), run)
    found = await verifyEach(fetched, (candidate) => attestationContent(candidate, digest), { request, options, digest, trust, format: 'cosign-attestation' }, run)
  }
  const { verified, failures } = found
  if (verified.length === 0) {
    const text = `no matching attestations: ${failures.map(({ upstreamText }) => upstreamText).join('\n ')}`
    if (failures.length === 0) throw new AttestorError('ATTESTOR_NO_SIGNATURE', 'the image carries no attestation', { upstreamText: text })
    return refuse(failures, text)
  }
  return chooseStatements(verified, request, options)
}

function chooseStatements(verified: readonly Verified<AttestationContent>[], request: AttestationRequest, options: CosignVerifierOptions): Outcome<VerifiedAttestations> {
  const statements: VerifiedStatement[] = []
  const mismatches: Failure[] = []
  for (const candidate of verified) {
    const { type, predicate, document } = candidate.content.statement()
    try {
      if (type === request.predicateType) requireIdentity(candidate, request)
      statements.push({ type, statement: document, predicate, evidence: candidate.evidence })
    } catch (error) {
      mismatches.push(candidateFailure(error, request, candidate.evidence.artifact))
    }
  }
  const ofType = statements.some(({ type }) => type === request.predicateType)
  const [first] = mismatches
  // Kyverno stops at the first of another signer.
  if (first !== undefined && (options.ignoreForeignAttestations !== true || !ofType)) return refuse(mismatches, first.upstreamText)
  if (Object.keys(request.attestor.annotations).length > 0) {
    // A DSSE envelope has no place for signed annotations.
    throw new AttestorError('ATTESTOR_ANNOTATION_MISMATCH', 'attestations carry no annotations, so none can be required', {
      upstreamText: 'no signature matched the required annotations',
    })
  }
  return { kind: 'accepted', statements }
}

interface EachCheck {
  readonly request: SignatureRequest
  readonly options: CosignVerifierOptions
  readonly digest: Digest
  readonly trust: StatedTrust
  readonly format: 'cosign-signature' | 'cosign-attestation'
}

/** Every candidate by itself; what is wrong with one says nothing about another. */
async function verifyEach<Content extends SignedContent>(
  fetched: readonly FetchedCandidate[], readContent: (candidate: Extract<FetchedCandidate, { candidate: unknown }>['candidate']) => Content,
  { request, ...check }: EachCheck, run: VerificationRun,
): Promise<Verification<Content>> {
  const verified: Verified<Content>[] = []
  const failures: Failure[] = []
  for (const one of fetched) {
    if ('failure' in one) {
      failures.push(one.failure)
      continue
    }
    const content = readContent(one.candidate)
    try {
      verified.push({ ...await verifyCandidate(one.candidate, content, { ...check, attestor: request.attestor, run }), content })
    } catch (error) {
      failures.push(candidateFailure(error, request, one.candidate.artifact, run.signal))
    }
  }
  return { verified, failures }
}

function requireIdentity({ certificate }: VerifiedCandidate, { attestor }: SignatureRequest): void {
  if (attestor.kind !== 'keyless') return
  if (certificate === undefined) throw new AttestorError('ATTESTOR_IDENTITY_MISMATCH', 'certificate not found')
  matchIdentity(attestor.identity, certificate)
}

/** A tag that is not there has words of its own, but only where signatures are asked for. */
async function resolveTag({ image }: SignatureRequest, run: VerificationRun): Promise<Digest> {
  try {
    return await resolveImage(image, run)
  } catch (error) {
    if (!(error instanceof AttestorError) || error.code !== 'ATTESTOR_IMAGE_NOT_FOUND') throw error
    throw new AttestorError(error.code, error.message, { ...error.details, upstreamText: `image tag not found: ${error.upstreamText}` })
  }
}

function placeOf({ path, image }: SignatureRequest): { readonly path: string; readonly image: string } {
  return { path, image: image.reference }
}

const neverAborted = new AbortController().signal

function candidateFailure(error: unknown, request: SignatureRequest, candidate: Digest, signal: AbortSignal = neverAborted): Failure {
  const failure = readFailure(error, placeOf(request), signal)
  return { ...failure, networkFault: false, reason: { ...failure.reason, candidate } }
}

function refuse(failures: readonly Failure[], upstreamText: string): Exclude<Outcome<never>, { kind: 'accepted' }> {
  const [first, ...rest] = failures
  if (first === undefined) throw new AttestorError('ATTESTOR_NO_SIGNATURE', 'nothing was found', { upstreamText })
  return refusal([first, ...rest], upstreamText)
}
