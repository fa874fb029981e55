import { trimEnd, isObject, parseStrictJson } from '@verify-images/primitives'
import type { RegistryDetail } from '@verify-images/primitives'
import { ANONYMOUS } from './credentials.ts'
import type { Credential } from './credentials.ts'
import { RegistryError } from './registry-error.ts'

/**
 * The credential of one entry of a Docker config file: `username` and `password`, or both as `auth`, or a token.
 *
 * @throws RegistryError `REGISTRY_CREDENTIALS_INVALID`
 */
export function decodeAuthEntry(value: unknown): Credential {
  if (!isObject(value)) throw credentialsInvalid('an entry is not an object')
  const identityToken = text(value, 'identitytoken')
  if (identityToken !== '') return { kind: 'identity-token', token: identityToken }
  const registryToken = text(value, 'registrytoken')
  if (registryToken !== '') return { kind: 'bearer', token: registryToken }
  const auth = text(value, 'auth')
  const [username, password] = auth === '' ? [text(value, 'username'), text(value, 'password')] : splitAuth(auth)
  return username === '' && password === '' ? ANONYMOUS : { kind: 'basic', username, password }
}

function text(entry: Record<string, unknown>, name: string): string {
  const value = Object.hasOwn(entry, name) ? entry[name] : undefined
  if (value === undefined || value === null) return ''
  if (typeof value !== 'string') throw credentialsInvalid(`\`${name}\` is not text`)
  return value
}

function splitAuth(auth: string): [string, string] {
  const plain = decodeBase64(auth)?.toString('utf8')
  const colon = plain?.indexOf(':') ?? -1
  if (plain === undefined || colon < 0) {
    throw credentialsInvalid('`auth` is not the base64 of `username:password`', 'auth-without-password')
  }
  return [plain.slice(0, colon), trimEnd(plain.slice(colon + 1), '\0')]
}

/** Bytes of standard base64, padded or not; undefined for anything else. */
export function decodeBase64(encoded: string): Buffer | undefined {
  const bare = encoded.replace(/[\r\n]/g, '')
  return /^[A-Za-z0-9+/]*={0,2}$/.test(bare) && trimEnd(bare, '=').length % 4 !== 1
    ? Buffer.from(bare, 'base64')
    : undefined
}

/**
 * The JSON object of a config's text; the texts of refusals hold nothing of it. An entry that is there twice is refused:
 * which of the two passwords is meant cannot be told.
 */
export function parseConfigObject(source: string): Record<string, unknown> {
  let value: unknown
  try {
    value = parseStrictJson(Buffer.from(source))
  } catch (error) {
    const reason = error instanceof SyntaxError ? error.message : 'not JSON'
    throw credentialsInvalid(
      `the docker config cannot be parsed: ${reason}`,
      reason === 'not JSON' ? jsonProblem(source) : undefined,
    )
  }
  if (!isObject(value)) throw credentialsInvalid('the docker config is not a JSON object')
  return value
}

/** Which character it stops at would show a part of a secret. */
function jsonProblem(source: string): CredentialsProblem {
  return /^\s*(?:[{["].*)?$/s.test(source) ? 'json-cut-short' : 'json-invalid'
}

type CredentialsProblem = Extract<RegistryDetail, { readonly kind: 'registry-credentials-invalid' }>['problem']

export function credentialsInvalid(reason: string, problem?: CredentialsProblem): RegistryError {
  return new RegistryError(
    'REGISTRY_CREDENTIALS_INVALID',
    `the registry credentials cannot be read: ${reason}`,
    problem === undefined ? {} : { detail: { kind: 'registry-credentials-invalid', problem } },
  )
}
