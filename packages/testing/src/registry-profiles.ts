/** How one kind of registry logs callers in and lists referrers, as its sources describe it. Registries change. */
export interface RegistryProfile {
  /** What it asks for: the password with each request, or a token for one repository. */
  readonly logIn:
    | { readonly kind: 'password' }
    | {
        readonly kind: 'token'
        /** The path of the token server. */
        readonly path: string
        /** The member of its answer that has the token. */
        readonly member: 'token' | 'access_token'
        /** Its status for a wrong password. */
        readonly refusal: 401 | 403
      }
  /** The answer to a caller that is not logged in; `/v2/` challenges in any case. */
  readonly stranger: 'challenged' | 'forbidden' | 'not-found'
  readonly referrers: 'api' | 'absent'
  /** The fallback tag yields the image itself if nobody wrote it. */
  readonly fallbackTagIsSubject?: true
  /** Whether blobs are redirected to storage. */
  readonly blobs: 'direct' | 'redirected'
  readonly sources: readonly [string, ...string[]]
}

const token = (
  path: string,
  refusal: 401 | 403,
  member: 'token' | 'access_token' = 'token',
): RegistryProfile['logIn'] => ({
  kind: 'token',
  path,
  member,
  refusal,
})

export type RegistryKind =
  | 'ghcr'
  | 'docker-hub'
  | 'ecr'
  | 'acr'
  | 'artifact-registry'
  | 'quay'
  | 'harbor'
  | 'artifactory'
  | 'gitlab'
  | 'zot'
  | 'distribution-2'
  | 'distribution-3'

export const registryProfiles: Readonly<Record<RegistryKind, RegistryProfile>> = {
  ghcr: {
    logIn: token('/token', 403),
    stranger: 'challenged',
    referrers: 'absent',
    blobs: 'redirected',
    sources: ['https://github.com/NVIDIA/aicr/issues/1957'],
  },
  'docker-hub': {
    logIn: token('/token', 401),
    stranger: 'challenged',
    referrers: 'absent',
    blobs: 'redirected',
    sources: [
      'https://distribution.github.io/distribution/spec/auth/token/',
      'https://github.com/docker/roadmap/issues/724',
    ],
  },
  ecr: {
    logIn: { kind: 'password' },
    stranger: 'challenged',
    referrers: 'api',
    blobs: 'redirected',
    sources: [
      'https://docs.aws.amazon.com/AmazonECR/latest/userguide/registry_auth.html',
      'https://github.com/tektoncd/chains/pull/1691',
    ],
  },
  acr: {
    logIn: token('/oauth2/token', 401, 'access_token'),
    stranger: 'challenged',
    referrers: 'api',
    blobs: 'redirected',
    sources: [
      'https://github.com/Azure/acr/blob/main/docs/AAD-OAuth.md',
      'https://learn.microsoft.com/en-us/azure/container-registry/container-registry-manage-artifact',
    ],
  },
  'artifact-registry': {
    logIn: token('/v2/token', 403),
    stranger: 'forbidden',
    referrers: 'api',
    blobs: 'redirected',
    sources: [
      'https://cloud.google.com/artifact-registry/docs/docker/authentication',
      'https://github.com/tektoncd/chains/pull/1691',
    ],
  },
  quay: {
    logIn: token('/v2/auth', 401),
    stranger: 'challenged',
    referrers: 'api',
    blobs: 'redirected',
    sources: [
      'https://docs.redhat.com/en/documentation/red_hat_quay/3/html/red_hat_quay_api_guide/oci-referrers-oauth-access-token',
    ],
  },
  harbor: {
    logIn: token('/service/token', 401),
    stranger: 'challenged',
    referrers: 'api',
    blobs: 'direct',
    sources: [
      'https://pkg.go.dev/github.com/goharbor/harbor/src/core/service/token',
      'https://github.com/goharbor/harbor/pull/18324',
    ],
  },
  // With "Hide Existence of Unauthorized Resources".
  artifactory: {
    logIn: token('/artifactory/api/docker/docker/v2/token', 401),
    stranger: 'not-found',
    referrers: 'absent',
    blobs: 'direct',
    sources: ['https://jfrog.com/help/r/how-to-troubleshoot-docker-problems/docker-login-docker.art.local'],
  },
  gitlab: {
    logIn: token('/jwt/auth', 403),
    stranger: 'challenged',
    referrers: 'absent',
    fallbackTagIsSubject: true,
    blobs: 'redirected',
    sources: ['https://docs.gitlab.com/administration/packages/container_registry/'],
  },
  zot: {
    logIn: { kind: 'password' },
    stranger: 'challenged',
    referrers: 'api',
    blobs: 'direct',
    sources: ['https://zotregistry.dev/v2.1.23/articles/authn-authz/'],
  },
  'distribution-2': {
    logIn: { kind: 'password' },
    stranger: 'challenged',
    referrers: 'absent',
    blobs: 'direct',
    sources: ['https://distribution.github.io/distribution/about/configuration/'],
  },
  'distribution-3': {
    logIn: token('/token', 401),
    stranger: 'challenged',
    referrers: 'absent',
    blobs: 'direct',
    sources: ['https://github.com/distribution/distribution/issues/3859'],
  },
}
