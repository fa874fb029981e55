import { CheckError, type Digest, during, payloadsInMemory, yieldIfDue } from '@verify-images/primitives'
import { certificateSigner, keySigner } from '../identity/signer.ts'
import { resolveKey } from '../keys/resolve-key.ts'
import { verificationKey } from '../keys/verification-key.ts'
import type { Evidence, Reason, Signer } from '../outcome.ts'
import { resolveStoredImage } from '../resolve-image.ts'
import { workFor } from '../work.ts'
import type { SignatureRequest, Statement, VerificationRun } from '../signature-verifier.ts'
import { unreadableStatement } from '../unreadable-statement.ts'
import { staleTrust } from '../sigstore/trust-material.ts'
import { requireAnnotations } from './statement.ts'
import { requireBundleIdentity } from './bundle-identity.ts'
import { rejectedBundle, type RejectedBundle } from './bundle-outcome.ts'
import { type BundleRequirements, bundleRequirements } from './bundle-requirements.ts'
import { bundleTrust } from './bundle-trust.ts'
import { findBundles, type FetchedBundle, type FoundBundles } from './find-bundles.ts'
import { type BundleKey, type BundleVerification, readBundleStatement, type VerifiedBundle } from './verify-bundle.ts'
import { verifyBundleOnce } from './verify-bundle-once.ts'

export interface BundleCheckOptions {
  /** How many distinct transparency logs must have a bundle where the policy requires a log; default: 1. */
  readonly requiredLogs?: number | undefined
  /** Accepts certificates without an SCT. Kyverno never checks SCTs of bundles. */
  readonly acceptCertificatesWithoutSct?: boolean | undefined
  /** Accepts Ed25519ph signatures of a policy's key, as cosign 3 makes them. Kyverno refuses them. */
  readonly acceptPrehashedEd25519?: boolean | undefined
}

/** What the check of one attestor needs, prepared once. */
export interface BundleCheck {
  readonly digest: Digest
  readonly found: FoundBundles
  readonly requirements: BundleRequirements
  readonly verification: BundleVerification
  /** Reasons that may explain a failure. */
  readonly notes: readonly Reason[]
}

/**
 * Reads the policy, lists the bundles, then loads key and trust: Kyverno's order.
 *
 * @throws CheckError
 */
export async function prepareBundleCheck(
  { image, attestor }: SignatureRequest,
  wanted: (predicateType: string) => boolean,
  run: VerificationRun,
  options: BundleCheckOptions,
): Promise<BundleCheck> {
  const requirements = bundleRequirements(attestor)
  const { digest, found } = await during({ kind: 'attestor-list-bundles', image: image.reference }, async () => {
    // Kyverno asks for a given digest too: referrers can outlive their image. A digest that a tag gave has been read
    // already.
    const resolved = await resolveStoredImage(image, run)
    const repository = attestor.repository ?? image.repository
    return { digest: resolved, found: await findBundles(repository, resolved, wanted, run) }
  })
  const { key, trust } = await during({ kind: 'attestor-load-bundle-trust', image: image.reference }, async () => ({
    key: await resolveBundleKey(requirements, run, options),
    trust: await bundleTrust(attestor, requirements, run),
  }))
  const verification: BundleVerification = {
    digest,
    trust,
    now: run.now,
    work: workFor(image, run),
    ...(key && { key }),
    requiredLogs: requirements.logRequired ? (options.requiredLogs ?? 1) : 0,
    observedTimeRequired: requirements.observedTimeRequired,
    timestampRequired: requirements.timestampRequired,
    sctRequired: requirements.sctRequired && options.acceptCertificatesWithoutSct !== true,
  }
  const notes = staleTrust(trust, run.now).map((message) => ({ code: 'ATTESTOR_TRUST_UNAVAILABLE' as const, message }))
  return { digest, found, requirements, verification, notes }
}

async function resolveBundleKey(
  { signer }: BundleRequirements,
  run: VerificationRun,
  options: BundleCheckOptions,
): Promise<BundleKey | undefined> {
  if (signer.kind !== 'key') return undefined
  const publicKey = await resolveKey(signer.material, run.keys, run.signal)
  return { publicKey, hash: signer.hash, acceptPrehashed: options.acceptPrehashedEd25519 === true }
}

export interface AcceptedBundle {
  readonly verified: VerifiedBundle
  /** Absent for a signature over the image's manifest itself. */
  readonly statement?: Statement
  readonly evidence: Evidence
}

/** Yields every referrer in the registry's order: accepted for the attestor, or rejected with its failure. */
export async function* verifyBundles(
  check: BundleCheck,
  request: SignatureRequest,
  run: VerificationRun,
): AsyncGenerator<AcceptedBundle | RejectedBundle> {
  for await (const found of check.found.bundles) {
    await yieldIfDue(run.signal)
    if ('error' in found) {
      yield rejectedBundle(found.error, 'fetching', found.artifact, request, run.signal)
      continue
    }
    try {
      yield await verifyOne(found, check, request, run)
    } catch (error) {
      yield rejectedBundle(error, 'verifying', found.artifact, request, run.signal)
    }
  }
}

async function verifyOne(
  { bundle, artifact, content }: FetchedBundle,
  { digest, found, requirements, verification }: BundleCheck,
  { image, attestor }: SignatureRequest,
  run: VerificationRun,
): Promise<AcceptedBundle> {
  const { key } = verification
  const { name, verified } = await verifyBundleOnce(
    { bundle, artifact, content },
    verification,
    { image, attestor },
    run,
  )
  if (requirements.signer.kind === 'certificate' && verified.certificate !== undefined)
    requireBundleIdentity(requirements.signer.identity, verified.certificate)
  const statement = await run.memo.once(`${name} statement`, () =>
    readBundleStatement(bundle.content, digest, run.payloads ?? payloadsInMemory).catch((error: unknown) => {
      throw unreadableStatement(error)
    }),
  )
  const annotations = requireAnnotations(requirements.annotations, statement, digest)
  const evidence = evidenceOf(verified, statement, artifact, digest, key, annotations)
  return {
    verified,
    ...(statement && { statement }),
    evidence: {
      ...evidence,
      ...(found.source === 'fallback-tag' && { listedAt: found.source }),
      ...(verification.trust.origin && { trustRoot: verification.trust.origin }),
    },
  }
}

function evidenceOf(
  verified: VerifiedBundle,
  statement: Statement | undefined,
  artifact: Digest,
  signedDigest: Digest,
  key: BundleKey | undefined,
  annotations: ReadonlyMap<string, string>,
): Evidence {
  const { times, logIndex } = verified
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
  throw new CheckError('ATTESTOR_SIGNATURE_INVALID', 'the bundle has no signer')
}
