import type { ExtractedImage } from '@verify-images/image-matcher'

/**
 * What upstream does with an image where we verify it: the same, a skip because its patterns do not match this spelling,
 * nothing because it does not find the image, or nothing because the object brings a record along.
 *
 * Where we refuse, that is our verdict. Where we accept, the answer is upstream's.
 */
export type UpstreamView = 'verifies' | 'skips' | 'overlooks' | 'trusts-record'

/** The row of docs/differences.md for an image that upstream does not look at. */
export function strictRow({ upstreamSees }: ExtractedImage): string {
  return upstreamSees ? 'S15' : 'S30'
}

/** The row for a refusal, undefined where upstream looks, too. */
export function strictRowOf(view: UpstreamView, image: ExtractedImage): string | undefined {
  switch (view) {
    case 'verifies':
      return undefined
    case 'trusts-record':
      return 'S3'
    case 'skips':
    case 'overlooks':
      return strictRow(image)
  }
}
