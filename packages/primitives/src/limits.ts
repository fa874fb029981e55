/** Nesting of a JSON document, in levels. SBOMs have about ten; Go's reader stops at 10 000. */
export const MAX_JSON_DEPTH = 200
