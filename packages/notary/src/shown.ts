import { printableText } from '@verify-images/primitives'
import { MAX_SHOWN_LENGTH } from './limits.ts'

/** Returns foreign text as messages show it: one line, bounded. */
export function shown(text: string): string {
  return printableText(text, MAX_SHOWN_LENGTH)
}
