import type { Json } from '@verify-images/primitives'
import { LIMITS } from '../limits.ts'
import { copyJson } from './copy-json.ts'

/**
 * What an adapter gives, as JSON would carry it: a client's classes and dates become plain data, and nothing is shared with
 * the giver.
 *
 * @throws Error for what JSON cannot hold; VerifierError when it is too deep
 */
export function asJson(value: unknown, what: string): Json {
  const text: string | undefined = JSON.stringify(value)
  if (text === undefined) throw new Error(`${what} is not JSON`)
  if (text.length > LIMITS.answerCharacters)
    throw new Error(`${what} has ${String(text.length)} characters, more than ${String(LIMITS.answerCharacters)}`)
  return copyJson(JSON.parse(text), what)
}
