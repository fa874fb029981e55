import { isObject, parseStrictJson, trimEnd } from '@verify-images/primitives'
import type { RegistryDetail } from '@verify-images/primitives'
import { ANONYMOUS } from './credentials.ts'
import type { Credential } from './credentials.ts'
import { RegistryError } from './registry-error.ts'

/**
 * Decodes one entry of a Docker config file: `username` and `password`, or both as `auth`, or a token.
 *
 * @throws RegistryError `REGISTRY_CREDENTIALS_INVALID`
 */
export function decodeAuthEntry(value: unknown, name: string): Credential {
  const invalid: Invalid = (reason, problem) => credentialsInvalid(`${name}: ${reason}`, problem)
  if (!isObject(value)) throw invalid('expected an object')
  const identityToken = stringMember(value, 'identitytoken', invalid)
  if (identityToken !== '') return { kind: 'identity-token', token: identityToken }
  const registryToken = stringMember(value, 'registrytoken', invalid)
  if (registryToken !== '') return { kind: 'bearer', token: registryToken }
  const auth = stringMember(value, 'auth', invalid)
  const [username, password] =
    auth === ''
      ? [stringMember(value, 'username', invalid), stringMember(value, 'password', invalid)]
      : splitAuth(auth, invalid)
  return username === '' && password === '' ? ANONYMOUS : { kind: 'basic', username, password }
}

type Invalid = (reason: string, problem?: CredentialsProblem) => RegistryError

function stringMember(entry: Record<string, unknown>, name: string, invalid: Invalid): string {
  const value = Object.hasOwn(entry, name) ? entry[name] : undefined
  if (value === undefined || value === null) return ''
  if (typeof value !== 'string') throw invalid(`expected \`${name}\` to be a string`)
  return value
}

function splitAuth(auth: string, invalid: Invalid): [string, string] {
  const plain = decodeBase64(auth)?.toString('utf8')
  const colon = plain?.indexOf(':') ?? -1
  if (plain === undefined || colon < 0) {
    throw invalid('expected `auth` to be the base64 of `username:password`', 'auth-without-password')
  }
  return [plain.slice(0, colon), trimEnd(plain.slice(colon + 1), '\0')]
}

/** Decodes standard base64, padded or not; returns undefined for anything else. */
export function decodeBase64(encoded: string): Buffer | undefined {
  const bare = encoded.replace(/[\r\n]/g, '')
  return /^[A-Za-z0-9+/]*={0,2}$/.test(bare) && trimEnd(bare, '=').length % 4 !== 1
    ? Buffer.from(bare, 'base64')
    : undefined
}

/**
 * Parses a Docker config file. An entry that occurs twice is refused, because either password could be the intended
 * one.
 *
 * @throws RegistryError `REGISTRY_CREDENTIALS_INVALID`, whose message shows no part of the file
 */
export function parseConfigObject(source: string): Record<string, unknown> {
  let value: unknown
  try {
    value = parseStrictJson(Buffer.from(source))
  } catch (error) {
    const reason = error instanceof SyntaxError ? error.message : 'not JSON'
    throw credentialsInvalid(
      `cannot parse the Docker config: ${reason}`,
      reason === 'not JSON' ? jsonProblem(source) : undefined,
    )
  }
  if (!isObject(value)) throw credentialsInvalid('expected the Docker config to be a JSON object')
  return value
}

/** Says no more than this, because the position of an error could reveal a part of a secret. */
function jsonProblem(source: string): CredentialsProblem {
  return /^\s*(?:[{["].*)?$/s.test(source) ? 'json-cut-short' : 'json-invalid'
}

type CredentialsProblem = Extract<RegistryDetail, { readonly kind: 'registry-credentials-invalid' }>['problem']

export function credentialsInvalid(reason: string, problem?: CredentialsProblem): RegistryError {
  return new RegistryError(
    'REGISTRY_CREDENTIALS_INVALID',
    `invalid registry credentials: ${reason}`,
    problem === undefined ? {} : { detail: { kind: 'registry-credentials-invalid', problem } },
  )
}
