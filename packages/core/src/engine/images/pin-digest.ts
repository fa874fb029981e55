import type { ArtifactSource, Reason } from '@verify-images/attestor-evaluator'
import type { ExtractedImage } from '@verify-images/image-matcher'
import { readFault } from '../fault.ts'
import { imageSubject } from './image-subject.ts'
import type { JsonPatchOperation } from '../../request/json-patch.ts'

export type Pin = { readonly digest: string; readonly patch: JsonPatchOperation } | { readonly failure: Reason }

/**
 * The patch that pins an image to a digest: the one that was verified, else the one its tag stands for. A source reads
 * a tag once, so both are the same manifest (S6).
 */
export async function pinDigest(
  { reference, pointer }: ExtractedImage,
  verified: string | undefined,
  source: ArtifactSource,
  signal: AbortSignal,
): Promise<Pin> {
  const resolved = verified === undefined ? await resolve(reference, source, signal) : { digest: verified }
  if ('failure' in resolved) return resolved
  const { digest } = resolved
  return { digest, patch: { op: 'replace', path: pointer, value: `${reference.reference}@${digest}` } }
}

async function resolve(
  reference: ExtractedImage['reference'],
  source: ArtifactSource,
  signal: AbortSignal,
): Promise<{ readonly digest: string } | { readonly failure: Reason }> {
  const { repository, tag = 'latest' } = imageSubject(reference)
  const failure = (code: string, text: string): { readonly failure: Reason } => ({
    failure: {
      code,
      message: `failed to fetch image reference: ${reference.reference}, error: ${text}`,
      image: reference.reference,
    },
  })
  try {
    const manifest = await source.fetchManifest(repository, tag, signal)
    return 'notFound' in manifest ? failure('REGISTRY_NOT_FOUND', manifest.upstreamText) : { digest: manifest.digest }
  } catch (error) {
    const { code, text } = readFault(error, 'VERIFIER_DIGEST_UNRESOLVED')
    return failure(code, text)
  }
}
