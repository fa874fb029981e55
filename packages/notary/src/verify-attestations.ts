import type {
  AttestationRequest,
  Descriptor,
  Outcome,
  Statement,
  StoredManifest,
  VerificationRun,
  VerifiedAttestations,
  VerifiedStatement,
} from '@verify-images/attestor-evaluator'
import {
  CheckError,
  type Failure,
  failureOf,
  isInconclusive,
  isJsonObject,
  type LayeredManifest,
  markVerified,
  payloadsInMemory,
  refusalOf,
  yieldIfDue,
} from '@verify-images/primitives'
import { artifactOf, notFoundDetail, resolveArtifact } from './artifact/artifact.ts'
import type { Artifact } from './artifact/artifact.ts'
import { onlyLayer, readArtifactManifest } from './artifact/artifact-manifest.ts'
import { listReferrers } from './artifact/signatures.ts'
import { verifyArtifact } from './artifact/verify-artifact.ts'
import { evidenceOf } from './evidence.ts'
import { MAX_PREDICATE_BYTES } from './limits.ts'
import type { VerificationPolicy } from './verify-envelope.ts'

/** An artifact that is listed under the predicate type and gave no statement. */
interface Refused {
  readonly failure: Failure
  /** Whether a trusted statement may be behind it, which conditions or `deny` might reject. */
  readonly mayBeTrusted: boolean
}

/**
 * Verifies every attestation of one type: an artifact of that type that refers to the image and is signed by the
 * attestor.
 *
 * Broken attestations, and those by other signers, do not hide a trusted one, because anyone who may push can add one.
 * One that could not be read leaves the outcome open. Kyverno verifies only the first one listed.
 *
 * @throws CheckError for what concerns the image as a whole; what the source throws
 */
export async function verifyEachAttestation(
  request: AttestationRequest,
  policy: VerificationPolicy,
  run: VerificationRun,
): Promise<Outcome<VerifiedAttestations>> {
  const { image, predicateType } = request
  const subject = await resolveArtifact(image, run)
  const { descriptors, complete, source } = await listReferrers(subject, run)
  if (!complete)
    throw new CheckError('ATTESTOR_SOURCE_UNAVAILABLE', 'the registry did not list all referrers of the image')
  const statements: VerifiedStatement[] = []
  const refused: Refused[] = []
  for (const listed of descriptors) {
    if (predicateType === '' || listed.artifactType !== predicateType) continue
    await yieldIfDue(run.signal)
    const found = await verifyAttestation(listed, { subject, hasApi: source === 'api' }, request, policy, run)
    if ('failure' in found) refused.push(found)
    else statements.push(found)
  }
  const [first, ...rest] = (statements.length > 0 ? refused.filter(({ mayBeTrusted }) => mayBeTrusted) : refused).map(
    ({ failure }) => failure,
  )
  if (first)
    return refusalOf({ kind: 'step', step: { kind: 'notary-verify-attestations' }, failures: [first, ...rest] })
  if (statements.length > 0) return { kind: 'accepted', digest: subject.descriptor.digest, statements }
  throw new CheckError('ATTESTOR_STATEMENT_MISSING', `the image has no attestation of type \`${predicateType}\``, {
    detail: { kind: 'notary-no-attestation', image: image.reference, predicateType },
  })
}

interface Attested {
  readonly subject: Artifact
  /** The registry has answered the referrers API for the image. */
  readonly hasApi: boolean
}

async function verifyAttestation(
  listed: Descriptor,
  { subject, hasApi }: Attested,
  { image, path, predicateType }: AttestationRequest,
  policy: VerificationPolicy,
  run: VerificationRun,
): Promise<VerifiedStatement | Refused> {
  const place = { path, image: image.reference }
  let isTrusted = false
  try {
    const stored = await fetchAttestation(listed, subject, run)
    const manifest = readAttestation(stored, subject, predicateType)
    const artifact = artifactOf(subject.repository, stored, listed.digest)
    const result = await verifyArtifact(artifact, policy, run, place, { hasApi })
    if (!('verified' in result)) return { failure: result, mayBeTrusted: isInconclusive(result) }
    isTrusted = true
    const statement = await fetchStatement(subject.repository, manifest, predicateType, run)
    // The attestation is what is signed; its manifest names the image.
    const evidence = evidenceOf(result, subject.descriptor.digest, predicateType)
    return { statement: markVerified(statement), evidence }
  } catch (error) {
    const failure = failureOf(error, { ...place, candidate: listed.digest }, run.signal)
    return { failure, mayBeTrusted: isTrusted || isInconclusive(failure) }
  }
}

async function fetchAttestation(
  { digest }: Descriptor,
  { repository }: Artifact,
  { source, signal }: VerificationRun,
): Promise<StoredManifest> {
  const stored = await source.fetchManifest(repository, digest, signal)
  if ('notFound' in stored)
    throw new CheckError(
      'ATTESTOR_SOURCE_UNAVAILABLE',
      'the attestation is in the referrers listing but was not found',
      { ...notFoundDetail(stored) },
    )
  return stored
}

/**
 * Parses the manifest of an attestation. It must have the type under which it is listed: the listing is the registry's
 * claim, and a registry could list a harmless artifact as a scan.
 */
function readAttestation(stored: StoredManifest, subject: Artifact, predicateType: string): LayeredManifest {
  const manifest = readArtifactManifest(stored, 'ATTESTOR_PAYLOAD_INVALID')
  if (manifest.artifactType !== predicateType) {
    throw new CheckError('ATTESTOR_PAYLOAD_MISMATCH', 'the attestation has another artifact type than listed', {
      expected: predicateType,
      actual: manifest.artifactType ?? '',
      difference: 'att-referrer-artifacttype-lie',
    })
  }
  if (manifest.subject !== subject.descriptor.digest)
    throw new CheckError('ATTESTOR_PAYLOAD_MISMATCH', 'the attestation refers to another subject')
  return manifest
}

/**
 * Returns the statement of an attestation: its manifest, to which Kyverno adds `type` and `predicate` if the manifest
 * has none of its own.
 *
 * The only layer must hold a JSON object even if the manifest has a predicate.
 *
 * @throws CheckError ATTESTOR_PAYLOAD_INVALID, ATTESTOR_LIMIT_EXCEEDED; what the source throws
 */
async function fetchStatement(
  repository: string,
  manifest: LayeredManifest,
  type: string,
  { source, signal, payloads = payloadsInMemory }: VerificationRun,
): Promise<Statement> {
  const layer = onlyLayer(manifest, 'ATTESTOR_PAYLOAD_INVALID', 'attestation')
  const bytes = await source.fetchBlob(repository, layer, MAX_PREDICATE_BYTES, signal)
  if (bytes.length !== layer.size)
    throw new CheckError(
      'ATTESTOR_PAYLOAD_INVALID',
      `size of the predicate: expected ${layer.size} bytes as in the manifest, got ${bytes.length}`,
    )
  const { document, predicate: content } = await payloads.read(bytes, 'whole', 'the predicate')
  if (!isJsonObject(document)) throw new CheckError('ATTESTOR_PAYLOAD_INVALID', 'predicate: expected an object')
  const own = new Map(Object.entries(manifest.document))
  const ownType = own.get('type') ?? type
  const predicate = own.get('predicate') ?? content
  if (typeof ownType !== 'string')
    throw new CheckError('ATTESTOR_PAYLOAD_INVALID', 'type of the statement: expected a string')
  return {
    type: ownType,
    predicate,
    document: Object.fromEntries([...own, ['type', ownType]]),
  }
}
