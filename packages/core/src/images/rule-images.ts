import type { Reason } from '@verify-images/attestor-evaluator'
import { search } from '@verify-images/condition-engine'
import { compileImagePatterns, extractImages, ImageError, matchesImage, type ExtractedImage } from '@verify-images/image-matcher'
import { effectiveEntry, type ImageVerification, type JsonObject, type Rule } from '@verify-images/policy-parser'
import type { Evaluation } from '../evaluation.ts'
import { LIMITS } from '../limits.ts'

export interface RuleImages {
  /** Every image of the object, in document order. */
  readonly all: readonly ExtractedImage[]
  /** The images that some entry names, once per entry that does: upstream repeats them so. */
  readonly candidates: readonly ExtractedImage[]
  /** Those among them that upstream's patterns would not match. */
  readonly unseen: readonly ExtractedImage[]
}

/**
 * The images of an object that a rule is about.
 *
 * What cannot be read is a failure of the rule, not an object without images: one malformed name must not switch the
 * rule off for the containers beside it (S1).
 */
export function imagesOfRule({ settings, engine }: Evaluation, rule: Rule, object: JsonObject): RuleImages | { readonly failure: Reason } {
  let all: readonly ExtractedImage[]
  try {
    all = extractImages(object, rule.imageExtractors, { settings: settings.references, evaluate: (expression, text) => search(expression, text, engine) })
  } catch (error) {
    if (!(error instanceof ImageError)) throw error
    return { failure: { code: error.code, message: error.message, stricter: 'S1' } }
  }
  if (all.length > LIMITS.images) return { failure: { code: 'VERIFIER_TOO_MANY_IMAGES', message: `the object has ${String(all.length)} images, more than ${String(LIMITS.images)}` } }
  const entries = (rule.verifyImages ?? []).map(effectiveEntry)
  const candidates = all.flatMap((image) => entries.filter((entry) => concerns(entry, image, settings.readings.matchOneSpellingOnly)).map(() => image))
  return { all, candidates, unseen: candidates.filter((image) => !entries.some((entry) => concerns(entry, image, true))) }
}

/** Whether an entry names an image. */
export function concerns({ imageReferences = [] }: ImageVerification, image: ExtractedImage, oneSpellingOnly: boolean): boolean {
  return matchesImage(compileImagePatterns(imageReferences), image.reference, { reading: oneSpellingOnly ? 'upstream' : 'strict' })
}
