import { commonKindOf, extractImages, ImageError } from '@verify-images/image-matcher'
import type { GroupVersionKind } from '../match/match-request.ts'
import type { Settings } from '../settings.ts'
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
    const commonKinds = settings.extractors === 'common'
    const images = extractImages(object, undefined, { settings: settings.references, commonKinds })
    const image = images.find(({ pointer }) => !matchedImages.has(pointer))
    if (image !== undefined) return `no policy matches the image ${image.reference.reference} at ${image.pointer}`
    return images.length > 0 || matchedImages.size > 0 || mayBeEmpty(gvk, settings)
      ? undefined
      : `no policy matches the object, and the image fields of its kind are unknown or empty: ${nameOf(gvk)}`
  } catch (error) {
    if (!(error instanceof ImageError)) throw error
    return `no policy matches the object, and its images cannot be read: ${error.message}`
  }
}

/**
 * Returns whether objects of a kind need not name an image. The controller of a common kind may choose the image, or
 * another object (a TaskRun to its Task), which is admitted by itself.
 */
function mayBeEmpty(gvk: GroupVersionKind, { extractors, kindsWithoutImages }: Settings): boolean {
  return (
    runsNothing(gvk) ||
    kindsWithoutImages.has(nameOf(gvk)) ||
    (extractors === 'common' && commonKindOf(gvk.group, gvk.kind) !== undefined)
  )
}

function nameOf({ group, kind }: GroupVersionKind): string {
  return group === '' ? kind : `${kind}.${group}`
}

const STARTING: readonly Operation[] = ['CREATE', 'UPDATE']
