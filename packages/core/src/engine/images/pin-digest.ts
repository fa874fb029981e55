import type { ReasonCode } from '@verify-images/primitives'
import type { ArtifactSource, Reason } from '@verify-images/attestor-evaluator'
import type { ExtractedImage } from '@verify-images/image-matcher'
import { readFault } from '../fault.ts'
import { imageSubject } from './image-subject.ts'
import type { JsonPatchOperation } from '../../request/json-patch.ts'

export type Pin =
  | { readonly kind: 'pinned'; readonly digest: string; readonly patch: JsonPatchOperation }
  | ({ readonly kind: 'unresolved' } & Unresolved)

interface Unresolved {
  readonly reason: Reason
  /** What the registry's client says, in Kyverno's words where it has them. */
  readonly cause: string
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
  const failure = (code: ReasonCode, cause: string): Unresolved => ({
    reason: { code, message: `cannot resolve tag \`${tag}\`: ${cause}`, image: reference.reference },
    cause,
  })
  try {
    const manifest = await source.fetchManifest(repository, tag, signal)
    return 'notFound' in manifest ? failure('REGISTRY_NOT_FOUND', manifest.upstreamText) : { digest: manifest.digest }
  } catch (error) {
    const { code, text } = readFault(error, 'VERIFIER_DIGEST_UNRESOLVED')
    return failure(code, text)
  }
}
