import { isObject } from '@verify-images/primitives'
import { MAX_TOKEN_LENGTH } from './limits.ts'
import { RegistryError } from './registry-error.ts'
import type { Credential } from './credentials.ts'

/** Whether text may be shown as a bearer token: visible ASCII, so that it cannot end the header it stands in. */
export function isToken(text: string): boolean {
  return text.length > 0 && text.length <= MAX_TOKEN_LENGTH && /^[\x21-\x7e]+$/.test(text)
}

export function basicHeader({ username, password }: Extract<Credential, { kind: 'basic' }>): string {
  return `Basic ${Buffer.from(`${username}:${password}`, 'utf8').toString('base64')}`
}

/**
 * The credential a provider gave, when it is one.
 *
 * @throws RegistryError `REGISTRY_CREDENTIALS_INVALID`; its text holds nothing of the credential
 */
export function checkCredential(value: unknown): Credential {
  if (isObject(value)) {
    const { kind, username, password, token } = value
    if (kind === 'anonymous') return { kind }
    if (kind === 'basic' && typeof username === 'string' && typeof password === 'string') {
      if (username.length + password.length <= MAX_TOKEN_LENGTH) return { kind, username, password }
    } else if ((kind === 'bearer' || kind === 'identity-token') && typeof token === 'string') {
      if (isToken(token)) return { kind, token }
    }
  }
  throw new RegistryError('REGISTRY_CREDENTIALS_INVALID', 'the credential is none that can be shown to a registry')
}
