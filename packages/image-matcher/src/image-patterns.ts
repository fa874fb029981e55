import { matchWildcard } from '@verify-images/primitives'
import { ImageError } from './image-error.ts'
import type { ImageReference } from './image-reference.ts'
import { LIMITS } from './limits.ts'
import { equivalentRepositories } from './equivalent-repositories.ts'
import { matchesSomeTag } from './unknown-tag.ts'

/** `strict` matches all equivalent references of an image; `kyverno` matches only the canonical one. */
export type ImageCompatibility = 'strict' | 'kyverno'

/** Validated patterns, returned by {@link compileImagePatterns}. */
export interface ImagePatterns {
  readonly texts: readonly string[]
}

export interface ImageMatch {
  readonly matches: boolean
  /** Whether Kyverno matches the image. If only `matches` is true, Kyverno would not verify it. */
  readonly kyvernoMatches: boolean
}

/**
 * Compiles the patterns of `imageReferences` or `skipImageReferences`: `*` matches any string, `?` one character.
 *
 * No defaults are added to a pattern: `nginx` has no registry and no tag, so it does not match `nginx:latest`.
 *
 * @throws ImageError IMAGE_PATTERN_INVALID
 */
export function compileImagePatterns(texts: readonly string[]): ImagePatterns {
  // A string is iterable: its characters would become patterns, `*` among them.
  if (!Array.isArray(texts))
    throw new ImageError('IMAGE_PATTERN_INVALID', 'image patterns: expected an array of strings')
  for (const text of texts) {
    if (typeof text !== 'string') throw new ImageError('IMAGE_PATTERN_INVALID', 'image pattern: expected a string')
    if (text.length > LIMITS.patternCharacters) {
      throw new ImageError(
        'IMAGE_PATTERN_INVALID',
        `image pattern: expected at most ${String(LIMITS.patternCharacters)} characters, got ${String(text.length)}`,
      )
    }
  }
  return { texts: [...texts] }
}

/**
 * Returns whether a rule with these `imageReferences` matches the image.
 *
 * `strict` matches all that Kyverno matches, and more: a pattern for one name of a repository matches its
 * equivalents, and a pattern for tags matches digests, since any tag may point to the digest.
 */
export function matchesImage(
  patterns: ImagePatterns,
  reference: ImageReference,
  { compatibility = 'strict' }: { readonly compatibility?: ImageCompatibility } = {},
): boolean {
  return (
    matchesCanonical(patterns, reference) || (compatibility !== 'kyverno' && matchesEquivalent(patterns, reference))
  )
}

/** Returns the result of {@link matchesImage} both with `strict` and with `kyverno`. */
export function matchImage(patterns: ImagePatterns, reference: ImageReference): ImageMatch {
  const kyvernoMatches = matchesCanonical(patterns, reference)
  return { matches: kyvernoMatches || matchesEquivalent(patterns, reference), kyvernoMatches }
}

/**
 * Returns whether `skipImageReferences` exempt the image.
 *
 * Always matches as Kyverno does: matching equivalent references would exempt more images than the policy states.
 */
export function skipsImage(patterns: ImagePatterns, reference: ImageReference): boolean {
  return matchesCanonical(patterns, reference)
}

/** Returns whether a pattern matches. An unparsed reference throws instead of matching no pattern. */
function matchesCanonical(patterns: ImagePatterns, reference: ImageReference): boolean {
  if (!Array.isArray(patterns?.texts))
    throw new ImageError('IMAGE_PATTERN_INVALID', 'image patterns: expected the result of compileImagePatterns')
  if (typeof reference?.canonical !== 'string')
    throw new ImageError('IMAGE_REFERENCE_INVALID', 'image reference: expected the result of parseImageReference')
  const { texts } = patterns
  const { canonical } = reference
  return texts.some((text) => matchWildcard(text, canonical))
}

function matchesEquivalent({ texts }: ImagePatterns, reference: ImageReference): boolean {
  const { tag, digest } = reference
  return equivalentRepositories(reference).some((repository) =>
    texts.some((text) =>
      digest === ''
        ? matchWildcard(text, `${repository}:${tag}`)
        : matchWildcard(text, `${repository}@${digest}`) ||
          matchesSomeTag(text, repository, '') ||
          matchesSomeTag(text, repository, `@${digest}`),
    ),
  )
}
