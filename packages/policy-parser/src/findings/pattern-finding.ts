/**
 * Everything before the last slash is registry or path; behind it, what stands before a tag, a digest or a wildcard.
 */
const NAME = /^(?:.*\/)?[^:@*?]*/s
const VARIABLE = /\{\{|\$\(/

/**
 * Returns why an image pattern matches no image, or hardly any: such a rule would silently verify nothing.
 *
 * References are compared in their whole form, `registry/path:tag` or `registry/path@digest`.
 *
 * @see distribution/reference, the grammar in reference.go
 */
export function patternFinding(pattern: string): string | undefined {
  if (VARIABLE.test(pattern)) return undefined
  const name = NAME.exec(pattern)?.[0] ?? ''
  if (/^[a-z][a-z\d+.-]*:\/\//i.test(pattern)) return 'matches no image: references have no scheme; remove it'
  if (/[\\^$()|+]|[^*]\[|(?:^|[/:@])\./.test(pattern))
    return 'matches no image: patterns are not regular expressions; use `*` for any text and `?` for one character'
  if (/[^\w.:/@[\]*?-]/.test(pattern))
    return 'matches no image: it has a space or another character that no reference has'
  if (name === pattern) return 'matches no image: every reference has a tag or a digest; append `:*` or `*`'
  return /[A-Z]/.test(name)
    ? 'has upper case: repository paths have none, and a registry matches only if images spell it the same way'
    : undefined
}
