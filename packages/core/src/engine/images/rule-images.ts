import type { Reason } from '@verify-images/attestor-evaluator'
import { search } from '@verify-images/condition-engine'
import {
  compileImagePatterns,
  extractImages,
  ImageError,
  matchImage,
  type ExtractedImage,
} from '@verify-images/image-matcher'
import { effectiveEntry, type ImageVerification, type Rule } from '@verify-images/policy-parser'
import { yieldIfDue, type JsonObject } from '@verify-images/primitives'
import type { Evaluation } from '../evaluation.ts'
import { LIMITS } from '../../limits.ts'

/** An image that a rule matches. */
export interface RuleImage {
  readonly image: ExtractedImage
  /** Whether Kyverno matches it, too. */
  readonly seenByKyverno: boolean
}

export interface RuleImages {
  /** Every image of the object, in document order. */
  readonly all: readonly ExtractedImage[]
  /** The images that some entry matches. One that Kyverno matches is repeated for each such entry, as in Kyverno. */
  readonly matched: readonly RuleImage[]
}

/**
 * Returns the images of an object, and which of them the rule matches.
 *
 * An image that cannot be read fails the rule. Kyverno then sees no images at all, so that one malformed reference
 * would switch the rule off for the containers beside it (S1).
 */
export async function imagesOfRule(
  evaluation: Evaluation,
  rule: Rule,
  object: JsonObject,
): Promise<RuleImages | { readonly failure: Reason }> {
  const { settings } = evaluation
  const found =
    rule.imageExtractors === undefined ? ordinaryImages(evaluation, object) : extract(evaluation, rule, object)
  if ('failure' in found) return found
  const { all } = found
  if (all.length === 0) return { all, matched: [] }
  const matchers = (rule.verifyImages ?? []).map((entry) =>
    entryMatcher(effectiveEntry(entry), settings.compatibility.matchOneSpellingOnly),
  )
  const matched: RuleImage[] = []
  for (const image of all) {
    // Without the signal: after the deadline the validating phase still finds what was not verified.
    await yieldIfDue()
    matched.push(...matchedBy(matchers, image))
  }
  return { all, matched }
}

/** The images of an object, or why they cannot be read. */
export type FoundImages = { readonly all: readonly ExtractedImage[] } | { readonly failure: Reason }

/** Returns the images in the usual places, which are the same for all rules: an object is searched once. */
function ordinaryImages(evaluation: Evaluation, object: JsonObject): FoundImages {
  const known = evaluation.ordinaryImages.get(object) ?? extract(evaluation, {}, object)
  evaluation.ordinaryImages.set(object, known)
  return known
}

function extract(
  { settings, engine }: Evaluation,
  { imageExtractors }: Pick<Rule, 'imageExtractors'>,
  object: JsonObject,
): FoundImages {
  let all: readonly ExtractedImage[]
  try {
    all = extractImages(object, imageExtractors, {
      settings: settings.references,
      commonKinds: settings.extractors === 'common',
      evaluate: (expression, text) => search(expression, text, engine),
    })
  } catch (error) {
    if (!(error instanceof ImageError)) throw error
    return { failure: { code: error.code, message: error.message, difference: 'S1' } }
  }
  if (all.length > LIMITS.images)
    return {
      failure: {
        code: 'VERIFIER_TOO_MANY_IMAGES',
        message: `the object has ${String(all.length)} images, more than ${String(LIMITS.images)}`,
      },
    }
  return { all }
}

function matchedBy(matchers: readonly EntryMatcher[], image: ExtractedImage): readonly RuleImage[] {
  const matches = matchers.map((match) => match(image))
  const repeated = matches.filter(({ kyverno }) => kyverno).length
  if (repeated === 0) return matches.some(({ ours }) => ours) ? [{ image, seenByKyverno: false }] : []
  const matched = { image, seenByKyverno: true }
  return Array.from({ length: repeated }, () => matched)
}

/** Whether an entry matches an image. What Kyverno matches we match, too. */
export interface EntryMatch {
  readonly ours: boolean
  readonly kyverno: boolean
}

export type EntryMatcher = (image: ExtractedImage) => EntryMatch

/** Compiles the patterns of one entry, once for all images. */
export function entryMatcher({ imageReferences = [] }: ImageVerification, oneFormOnly: boolean): EntryMatcher {
  const patterns = compileImagePatterns(imageReferences)
  return ({ reference, seenByKyverno }) => {
    const { matches, kyvernoMatches } = matchImage(patterns, reference)
    return { ours: oneFormOnly ? kyvernoMatches : matches, kyverno: kyvernoMatches && seenByKyverno }
  }
}

/**
 * Returns the row of docs/differences.md for an image that Kyverno does not check: in a place or a form that it
 * ignores.
 */
export function differenceOf({ seenByKyverno }: ExtractedImage): 'S15' | 'S30' {
  return seenByKyverno ? 'S15' : 'S30'
}
