import type { RegexMatch } from './regex.ts'

const REFERENCE = /\$(?:\$|\{([\p{L}\p{Nd}_]+)\}|([\p{L}\p{Nd}_]+))/gu

/**
 * Expands `$1`, `${1}`, `$name` and `${name}` in a replacement; `$$` is a dollar.
 *
 * A name is as long as possible: `$1x` is the group `1x`, which does not exist and so is empty. A dollar that begins
 * no reference stands for itself.
 *
 * @see Go, package regexp: Regexp.Expand
 */
export function expandTemplate(template: string, match: RegexMatch): string {
  return template.replace(REFERENCE, (whole, braced: string | undefined, bare: string | undefined) =>
    whole === '$$' ? '$' : match.group(braced ?? bare ?? ''),
  )
}
