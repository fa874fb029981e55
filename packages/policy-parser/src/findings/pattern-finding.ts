/** Everything before the last slash is registry or path; behind it, what stands before a tag, a digest or a wildcard. */
const NAME = /^(?:.*\/)?[^:@*?]*/s
const VARIABLE = /\{\{|\$\(/

/**
 * Why a pattern of images matches none, or hardly any: then a rule with a typing error protects nothing without a word.
 *
 * References are compared in their whole form, `registry/path:tag` or `registry/path@digest`.
 *
 * @see distribution/reference, the grammar in reference.go
 */
export function patternFinding(pattern: string): string | undefined {
  if (VARIABLE.test(pattern)) return undefined
  const name = NAME.exec(pattern)?.[0] ?? ''
  if (/^[a-z][a-z\d+.-]*:\/\//i.test(pattern))
    return 'matches no image, because none is written with a scheme: leave it out'
  if (/[\\^$()|+]|[^*]\[|(?:^|[/:@])\./.test(pattern))
    return 'matches no image, because it is read as no regular expression: `*` stands for any text, `?` for one character'
  if (/[^\w.:/@[\]*?-]/.test(pattern))
    return 'matches no image, because it has a space or another character that no image reference has'
  if (name === pattern) return 'matches no image, because each has a tag or a digest: write `:*` or `*` behind it'
  return /[A-Z]/.test(name)
    ? 'has capital letters, which no path of an image has; a registry matches only where images are written with the same ones'
    : undefined
}
