const COMMANDS = ['apply', 'explain', 'image', 'verify', 'tree', 'lint'] as const
const VERIFYING = ['apply', 'explain', 'image', 'verify'] as const
type Command = (typeof COMMANDS)[number]

export type Section = 'policies' | 'signer' | 'objects' | 'input' | 'trust' | 'registry' | 'output' | 'general'

export const SECTIONS: Readonly<Record<Section, { readonly title: string; readonly commands: readonly Command[] }>> = {
  policies: { title: 'policies of `image`', commands: ['image'] },
  signer: { title: 'signer of `verify`', commands: ['verify'] },
  objects: { title: 'objects of `apply` and `explain`', commands: ['apply', 'explain'] },
  input: { title: 'input', commands: VERIFYING },
  trust: { title: 'trust', commands: VERIFYING },
  registry: { title: 'registries', commands: [...VERIFYING, 'tree'] },
  output: { title: 'output', commands: COMMANDS },
  general: { title: 'general', commands: COMMANDS },
}

export interface Option {
  readonly type: 'string' | 'boolean'
  /** May be repeated. */
  readonly multiple?: true
  readonly short?: string
  readonly section: Section
  /** Placeholder of its value in the help. */
  readonly value?: string
  readonly help: string
}

export const OPTIONS = {
  policy: {
    type: 'string',
    multiple: true,
    section: 'policies',
    value: '<file>',
    help: 'policies to verify the images by',
  },

  key: {
    type: 'string',
    section: 'signer',
    value: '<file|reference>',
    help: 'public key in PEM, or a reference such as k8s://namespace/secret',
  },
  'certificate-identity': {
    type: 'string',
    section: 'signer',
    value: '<identity>',
    help: 'identity in the certificate: an e-mail address or URI',
  },
  'certificate-identity-regexp': {
    type: 'string',
    section: 'signer',
    value: '<expression>',
    help: 'regular expression for the identity, anchored by the caller',
  },
  'certificate-oidc-issuer': {
    type: 'string',
    section: 'signer',
    value: '<url>',
    help: 'issuer of the identity, such as https://token.actions.githubusercontent.com',
  },
  'certificate-oidc-issuer-regexp': {
    type: 'string',
    section: 'signer',
    value: '<expression>',
    help: 'regular expression for the issuer',
  },
  attestation: {
    type: 'string',
    section: 'signer',
    value: '<predicate type>',
    help: 'require an attestation of this type instead of a signature',
  },
  'insecure-ignore-tlog': {
    type: 'boolean',
    section: 'signer',
    help: 'accept signatures that are in no transparency log',
  },
  'insecure-ignore-sct': {
    type: 'boolean',
    section: 'signer',
    help: 'accept certificates that are in no certificate transparency log',
  },

  resource: {
    type: 'string',
    multiple: true,
    section: 'objects',
    value: '<file|->',
    help: 'Kubernetes objects, YAML or JSON',
  },
  image: {
    type: 'string',
    multiple: true,
    section: 'objects',
    value: '<reference>',
    help: 'an image, verified as if a Pod ran it',
  },
  'images-from': {
    type: 'string',
    multiple: true,
    section: 'input',
    value: '<file|->',
    help: 'images to verify, one reference per line; # begins a comment',
  },
  namespace: {
    type: 'string',
    short: 'n',
    section: 'input',
    value: '<name>',
    help: 'namespace of images (default: default) and of objects without one',
  },
  'namespace-label': {
    type: 'string',
    multiple: true,
    section: 'input',
    value: '<key=value>',
    help: 'label of that namespace',
  },
  operation: {
    type: 'string',
    section: 'objects',
    value: '<CREATE|UPDATE|DELETE>',
    help: 'operation of the admission request (default: CREATE)',
  },
  'old-object': {
    type: 'string',
    section: 'objects',
    value: '<file>',
    help: 'the object before an UPDATE; pairs with exactly one --resource',
  },
  exception: { type: 'string', multiple: true, section: 'input', value: '<file>', help: 'PolicyExceptions' },
  objects: {
    type: 'string',
    multiple: true,
    section: 'input',
    value: '<file>',
    help: 'Secrets, ConfigMaps and Namespaces that policies may read',
  },
  user: { type: 'string', section: 'input', value: '<name>', help: 'user of the admission request' },
  group: { type: 'string', multiple: true, section: 'input', value: '<name>', help: 'group of that user' },
  role: { type: 'string', multiple: true, section: 'input', value: '<namespace:name>', help: 'role of that user' },
  'cluster-role': {
    type: 'string',
    multiple: true,
    section: 'input',
    value: '<name>',
    help: 'cluster role of that user',
  },
  platforms: {
    type: 'string',
    section: 'input',
    value: '<choice>',
    help: 'what must be signed in a multi-platform image: index (default), any-child, every-child, or platforms such as linux/amd64,linux/arm64',
  },
  unmatched: {
    type: 'string',
    section: 'input',
    value: '<admit|refuse>',
    help: 'result for objects and images that no policy matches (default: admit, as in a cluster)',
  },

  'trusted-root': {
    type: 'string',
    section: 'trust',
    value: '<file>',
    help: 'Sigstore trusted root (JSON) for policies without trust material of their own',
  },
  'revocation-host': {
    type: 'string',
    multiple: true,
    section: 'trust',
    value: '<host[:port]>',
    help: 'allow revocation requests to this host at private addresses; other hosts only at public addresses',
  },
  'no-revocation-requests': {
    type: 'boolean',
    section: 'trust',
    help: 'send no OCSP or CRL requests; an image whose certificate names a responder or a CRL is then not admitted',
  },

  'insecure-registry': {
    type: 'string',
    multiple: true,
    section: 'registry',
    value: '<host[:port]>',
    help: 'accept a certificate for another name, and plain HTTP if there is no TLS: anyone on the network path can read and change the traffic',
  },
  'insecure-credentials': {
    type: 'boolean',
    section: 'registry',
    help: 'send credentials over plain HTTP, too, to the hosts of --insecure-registry',
  },
  'registry-endpoint': {
    type: 'string',
    multiple: true,
    section: 'registry',
    value: '<host=url>',
    help: 'send requests for this host to a mirror',
  },
  'token-server': {
    type: 'string',
    multiple: true,
    section: 'registry',
    value: '<host=host>',
    help: 'token server that may receive the credential of a registry, where its domain is another',
  },
  'ca-file': {
    type: 'string',
    section: 'registry',
    value: '<file>',
    help: "certificates (PEM) of authorities to trust beside Node's (default: $SSL_CERT_FILE)",
  },
  'docker-config': {
    type: 'string',
    section: 'registry',
    value: '<file>',
    help: 'registry credentials (default: $DOCKER_CONFIG/config.json, ~/.docker/config.json, Podman auth.json); its credential helpers are executed',
  },
  concurrency: {
    type: 'string',
    section: 'input',
    value: '<number>',
    help: 'objects and images that are verified at the same time (default: 8)',
  },
  deadline: {
    type: 'string',
    section: 'registry',
    value: '<seconds>',
    help: 'limit for one object or image, all requests together (default: 30)',
  },

  output: {
    type: 'string',
    section: 'output',
    value: '<format>',
    help: 'text (default), json; apply, explain, image, verify: yaml, junit, sarif, github, markdown, policyreport, openreports; lint: sarif, github',
  },

  help: { type: 'boolean', short: 'h', section: 'general', help: 'print this help, whatever else is given' },
  version: { type: 'boolean', section: 'general', help: 'print the version' },
} as const
