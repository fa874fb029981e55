import { CheckError, type Digest } from '@verify-images/primitives'
import { AttestorError, upstreamTextOf } from '../attestor-error.ts'
import { certificateSigner, keySigner } from '../identity/signer.ts'
import { resolveKey } from '../keys/resolve-key.ts'
import { verificationKey } from '../keys/verification-key.ts'
import type { Evidence, Reason, Signer } from '../outcome.ts'
import type { ImageSubject } from '../ports.ts'
import { resolveImage } from '../resolve-image.ts'
import type { SignatureRequest, VerificationRun } from '../signature-verifier.ts'
import { staleTrust } from '../sigstore/trust-material.ts'
import type { Bundle } from './parse-bundle.ts'
import { requireAnnotations } from './statement.ts'
import { matchBundleIdentity } from './bundle-identity.ts'
import { during, type Miss, missOf } from './bundle-outcome.ts'
import { type BundleRequirements, bundleRequirements } from './bundle-requirements.ts'
import { bundleTrust } from './bundle-trust.ts'
import type { BundleKey, BundleVerification } from './verify-bundle.ts'
import { findBundles, type FoundBundles } from './find-bundles.ts'
import { type VerifiedBundle, verifyBundle } from './verify-bundle.ts'

export interface BundleCheckOptions {
  /** How many different logs have to vouch for a bundle where the policy requires the log; 1 unless given. */
  readonly requiredLogs?: number | undefined
  /** Takes certificates that no certificate log has seen. Kyverno never checks that for bundles. */
  readonly acceptCertificatesWithoutSct?: boolean | undefined
  /** Takes Ed25519ph signatures of a policy's key, as cosign 3 makes them. Kyverno refuses them. */
  readonly acceptPrehashedEd25519?: boolean | undefined
}

/** Everything one check needs, had once. */
export interface BundleCheck {
  readonly digest: Digest
  readonly found: FoundBundles
  readonly requirements: BundleRequirements
  readonly verification: BundleVerification
  /** What may explain a failure. */
  readonly notes: readonly Reason[]
}

/**
 * What the policy says, then what there is, then key and trust: upstream's order.
 *
 * @throws AttestorError
 */
export async function prepareBundleCheck(
  { image, attestor }: SignatureRequest,
  run: VerificationRun,
  options: BundleCheckOptions,
): Promise<BundleCheck> {
  const requirements = bundleRequirements(attestor, image.reference)
  const { digest, found } = await during(`failed to fetch bundles: ${image.reference}`, async () => {
    const resolved = await resolveByHead(image, run)
    return { digest: resolved, found: await findBundles(attestor.repository ?? image.repository, resolved, run) }
  })
  const { key, trust } = await during(`failed to get trusted material: ${image.reference}`, async () => ({
    key: await resolveBundleKey(requirements, run, options),
    trust: await bundleTrust(attestor, requirements, run),
  }))
  const verification: BundleVerification = {
    digest,
    trust,
    now: run.now,
    ...(key && { key }),
    requiredLogs: requirements.logRequired ? (options.requiredLogs ?? 1) : 0,
    observedTimeRequired: requirements.observedTimeRequired,
    timestampRequired: requirements.timestampRequired,
    sctRequired: requirements.sctRequired && options.acceptCertificatesWithoutSct !== true,
  }
  const notes = staleTrust(trust, run.now).map((message) => ({ code: 'ATTESTOR_TRUST_UNAVAILABLE' as const, message }))
  return { digest, found, requirements, verification, notes }
}

/** Upstream asks with HEAD, whose answers have no body to say more than the status. */
async function resolveByHead(image: ImageSubject, run: VerificationRun): Promise<Digest> {
  try {
    return await resolveImage(image, run)
  } catch (error) {
    if (!(error instanceof CheckError) || error.code !== 'ATTESTOR_IMAGE_NOT_FOUND') throw error
    const url = /^GET (\S+): /.exec(upstreamTextOf(error))?.[1]
    throw new AttestorError(error.code, error.message, {
      ...error.details,
      ...(url !== undefined && {
        upstreamText: `HEAD ${url}: unexpected status code 404 Not Found (HEAD responses have no body, use GET for details)`,
      }),
    })
  }
}

