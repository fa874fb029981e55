import type { ImageSubject } from '@verify-images/attestor-evaluator'
import type { ImageReference } from '@verify-images/image-matcher'
import { parseDigest } from '@verify-images/primitives'

/** Returns the image as verifiers fetch it. A digest in the reference wins; its tag is ignored. */
export function imageSubject({ reference, registry, path, tag, digest }: ImageReference): ImageSubject {
  return {
    reference,
    repository: repositoryOf({ registry, path }),
    ...(digest === '' ? { tag } : { digest: parseDigest(digest) }),
  }
}

/** Returns `registry/path@digest`, the name of a pinned image in the verification record. */
export function digestForm(reference: Pick<ImageReference, 'registry' | 'path'>, digest: string): string {
  return `${repositoryOf(reference)}@${digest}`
}

/** Returns `host[:port]/path`, without the default registry where that is not written into references. */
export function repositoryOf({ registry, path }: Pick<ImageReference, 'registry' | 'path'>): string {
  return registry === '' ? path : `${registry}/${path}`
}
