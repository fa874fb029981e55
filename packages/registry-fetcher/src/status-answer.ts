import {
  isJsonArray,
  isJsonObject,
  ownMember,
  parseStrictJson,
  printableText,
  type Json,
  type RegistryAnswerDetail,
  type RegistryAnswerError,
} from '@verify-images/primitives'
import { MAX_ERROR_TOKENS, MAX_PRINTED_LENGTH } from './limits.ts'
import { statedDelay } from './retry.ts'
import { RegistryError } from './registry-error.ts'
import type { RegistryErrorCode } from './registry-error.ts'

/** An answer with a status other than 200. */
export interface StatusAnswer {
  readonly kind: 'status'
  readonly status: number
  readonly header: (name: string) => string | undefined
  /** Whether the origin that was asked answered, not one that it redirected to. */
  readonly sameOrigin: boolean
  readonly detail: RegistryAnswerDetail
  /** What the registry was shown; undefined for requests that are not made with the credential of a repository. */
  readonly shown?: 'credential' | 'credential-withheld' | 'no-credential' | undefined
}

/** Returns the challenge of the origin that was asked: a credential answers no other. */
export function ownChallenge({ sameOrigin, header }: StatusAnswer): string | undefined {
  return sameOrigin ? header('www-authenticate') : undefined
}

const CODES: ReadonlyMap<number, RegistryErrorCode> = new Map([
  [401, 'REGISTRY_UNAUTHORIZED'],
  [403, 'REGISTRY_UNAUTHORIZED'],
  [404, 'REGISTRY_NOT_FOUND'],
  [408, 'REGISTRY_TIMEOUT'],
  [429, 'REGISTRY_RATE_LIMITED'],
  [504, 'REGISTRY_TIMEOUT'],
])

/**
 * Returns the error for an answer with a status other than 200. An HTTP answer is never a fault of the transport.
 *
 * @param server what answered, such as `` `ghcr.io` ``
 */
export function statusError({ header, detail, shown }: StatusAnswer, server: string): RegistryError {
  const { method, url, status, errors } = detail
  const code =
    CODES.get(status) ??
    (status >= 500 ? 'REGISTRY_UNAVAILABLE' : status >= 400 ? 'REGISTRY_REQUEST_REFUSED' : 'REGISTRY_RESPONSE_INVALID')
  const stated = errors.find(({ code }) => /^[A-Z_]{1,40}$/.test(code))
  const message = `${server} answered ${method} ${url} with status ${status}${stated ? ` (${stated.code})` : ''}${askedWait(header)}${
    code === 'REGISTRY_UNAUTHORIZED' && shown !== undefined ? `, ${SHOWN[shown]}` : ''
  }`
  return new RegistryError(code, message, { status, detail })
}

const SHOWN = {
  credential: 'to the credential that is configured for it',
  'credential-withheld': 'and asks for no credential, so the configured one was not sent',
  'no-credential': 'to a request without a credential: none is configured for it',
} as const

function askedWait(header: StatusAnswer['header']): string {
  const ms = statedDelay(header('retry-after'), header('date'))
  return ms === undefined || !Number.isSafeInteger(ms) ? '' : `, and asks for a wait of ${String(ms / 1000)} s`
}

/**
 * Returns the errors of an answer; none if its body does not have the error format of the distribution specification.
 */
export function parseAnswerErrors(body: Uint8Array): readonly RegistryAnswerError[] {
  let parsed: Json
  try {
    parsed = parseStrictJson(body, { maxTokens: MAX_ERROR_TOKENS })
  } catch {
    return []
  }
  const errors = ownMember(parsed, 'errors')
  if (!isJsonArray(errors)) return []
  return errors.filter(isJsonObject).map((error) => {
    const [code, message, detail] = ['code', 'message', 'detail'].map((name) => ownMember(error, name))
    return {
      code: printable(code),
      message: printable(message),
      ...(detail !== undefined && detail !== null && { detail }),
    }
  })
}

function printable(value: Json | undefined): string {
  return typeof value === 'string' ? printableText(value, MAX_PRINTED_LENGTH).trim() : ''
}
