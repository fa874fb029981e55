import type { Reason } from '@verify-images/attestor-evaluator'
import { search } from '@verify-images/condition-engine'
import {
  compileImagePatterns,
  extractImages,
  ImageError,
  matchImage,
  type ExtractedImage,
} from '@verify-images/image-matcher'
import { effectiveEntry, type ImageVerification, type JsonObject, type Rule } from '@verify-images/policy-parser'
import type { Evaluation } from '../evaluation.ts'
import { LIMITS } from '../../limits.ts'

/** An image that a rule is about. */
export interface Candidate {
  readonly image: ExtractedImage
  /** Whether upstream would have found it. */
  readonly seen: boolean
}

export interface RuleImages {
  /** Every image of the object, in document order. */
  readonly all: readonly ExtractedImage[]
  /** The images that some entry names, once per entry that does: upstream repeats them so. */
  readonly candidates: readonly Candidate[]
}

/**
 * The images of an object that a rule is about.
 *
 * What cannot be read is a failure of the rule, not an object without images: one malformed name must not switch the
 * rule off for the containers beside it (S1).
 */
export function imagesOfRule(
  { settings, engine }: Evaluation,
  rule: Rule,
  object: JsonObject,
): RuleImages | { readonly failure: Reason } {
  let all: readonly ExtractedImage[]
  try {
    all = extractImages(object, rule.imageExtractors, {
      settings: settings.references,
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
  if (all.length === 0) return { all, candidates: [] }
  const matchers = (rule.verifyImages ?? []).map((entry) =>
    entryMatcher(effectiveEntry(entry), settings.compatibility.matchOneSpellingOnly),
  )
  return { all, candidates: all.flatMap((image) => candidatesOf(image, matchers)) }
}

function candidatesOf(image: ExtractedImage, matchers: readonly EntryMatcher[]): readonly Candidate[] {
  const matches = matchers.map((match) => match(image))
  const seen = matches.filter(({ upstream }) => upstream).length
  // Where upstream finds the image, it is repeated as upstream repeats it; every entry is asked anyway.
  const candidate = { image, seen: seen > 0 }
  if (seen > 0) return Array.from({ length: seen }, () => candidate)
  return matches.some(({ concerns }) => concerns) ? [candidate] : []
}

export interface EntryMatch {
  /** Whether the entry is about the image. */
  readonly concerns: boolean
  /** Whether it is to upstream: an image has other spellings, and stands in other places, than upstream looks at (S15, S30). */
  readonly upstream: boolean
}

export type EntryMatcher = (image: ExtractedImage) => EntryMatch

/** The patterns of one entry, compiled once for all images. */
export function entryMatcher({ imageReferences = [] }: ImageVerification, oneSpellingOnly: boolean): EntryMatcher {
  const patterns = compileImagePatterns(imageReferences)
  return ({ reference, upstreamSees }) => {
    const { matches, upstreamMatches } = matchImage(patterns, reference)
    return { concerns: oneSpellingOnly ? upstreamMatches : matches, upstream: upstreamMatches && upstreamSees }
  }
}
