import { isJsonArray, isJsonObject, ownMember, printableText } from '@verify-images/primitives'
import type { Json, RegistryAnswerError } from '@verify-images/primitives'

import { MAX_SHOWN_LENGTH } from './limits.ts'

/** Returns foreign text as messages show it: one line, bounded. */
export function shown(text: string, length: number = MAX_SHOWN_LENGTH): string {
  return printableText(text.trim(), length).trim()
}

/** The errors in the body of an answer; none where it is not the error form of the distribution specification. */
export function readAnswerErrors(body: Uint8Array): readonly RegistryAnswerError[] {
  let parsed: Json
  try {
    parsed = JSON.parse(new TextDecoder().decode(body))
  } catch {
    return []
  }
  const errors = ownMember(parsed, 'errors')
  if (!isJsonArray(errors)) return []
  return errors.filter(isJsonObject).map((error) => {
    const [code, message, detail] = ['code', 'message', 'detail'].map((name) => ownMember(error, name))
    return {
      code: typeof code === 'string' ? shown(code) : '',
      message: typeof message === 'string' ? shown(message) : '',
      ...(detail !== undefined && detail !== null && { detail }),
    }
  })
}

/** Query parameters that are part of the registry protocol; all others may be secrets of a signed link. */
const SHOWN_PARAMETERS: ReadonlySet<string> = new Set(['scope', 'service', 'n', 'last'])

/** A URL as it may be shown, with unknown query values and passwords blotted out. */
export function redactUrl(url: URL): URL {
  const copy = new URL(url)
  copy.username = ''
  copy.password = ''
  const parameters = [...copy.searchParams].map(([key, value]): [string, string] => [
    key,
    SHOWN_PARAMETERS.has(key) ? value : 'REDACTED',
  ])
  copy.search = new URLSearchParams(parameters.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))).toString()
  return copy
}
