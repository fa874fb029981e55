import type { Failure } from '@verify-images/primitives'
import type { ArtifactSource, Reason } from '@verify-images/attestor-evaluator'
import type { ExtractedImage } from '@verify-images/image-matcher'
import { failureOfSource, requireManifest } from '../fault.ts'
import { imageSubject } from './image-subject.ts'
import type { JsonPatchOperation } from '../../request/json-patch.ts'

export type Pin =
  | { readonly kind: 'pinned'; readonly digest: string; readonly patch: JsonPatchOperation }
  | ({ readonly kind: 'unresolved' } & Unresolved)

interface Unresolved {
  readonly reason: Reason
  readonly cause: Failure
}

/**
 * Returns the patch that pins an image to the digest that was verified, else to the one its tag resolves to. A source
 * resolves a tag once, so both are the same manifest (S6).
 */
export async function pinDigest(
  { reference, pointer }: ExtractedImage,
  verified: string | undefined,
  source: ArtifactSource,
  signal: AbortSignal,
): Promise<Pin> {
  const resolved = verified === undefined ? await resolve(reference, source, signal) : { digest: verified }
  if ('reason' in resolved) return { kind: 'unresolved', ...resolved }
  const { digest } = resolved
  return { kind: 'pinned', digest, patch: { op: 'replace', path: pointer, value: `${reference.reference}@${digest}` } }
}

async function resolve(
  reference: ExtractedImage['reference'],
  source: ArtifactSource,
  signal: AbortSignal,
): Promise<{ readonly digest: string } | Unresolved> {
  const { repository, tag = 'latest' } = imageSubject(reference)
  try {
    const { digest } = requireManifest(await source.fetchManifest(repository, tag, signal))
    return { digest }
  } catch (error) {
    const cause = failureOfSource(error, 'VERIFIER_DIGEST_UNRESOLVED')
    const { code, message } = cause.reason
    return {
      reason: { code, message: `cannot resolve tag \`${tag}\`: ${message}`, image: reference.reference },
      cause,
    }
  }
}
