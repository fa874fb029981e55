import { extractImages, ImageError } from '@verify-images/image-matcher'
import type { Evaluation } from './evaluation.ts'
import { runsNothing } from './idle-kinds.ts'
import type { Operation } from '../request/admission-request.ts'

/**
 * Why an object is refused because no policy is about it, or about something of it; undefined where it is not, or where
 * that is no reason.
 *
 * An image counts, and so does an object in which images may be where nobody knows. What deletes an object, or connects to
 * it, starts nothing.
 */
export function unmatchedDenial({
  request: { operation, object, gvk },
  settings,
  matchedImages,
}: Evaluation): string | undefined {
  if (settings.unmatched === 'admit' || object === undefined || !STARTING.includes(operation)) return undefined
  try {
    const images = extractImages(object, undefined, { settings: settings.references })
    const image = images.find(({ pointer }) => !matchedImages.has(pointer))
    if (image !== undefined) return `no policy concerns the image ${image.reference.reference} at ${image.pointer}`
    return images.length > 0 || matchedImages.size > 0 || runsNothing(gvk)
      ? undefined
      : 'no policy concerns the object, and nobody knows which images it has'
  } catch (error) {
    if (!(error instanceof ImageError)) throw error
    return `no policy concerns the object, and its images cannot be read: ${error.message}`
  }
}

const STARTING: readonly Operation[] = ['CREATE', 'UPDATE']
