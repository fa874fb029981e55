import { extractImages, ImageError } from '@verify-images/image-matcher'
import type { Evaluation } from './evaluation.ts'
import { runsNothing } from './idle-kinds.ts'
import type { Operation } from '../request/admission-request.ts'

/**
 * Returns the denial of an object that no policy matches, or one of whose images none matches; undefined if it is
 * admitted.
 *
 * An object of a kind whose image fields are unknown counts as one with images. Deleting an object, or connecting to
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
    if (image !== undefined) return `no policy matches the image ${image.reference.reference} at ${image.pointer}`
    return images.length > 0 || matchedImages.size > 0 || runsNothing(gvk)
      ? undefined
      : `no policy matches the object, and the image fields of its kind are unknown or empty: ${gvk.kind}${gvk.group === '' ? '' : `.${gvk.group}`}`
  } catch (error) {
    if (!(error instanceof ImageError)) throw error
    return `no policy matches the object, and its images cannot be read: ${error.message}`
  }
}

const STARTING: readonly Operation[] = ['CREATE', 'UPDATE']
