import { MAX_SHOWN_LENGTH } from './limits.ts'

/** Outside text as messages show it: one line, short. */
export function shown(text: string): string {
  const line = text.replace(/\p{C}/gu, '\ufffd')
  return line.length > MAX_SHOWN_LENGTH ? `${line.slice(0, MAX_SHOWN_LENGTH)}…` : line
}
