import { matchWildcard } from '@verify-images/primitives'
import { ImageError } from './image-error.ts'
import type { ImageReference } from './image-reference.ts'
import { LIMITS } from './limits.ts'
import { repositorySpellings } from './repository-spellings.ts'
import { matchesSomeTag } from './unknown-tag.ts'

/** `strict` follows an image through all its spellings; `upstream` looks at the canonical text alone. */
export type Reading = 'strict' | 'upstream'

/** Checked patterns; made by {@link compileImagePatterns}. */
export interface ImagePatterns {
  readonly texts: readonly string[]
}

export interface ImageMatch {
  readonly matches: boolean
  /** Whether Kyverno would have matched; if not, and `matches` is true, Kyverno would not have looked at the image. */
  readonly upstreamMatches: boolean
}

/**
 * The patterns of `imageReferences` or `skipImageReferences`, where `*` stands for anything and `?` for one character.
 *
 * Patterns are not completed: `nginx` names no registry and no tag, and so is not the pattern of `nginx:latest`.
 *
 * @throws ImageError IMAGE_PATTERN_INVALID
 */
export function compileImagePatterns(texts: readonly string[]): ImagePatterns {
  // A text is a list of its letters to a loop, and `*` among them would be a pattern.
  if (!Array.isArray(texts)) throw new ImageError('IMAGE_PATTERN_INVALID', 'image patterns must be a list of texts')
  for (const text of texts) {
    if (typeof text !== 'string') throw new ImageError('IMAGE_PATTERN_INVALID', 'an image pattern must be a text')
    if (text.length > LIMITS.patternCharacters) {
      throw new ImageError(
        'IMAGE_PATTERN_INVALID',
        `an image pattern of ${String(text.length)} characters is longer than ${String(LIMITS.patternCharacters)}`,
      )
    }
  }
  return { texts: [...texts] }
}

/**
 * Whether a rule with these `imageReferences` is about the image.
 *
 * The strict reading may say yes where Kyverno says no, never the reverse: a rule for one spelling of a repository holds
 * for the others, and one for tags holds for digests, which may be what any tag stands for.
 */
export function matchesImage(
  patterns: ImagePatterns,
  reference: ImageReference,
  { reading = 'strict' }: { readonly reading?: Reading } = {},
): boolean {
  return matchesCanonical(patterns, reference) || (reading !== 'upstream' && matchesOtherForm(patterns, reference))
}

/** {@link matchesImage} in both readings. */
export function matchImage(patterns: ImagePatterns, reference: ImageReference): ImageMatch {
  const upstreamMatches = matchesCanonical(patterns, reference)
  return { matches: upstreamMatches || matchesOtherForm(patterns, reference), upstreamMatches }
}

/**
 * Whether `skipImageReferences` exempt the image.
 *
 * There is one reading only, Kyverno's: to follow other spellings would exempt more images than the author of the policy
 * was told.
 */
export function skipsImage(patterns: ImagePatterns, reference: ImageReference): boolean {
  return matchesCanonical(patterns, reference)
}

/** All matching comes through here, so that what is no reference is no image that nothing matches. */
function matchesCanonical(patterns: ImagePatterns, reference: ImageReference): boolean {
  if (!Array.isArray(patterns?.texts))
    throw new ImageError('IMAGE_PATTERN_INVALID', 'image patterns must be compiled by compileImagePatterns')
  if (typeof reference?.canonical !== 'string')
    throw new ImageError('IMAGE_REFERENCE_INVALID', 'an image reference must be parsed by parseImageReference')
  const { texts } = patterns
  const { canonical } = reference
  return texts.some((text) => matchWildcard(text, canonical))
}

function matchesOtherForm({ texts }: ImagePatterns, reference: ImageReference): boolean {
  const { tag, digest } = reference
  return repositorySpellings(reference).some((repository) =>
    texts.some((text) =>
      digest === ''
        ? matchWildcard(text, `${repository}:${tag}`)
        : matchWildcard(text, `${repository}@${digest}`) ||
          matchesSomeTag(text, repository, '') ||
          matchesSomeTag(text, repository, `@${digest}`),
    ),
  )
}
