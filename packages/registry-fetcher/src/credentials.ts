import { checkCredential } from './authorization.ts'
import { aProvider, checkValue } from './check-options.ts'
import { hostNamed, parseRepository } from './repository.ts'

/** What a registry is shown. `anonymous` is a value, so that "no credential" is said and not forgotten. */
export type Credential =
  | { readonly kind: 'anonymous' }
  | { readonly kind: 'basic'; readonly username: string; readonly password: string }
  /** A refresh token, exchanged at the registry's token server (OAuth 2). */
  | { readonly kind: 'identity-token'; readonly token: string }
  /** A token shown to the registry as it is. */
  | { readonly kind: 'bearer'; readonly token: string }

/** Knows which credential a repository is to be read with. */
export interface CredentialProvider {
  /**
   * @param repository `host[:port]/path`, Docker Hub written as `index.docker.io`
   * @throws when it cannot tell; a repository without a credential is `anonymous`, not an error
   */
  credentialFor(repository: string, signal: AbortSignal): Promise<Credential>
}

export const ANONYMOUS: Credential = { kind: 'anonymous' }

/** No credential for any repository. */
export function anonymous(): CredentialProvider {
  return { credentialFor: () => Promise.resolve(ANONYMOUS) }
}

/**
 * One credential for the repositories of one registry; `host` must equal `host[:port]` exactly, Docker Hub's aliases being one.
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
 * The first credential of several sources that is not anonymous. A source that fails ends the search: guessing on could
 * show the wrong one.
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
