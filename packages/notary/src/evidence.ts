import { certificateSigner } from '@verify-images/attestor-evaluator'
import type { Evidence } from '@verify-images/attestor-evaluator'
import type { Digest } from '@verify-images/primitives'
import type { VerifiedArtifact } from './artifact/verify-artifact.ts'

/** Who signed an artifact, when, and how that was held against the policy. */
export function evidenceOf(
  { verified, signature }: VerifiedArtifact,
  signedDigest: Digest,
  predicateType?: string,
): Evidence {
  const { format, signer, time, notary } = verified
  return {
    format: `notary-${format}`,
    signedDigest,
    artifact: signature,
    signer: certificateSigner(signer),
    times: time ? [{ source: time.source, at: time.at.toISOString() }] : [],
    ...(predicateType !== undefined && { predicateType }),
    ...(Object.keys(notary.userMetadata).length > 0 && { annotations: notary.userMetadata }),
    notary,
  }
}
