import { MAX_SHOWN_LENGTH } from './limits.ts'

/** Text from outside as a message may show it: one line, bounded, nothing that turns the direction of the text. */
export function shown(text: string): string {
  const line = text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]+/gu, ' ')
  return line.length <= MAX_SHOWN_LENGTH ? line : `${line.slice(0, MAX_SHOWN_LENGTH)}…`
}
