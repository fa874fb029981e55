import { float32Text, matchWildcard } from '@verify-images/primitives'
import { evaluationError } from '../expression/evaluation.ts'
import type { Evaluation } from '../expression/evaluation.ts'
import { define, functionError } from './function-definition.ts'
import type { FunctionDefinition } from './function-definition.ts'
import { either, number, string } from './parameter.ts'
import { compileRegex, matchesOf, testRegex } from './regex.ts'
import type { RegexMatch } from './regex.ts'

const stringOrNumber = either(string, number)
const REFERENCE = /\$(?:\$|\{([\p{L}\p{Nd}_]+)\}|([\p{L}\p{Nd}_]+))/gu

/** Functions of regular expressions and wildcards. Numbers are converted to strings first. */
export const PATTERNS: readonly FunctionDefinition[] = [
  define('regex_match', [string, stringOrNumber], ([source, subject], { meter }) => {
    const regex = compileRegex(source, meter)
    if ('fault' in regex) throw evaluationError('value', regex.fault)
    return testRegex(regex, asText(subject), meter)
  }),
  define(
    'regex_replace_all',
    [string, stringOrNumber, stringOrNumber],
    ([source, subject, replacement], evaluation) => {
      const template = asText(replacement)
      return replaceAll('regex_replace_all', source, asText(subject), evaluation, (match) =>
        expandTemplate(template, match),
      )
    },
  ),
  define(
    'regex_replace_all_literal',
    [string, stringOrNumber, stringOrNumber],
    ([source, subject, replacement], evaluation) => {
      const literal = asText(replacement)
      return replaceAll('regex_replace_all_literal', source, asText(subject), evaluation, () => literal)
    },
  ),
  define('pattern_match', [string, stringOrNumber], ([pattern, subject], { meter }) => {
    const text = asText(subject)
    meter.charge((text.length + pattern.length) / 2 + (pattern.length * text.length) / 64)
    return matchWildcard(pattern, text)
  }),
]

function asText(value: string | number): string {
  return typeof value === 'string' ? value : float32Text(value)
}

function replaceAll(
  name: string,
  source: string,
  subject: string,
  { meter }: Evaluation,
  replacementOf: (match: RegexMatch) => string,
): string {
  const regex = compileRegex(source, meter)
  if ('fault' in regex) throw functionError(name, 'value', regex.fault)
  const parts: string[] = []
  let copied = 0
  for (const match of matchesOf(regex, subject, meter)) {
    const replacement = replacementOf(match)
    meter.produce(replacement.length + match.start - copied)
    parts.push(subject.slice(copied, match.start), replacement)
    copied = match.end
  }
  meter.produce(subject.length - copied)
  return parts.join('') + subject.slice(copied)
}

/**
 * Expands `$1`, `${1}`, `$name` and `${name}` in a replacement; `$$` is a dollar sign.
 *
 * A name is as long as possible: `$1x` is the group `1x`, which does not exist and is therefore empty. A dollar sign
 * that begins no reference stays.
 *
 * @see Go, package regexp: Regexp.Expand
 */
function expandTemplate(template: string, match: RegexMatch): string {
  return template.replace(REFERENCE, (whole, braced: string | undefined, bare: string | undefined) =>
    whole === '$$' ? '$' : match.group(braced ?? bare ?? ''),
  )
}
