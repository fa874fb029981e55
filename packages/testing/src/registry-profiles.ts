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
  readonly stranger: 'challenged' | 'not-found'
  readonly referrers: 'api' | 'absent'
  /** The fallback tag yields the image itself if it was never pushed. */
  readonly fallbackTagIsSubject?: true
  /** Whether blobs are redirected to storage. */
  readonly blobs: 'direct' | 'redirected'
  readonly sources: {
    readonly logIn: string
    readonly referrers: string
    readonly blobs?: string
  }
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
    sources: {
      logIn: 'https://github.com/akuity/kargo/pull/778',
      referrers: 'https://github.com/kyverno/kyverno/issues/16664',
    },
  },
  'docker-hub': {
    logIn: token('/token', 401),
    stranger: 'challenged',
    referrers: 'api',
    blobs: 'redirected',
    sources: {
      logIn: 'https://distribution.github.io/distribution/spec/auth/token/',
      referrers: 'https://github.com/awslabs/soci-snapshotter/issues/1828',
    },
  },
  ecr: {
    logIn: { kind: 'password' },
    stranger: 'challenged',
    referrers: 'api',
    blobs: 'redirected',
    sources: {
      logIn: 'https://docs.aws.amazon.com/AmazonECR/latest/userguide/registry_auth.html',
      referrers: 'https://docs.aws.amazon.com/AmazonECR/latest/userguide/images.html',
      blobs: 'https://github.com/open-policy-agent/opa/issues/6580',
    },
  },
  acr: {
    logIn: token('/oauth2/token', 401, 'access_token'),
    stranger: 'challenged',
    referrers: 'api',
    blobs: 'redirected',
    sources: {
      logIn: 'https://azure.github.io/acr/Token-BasicAuth.html',
      referrers: 'https://github.com/aws/containers-roadmap/issues/2783',
    },
  },
  'artifact-registry': {
    logIn: token('/v2/token', 403),
    stranger: 'challenged',
    referrers: 'api',
    blobs: 'redirected',
    sources: {
      logIn: 'https://github.com/docker/login-action/issues/606',
      referrers: 'https://cloud.google.com/artifact-registry/docs/docker/manage-metadata',
    },
  },
  // With FEATURE_REFERRERS_API.
  quay: {
    logIn: token('/v2/auth', 401),
    stranger: 'challenged',
    referrers: 'api',
    blobs: 'redirected',
    sources: {
      logIn: 'https://www.exe.dev/docs/integrations-oci-registries',
      referrers:
        'https://docs.redhat.com/en/documentation/red_hat_quay/3.13/html/configure_red_hat_quay/other-oci-artifacts-with-quay',
    },
  },
  // From 2.11; before, the media type of its listing was no index, and clients looked for the fallback tag.
  harbor: {
    logIn: token('/service/token', 401),
    stranger: 'challenged',
    referrers: 'api',
    blobs: 'direct',
    sources: {
      logIn: 'https://github.com/containerd/containerd/issues/11103',
      referrers: 'https://github.com/goharbor/harbor/issues/19690',
    },
  },
  // From 7.90.1, with "Hide Existence of Unauthorized Resources"; without, it challenges each request.
  artifactory: {
    logIn: token('/artifactory/api/docker/docker/v2/token', 401),
    stranger: 'not-found',
    referrers: 'api',
    blobs: 'direct',
    sources: {
      logIn: 'https://github.com/containerd/containerd/issues/6339',
      referrers:
        'https://jfrog.com/help/r/jfrog-artifactory-documentation/use-referrers-rest-api-to-discover-oci-references',
    },
  },
  gitlab: {
    logIn: token('/jwt/auth', 401),
    stranger: 'challenged',
    referrers: 'absent',
    fallbackTagIsSubject: true,
    blobs: 'redirected',
    sources: {
      logIn: 'https://gitlab.com/gitlab-org/gitlab-ce/issues/41204',
      referrers: 'https://github.com/oras-project/oras-go/issues/1396',
      blobs: 'https://docs.gitlab.com/administration/packages/container_registry/',
    },
  },
  zot: {
    logIn: { kind: 'password' },
    stranger: 'challenged',
    referrers: 'api',
    blobs: 'direct',
    sources: {
      logIn: 'https://zotregistry.dev/v2.1.23/articles/authn-authz/',
      referrers: 'https://github.com/goharbor/harbor/issues/19690',
    },
  },
  'distribution-2': {
    logIn: { kind: 'password' },
    stranger: 'challenged',
    referrers: 'absent',
    blobs: 'direct',
    sources: {
      logIn: 'https://distribution.github.io/distribution/about/configuration/',
      referrers: 'https://github.com/oras-project/rust-oci-client/pull/259',
    },
  },
  'distribution-3': {
    logIn: token('/token', 401),
    stranger: 'challenged',
    referrers: 'absent',
    blobs: 'direct',
    sources: {
      logIn: 'https://distribution.github.io/distribution/spec/auth/token/',
      referrers: 'https://github.com/distribution/distribution/pull/4828',
    },
  },
}