async function resolveBundleKey(
  { signer }: BundleRequirements,
  run: VerificationRun,
  options: BundleCheckOptions,
): Promise<BundleKey | undefined> {
  if (signer.kind !== 'key') return undefined
  const publicKey = await resolveKey(signer.reference, run.keys, run.signal)
  return { publicKey, hash: signer.hash, acceptPrehashed: options.acceptPrehashedEd25519 === true }
}

export interface AcceptedBundle {
  readonly verified: VerifiedBundle
  readonly evidence: Evidence
}

/** Every referrer in the registry's order: verified and by whom the policy names, or why not. */
export async function* verifyBundles(
  check: BundleCheck,
  request: SignatureRequest,
  run: VerificationRun,
): AsyncGenerator<AcceptedBundle | Miss> {
  for await (const found of check.found.bundles) {
    run.signal.throwIfAborted()
    if ('fault' in found) {
      yield missOf(found.fault, 'fetching', found.artifact, request, run.signal, found.upstreamPrefix)
      continue
    }
    try {
      yield await verifyOne(found.bundle, found.artifact, check, request, run)
    } catch (error) {
      yield missOf(error, 'verifying', found.artifact, request, run.signal)
    }
  }
}

async function verifyOne(
  bundle: Bundle,
  artifact: Digest,
  { digest, requirements, verification }: BundleCheck,
  { image, attestor }: SignatureRequest,
  run: VerificationRun,
): Promise<AcceptedBundle> {
  const { key } = verification
  const artifactBytes =
    bundle.content.kind === 'message' ? await fetchArtifact(image.repository, digest, run) : undefined
  // All that the result depends on beside the one trusted root of the run.
  const name = JSON.stringify([
    'bundle verification',
    artifact,
    digest,
    key?.publicKey.fingerprint,
    key?.hash,
    key?.acceptPrehashed,
    verification.requiredLogs,
    verification.observedTimeRequired,
    verification.sctRequired,
    attestor.roots,
    attestor.transparencyLog.publicKey,
    attestor.certificateLog.publicKey,
    attestor.timestampChain,
  ])
  const verified = run.memo.once(name, () =>
    verifyBundle(bundle, artifactBytes === undefined ? verification : { ...verification, artifact: artifactBytes }),
  )
  if (requirements.signer.kind === 'certificate' && verified.certificate !== undefined)
    matchBundleIdentity(requirements.signer.identity, verified.certificate)
  const annotations = requireAnnotations(requirements.annotations, verified.statement, digest)
  return { verified, evidence: evidenceOf(verified, artifact, digest, key, annotations) }
}

async function fetchArtifact(repository: string, digest: Digest, run: VerificationRun): Promise<Uint8Array> {
  const manifest = await run.source.fetchManifest(repository, digest, run.signal)
  if (!('notFound' in manifest)) return manifest.bytes
  throw new AttestorError('ATTESTOR_IMAGE_NOT_FOUND', 'the manifest the signature is over is not in the registry', {
    upstreamText: manifest.upstreamText,
  })
}

function evidenceOf(
  verified: VerifiedBundle,
  artifact: Digest,
  signedDigest: Digest,
  key: BundleKey | undefined,
  annotations: ReadonlyMap<string, string>,
): Evidence {
  const { statement, times, logIndex } = verified
  return {
    format: 'sigstore-bundle',
    signedDigest,
    artifact,
    times,
    signer: signerOf(verified, key),
    ...(logIndex !== undefined && { logIndex: logIndex.toString() }),
    ...(statement && { predicateType: statement.type }),
    ...(annotations.size > 0 && { annotations: Object.fromEntries(annotations) }),
  }
}

function signerOf({ certificate }: VerifiedBundle, key: BundleKey | undefined): Signer {
  if (certificate !== undefined) return certificateSigner(certificate)
  if (key !== undefined) return keySigner(verificationKey(key.publicKey, key.hash))
  throw new AttestorError('ATTESTOR_SIGNATURE_INVALID', 'the bundle has no signer')
}
