/** Nesting of a JSON document, in levels. SBOMs have about ten; Go's reader stops at 10 000. */
export const MAX_JSON_DEPTH = 200
/**
 * Tokens of a JSON document of few members. A `.sig` manifest of 1000 signatures with all annotations has about 25 000.
 */
export const MAX_JSON_TOKENS = 100_000
