import type { ImageSubject } from '@verify-images/attestor-evaluator'
import type { ImageReference } from '@verify-images/image-matcher'
import type { Digest } from '@verify-images/primitives'

/** The image as verifiers ask the registry for it: a digest in the reference wins, its tag is not even looked at. */
export function imageSubject({ reference, registry, path, tag, digest }: ImageReference): ImageSubject {
  return {
    reference,
    repository: repositoryOf({ registry, path }),
    ...(digest === '' ? { tag } : { digest: digest as Digest }),
  }
}

/** `registry/path@digest`: how an image is named in the record of what was verified. */
export function digestForm(reference: Pick<ImageReference, 'registry' | 'path'>, digest: string): string {
  return `${repositoryOf(reference)}@${digest}`
}

/** `host[:port]/path`; without the default registry where that is not written into references. */
export function repositoryOf({ registry, path }: Pick<ImageReference, 'registry' | 'path'>): string {
  return registry === '' ? path : `${registry}/${path}`
}
