import { createHash } from 'node:crypto'
import { isObject } from '@verify-images/primitives'
import { aProvider, checkValue } from './check-options.ts'
import { MAX_TOKEN_LENGTH } from './limits.ts'
import { RegistryError } from './registry-error.ts'
import { hostNamed, parseRepository } from './repository.ts'

/** What is sent to a registry. `anonymous` is a value, so that "no credential" is explicit. */
export type Credential =
  | { readonly kind: 'anonymous' }
  | { readonly kind: 'basic'; readonly username: string; readonly password: string }
  /** A refresh token, exchanged at the token server of the registry (OAuth 2). */
  | { readonly kind: 'identity-token'; readonly token: string }
  /** A token that is sent to the registry as it is. */
  | { readonly kind: 'bearer'; readonly token: string }

/** Finds the credential for a repository. */
export interface CredentialProvider {
  /**
   * @param repository `host[:port]/path`, with `index.docker.io` for Docker Hub
   * @throws when the credential could not be read; a repository without a credential is `anonymous`, not an error
   */
  credentialFor(repository: string, signal: AbortSignal): Promise<Credential>
}

export const ANONYMOUS: Credential = { kind: 'anonymous' }

/** Returns a provider without credentials. */
export function anonymous(): CredentialProvider {
  return { credentialFor: () => Promise.resolve(ANONYMOUS) }
}

/**
 * Returns a provider of one credential for the repositories of one registry. `host` must equal `host[:port]` exactly;
 * the names of Docker Hub are one host.
 *
 * @throws RegistryError `REGISTRY_OPTIONS_INVALID`, `REGISTRY_CREDENTIALS_INVALID`
 */
export function fixed(host: string, credential: Credential): CredentialProvider {
  const wanted = hostNamed(host, 'host')
  const kept = checkCredential(credential)
  return {
    credentialFor: (repository) => Promise.resolve(parseRepository(repository).host === wanted ? kept : ANONYMOUS),
  }
}

/**
 * Returns a provider of the first credential of several providers that is not anonymous. A provider that fails ends the
 * search: the next one could have the wrong credential.
 *
 * @throws RegistryError `REGISTRY_OPTIONS_INVALID`
 */
export function firstOf(...providers: readonly CredentialProvider[]): CredentialProvider {
  for (const [i, provider] of providers.entries()) checkValue(provider, aProvider, `providers[${i}]`)
  return {
    async credentialFor(repository, signal): Promise<Credential> {
      for (const provider of providers) {
        const credential = await provider.credentialFor(repository, signal)
        if (credential.kind !== 'anonymous') return credential
      }
      return ANONYMOUS
    },
  }
}

/**
 * Returns what a provider returned, if it is a credential.
 *
 * @throws RegistryError `REGISTRY_CREDENTIALS_INVALID`, whose message shows no part of the value
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
  throw new RegistryError(
    'REGISTRY_CREDENTIALS_INVALID',
    'invalid registry credential: expected `kind` to be anonymous, basic (`username`, `password`), bearer or' +
      ` identity-token (\`token\`), with at most ${MAX_TOKEN_LENGTH} characters`,
  )
}

/** Returns a string that identifies a credential in the keys of caches without revealing it. */
export function credentialHash(credential: Credential): string {
  return createHash('sha256')
    .update(JSON.stringify(Object.entries(credential).sort()))
    .digest('base64')
}

/**
 * Returns whether a string can be sent as a bearer token: visible ASCII, so that it cannot end the header that contains
 * it.
 */
export function isToken(text: string): boolean {
  return text.length > 0 && text.length <= MAX_TOKEN_LENGTH && /^[\x21-\x7e]+$/.test(text)
}

/** Returns the `Authorization` header for a user name and password. */
export function basicHeader({ username, password }: Extract<Credential, { kind: 'basic' }>): string {
  return `Basic ${Buffer.from(`${username}:${password}`, 'utf8').toString('base64')}`
}
