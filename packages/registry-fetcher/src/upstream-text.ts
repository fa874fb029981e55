import { STATUS_CODES } from 'node:http'
import { isObject, printableText } from '@verify-images/primitives'

import { MAX_SHOWN_LENGTH } from './limits.ts'

/** Returns foreign text as messages show it: one line, bounded. */
export function shown(text: string, length: number = MAX_SHOWN_LENGTH): string {
  return printableText(text.trim(), length).trim()
}

/**
 * What upstream's transport error says of an HTTP answer: `GET <url>: CODE: message; detail`, several of them as a
 * list, or the status where the body is not the registry error form.
 *
 * Upstream then adds the body. An image name may lead to any service, and whoever chose the name reads the message, so
 * what such a service says stays here.
 *
 * @see go-containerregistry, pkg/v1/remote/transport, Error
 */
export function describeAnswer(method: string, url: string, status: number, body: Uint8Array): string {
  return shown(`${method} ${url}: ${describeBody(status, new TextDecoder().decode(body))}`)
}

function describeBody(status: number, body: string): string {
  const errors = readErrors(body)
  if (errors.length === 1) return errors[0] ?? ''
  if (errors.length > 1) return `multiple errors returned: ${errors.join('; ')}`
  return `unexpected status code ${status} ${STATUS_CODES[status] ?? ''}`
}

function readErrors(body: string): string[] {
  let parsed: unknown
  try {
    parsed = JSON.parse(body)
  } catch {
    return []
  }
  if (!isObject(parsed) || !Array.isArray(parsed['errors'])) return []
  return parsed['errors'].filter(isObject).map(({ code, message, detail }) => {
    const text = `${typeof code === 'string' ? code : ''}: ${typeof message === 'string' ? message : ''}`
    return detail === undefined || detail === null ? text : `${text}; ${goValue(detail)}`
  })
}

/** A JSON value as Go's `%v` prints it: maps with sorted keys, lists with spaces between. */
function goValue(value: unknown, depth = 0): string {
  if (depth > 8) return '…'
  if (value === null) return '<nil>'
  if (Array.isArray(value)) return `[${value.map((item) => goValue(item, depth + 1)).join(' ')}]`
  if (isObject(value)) {
    const keys = Object.keys(value).sort()
    return `map[${keys.map((key) => `${key}:${goValue(value[key], depth + 1)}`).join(' ')}]`
  }
  return String(value)
}

/** Query parameters that are part of the registry protocol; all others may be secrets of a signed link. */
const SHOWN_PARAMETERS: ReadonlySet<string> = new Set(['scope', 'service', 'n', 'last'])

/** A URL as it may be shown, with unknown query values and passwords blotted out as upstream does. */
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
