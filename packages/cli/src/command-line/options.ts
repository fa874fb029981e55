import type { CommandName } from './commands.ts'

/** The commands that an option belongs to. */
export type Scope = keyof typeof SCOPES

const SCOPES = {
  image: ['image'],
  verify: ['verify'],
  objects: ['apply', 'explain'],
  verifying: ['apply', 'explain', 'image', 'verify'],
  trusting: ['apply', 'explain', 'image', 'verify', 'trust show'],
  registry: ['apply', 'explain', 'image', 'verify', 'tree'],
  fetching: ['apply', 'explain', 'image', 'verify', 'tree', 'trust refresh'],
  reporting: ['apply', 'explain', 'image', 'verify', 'test'],
  printing: ['apply', 'explain', 'image', 'verify', 'test', 'tree', 'lint', 'trust show'],
  refresh: ['trust refresh'],
} as const

/** Headings of the help, in its order. */
export const GROUPS = [
  'what to verify',
  'who must have signed',
  'request',
  'trust',
  'registries',
  'run',
  'output',
] as const

/** An option, for the parser, the help and the completion. */
export interface OptionEntry {
  readonly scope: Scope
  readonly group: (typeof GROUPS)[number]
  /** `flag` takes no value, `list` may be repeated. */
  readonly kind: 'flag' | 'text' | 'list'
  readonly short?: string
  /** Placeholder of the value in the help. */
  readonly value?: string
  /** What a shell completes the value with. */
  readonly completes?: 'files' | 'formats' | readonly string[]
  readonly help: string
}

/** The formats of verdicts. */
export const VERDICT_FORMATS = [
  'text',
  'json',
  'yaml',
  'junit',
  'sarif',
  'github',
  'markdown',
  'policyreport',
  'openreports',
] as const
/** The formats of `lint`. */
export const PROBLEM_FORMATS = ['text', 'json', 'sarif', 'github'] as const
/** The formats of `tree`, and of `trust show`. */
export const TREE_FORMATS = ['text', 'json'] as const
/** The formats of `test`. */
export const TEST_FORMATS = ['text', 'json', 'junit', 'github', 'markdown'] as const

export const OPTIONS = {
  policy: {
    scope: 'image',
    group: 'what to verify',
    kind: 'list',
    value: '<file|folder>',
    completes: 'files',
    help: 'policies to verify the images by',
  },
  resource: {
    scope: 'objects',
    group: 'what to verify',
    kind: 'list',
    value: '<file|folder|->',
    completes: 'files',
    help: 'Kubernetes objects, YAML or JSON',
  },
  image: {
    scope: 'objects',
    group: 'what to verify',
    kind: 'list',
    value: '<reference>',
    help: 'an image, verified as if a Pod ran it',
  },
  'images-from': {
    scope: 'verifying',
    group: 'what to verify',
    kind: 'list',
    value: '<file|->',
    completes: 'files',
    help: 'images to verify, one reference per line; # begins a comment',
  },
  'old-object': {
    scope: 'objects',
    group: 'what to verify',
    kind: 'text',
    value: '<file>',
    completes: 'files',
    help: 'the object before an UPDATE; pairs with exactly one object of --resource',
  },
  shard: {
    scope: 'verifying',
    group: 'what to verify',
    kind: 'text',
    value: '<i/n>',
    help: 'verify one of n parts of the list of objects and images; i counts from 0',
  },

  key: {
    scope: 'verify',
    group: 'who must have signed',
    kind: 'text',
    value: '<file|reference>',
    completes: 'files',
    help: 'public key in PEM, or a reference such as k8s://namespace/secret',
  },
  'certificate-identity': {
    scope: 'verify',
    group: 'who must have signed',
    kind: 'text',
    value: '<identity>',
    help: 'identity in the certificate: an e-mail address or URI',
  },
  'certificate-identity-regexp': {
    scope: 'verify',
    group: 'who must have signed',
    kind: 'text',
    value: '<expression>',
    help: 'regular expression for the identity, anchored by the caller',
  },
  'certificate-oidc-issuer': {
    scope: 'verify',
    group: 'who must have signed',
    kind: 'text',
    value: '<url>',
    help: 'issuer of the identity, such as https://token.actions.githubusercontent.com',
  },
  'certificate-oidc-issuer-regexp': {
    scope: 'verify',
    group: 'who must have signed',
    kind: 'text',
    value: '<expression>',
    help: 'regular expression for the issuer',
  },
  attestation: {
    scope: 'verify',
    group: 'who must have signed',
    kind: 'text',
    value: '<predicate type>',
    help: 'require an attestation of this type instead of a signature',
  },
  'insecure-ignore-tlog': {
    scope: 'verify',
    group: 'who must have signed',
    kind: 'flag',
    help: 'accept signatures that are in no transparency log',
  },
  'insecure-ignore-sct': {
    scope: 'verify',
    group: 'who must have signed',
    kind: 'flag',
    help: 'accept certificates that are in no certificate transparency log',
  },

  namespace: {
    scope: 'verifying',
    group: 'request',
    kind: 'text',
    short: 'n',
    value: '<name>',
    help: 'namespace of images (default: default) and of objects without one',
  },
  'namespace-label': {
    scope: 'verifying',
    group: 'request',
    kind: 'list',
    value: '<key=value>',
    help: 'label of that namespace; labels of several namespaces: Namespaces in --objects, or --values',
  },
  operation: {
    scope: 'objects',
    group: 'request',
    kind: 'text',
    value: '<CREATE|UPDATE|DELETE>',
    completes: ['CREATE', 'UPDATE', 'DELETE'],
    help: 'operation of the admission request (default: CREATE)',
  },
  user: { scope: 'verifying', group: 'request', kind: 'text', value: '<name>', help: 'user of the request' },
  groups: { scope: 'verifying', group: 'request', kind: 'list', value: '<name,…>', help: 'groups of that user' },
  roles: {
    scope: 'verifying',
    group: 'request',
    kind: 'list',
    value: '<namespace:name,…>',
    help: 'roles of that user',
  },
  'cluster-roles': {
    scope: 'verifying',
    group: 'request',
    kind: 'list',
    value: '<name,…>',
    help: 'cluster roles of that user',
  },
  userinfo: {
    scope: 'verifying',
    group: 'request',
    kind: 'text',
    value: '<file>',
    completes: 'files',
    help: "user, roles and cluster roles in a file of Kyverno's command line (kind UserInfo)",
  },
  values: {
    scope: 'verifying',
    group: 'request',
    kind: 'text',
    value: '<file>',
    completes: 'files',
    help: "values file of Kyverno's command line (kind Values): labels of namespaces, and the operation",
  },
  objects: {
    scope: 'verifying',
    group: 'request',
    kind: 'list',
    value: '<file|folder>',
    completes: 'files',
    help: 'Secrets, ConfigMaps, Namespaces and role bindings that policies may read',
  },
  exception: {
    scope: 'verifying',
    group: 'request',
    kind: 'list',
    value: '<file|folder>',
    completes: 'files',
    help: 'PolicyExceptions',
  },
  platforms: {
    scope: 'verifying',
    group: 'request',
    kind: 'text',
    value: '<choice>',
    completes: ['index', 'any-child', 'every-child', 'linux/amd64', 'linux/arm64'],
    help: 'what of a multi-platform image must be signed: index (default), any-child, every-child or <os/arch,…>',
  },
  unmatched: {
    scope: 'verifying',
    group: 'request',
    kind: 'text',
    value: '<admit|refuse>',
    completes: ['admit', 'refuse'],
    help: 'result for objects and images that no policy matches (default: admit, as in a cluster)',
  },

  'trusted-root': {
    scope: 'trusting',
    group: 'trust',
    kind: 'text',
    value: '<file>',
    completes: 'files',
    help: "Sigstore trusted root (JSON) for policies without trust material (default: the built-in copy of Sigstore's)",
  },
  at: {
    scope: 'verifying',
    group: 'trust',
    kind: 'text',
    value: '<time>',
    help: 'verify as of this time (RFC 3339): what expired later still counts',
  },
  'revocation-host': {
    scope: 'verifying',
    group: 'trust',
    kind: 'list',
    value: '<host[:port]>',
    help: 'allow revocation requests to this host at private addresses; other hosts only at public addresses',
  },
  'no-revocation-requests': {
    scope: 'verifying',
    group: 'trust',
    kind: 'flag',
    help: 'send no OCSP or CRL requests; an image whose certificate names a responder or a CRL is then not admitted',
  },
  'cache-folder': {
    scope: 'refresh',
    group: 'trust',
    kind: 'text',
    value: '<folder>',
    completes: 'files',
    help: 'folder of verified TUF metadata; protect it: anyone who can write to it can replace the trust root',
  },
  mirror: {
    scope: 'refresh',
    group: 'trust',
    kind: 'text',
    value: '<url>',
    help: "TUF repository (default: Sigstore's public one)",
  },
  root: {
    scope: 'refresh',
    group: 'trust',
    kind: 'text',
    value: '<file>',
    completes: 'files',
    help: 'first root of the TUF repository in --mirror',
  },

  'insecure-registry': {
    scope: 'registry',
    group: 'registries',
    kind: 'list',
    value: '<host[:port]>',
    help: 'accept other names in certificates, and plain HTTP without TLS: anyone on the path can change the traffic',
  },
  'insecure-credentials': {
    scope: 'registry',
    group: 'registries',
    kind: 'flag',
    help: 'send credentials over plain HTTP, too, to the hosts of --insecure-registry',
  },
  'registry-endpoint': {
    scope: 'registry',
    group: 'registries',
    kind: 'list',
    value: '<host=url>',
    help: 'send requests for this host to a mirror',
  },
  'token-server': {
    scope: 'registry',
    group: 'registries',
    kind: 'list',
    value: '<host=host>',
    help: 'token server that may receive the credential of a registry, where its domain is another',
  },
  'ca-file': {
    scope: 'registry',
    group: 'registries',
    kind: 'text',
    value: '<file>',
    completes: 'files',
    help: "certificates (PEM) of authorities to trust beside Node's (default: $SSL_CERT_FILE)",
  },
  proxy: {
    scope: 'registry',
    group: 'registries',
    kind: 'text',
    value: '<url|none>',
    help: 'proxy for all registries (default: $HTTPS_PROXY, $HTTP_PROXY, $NO_PROXY); none: no proxy',
  },
  'docker-config': {
    scope: 'registry',
    group: 'registries',
    kind: 'text',
    value: '<file>',
    completes: 'files',
    help: 'registry credentials (default: config.json of Docker, auth.json of Podman); executes credential helpers',
  },

  concurrency: {
    scope: 'reporting',
    group: 'run',
    kind: 'text',
    value: '<number>',
    help: 'objects and images that are verified at the same time (default: 16)',
  },
  deadline: {
    scope: 'fetching',
    group: 'run',
    kind: 'text',
    value: '<seconds>',
    help: 'limit for the whole command; what is not verified by then is listed as such (default: none)',
  },
  'image-deadline': {
    scope: 'registry',
    group: 'run',
    kind: 'text',
    value: '<seconds>',
    help: 'limit for one object or image, all requests together (default: 30)',
  },

  output: {
    scope: 'printing',
    group: 'output',
    kind: 'list',
    short: 'o',
    value: '<format[=file]>',
    completes: 'formats',
    help: 'format of the result on standard output (default: text), or of a file beside it; may be repeated',
  },
  quiet: {
    scope: 'reporting',
    group: 'output',
    kind: 'flag',
    short: 'q',
    help: 'in text, print only what is not admitted; no warnings, no progress',
  },
  verbose: {
    scope: 'reporting',
    group: 'output',
    kind: 'flag',
    help: 'in text, print everything, as `explain` does, with requests and times',
  },
} as const

type Options = typeof OPTIONS
export type OptionName = keyof Options
type OfKind<K extends OptionEntry['kind']> = {
  [N in OptionName]: Options[N]['kind'] extends K ? N : never
}[OptionName]
export type TextOption = OfKind<'text'>
export type ListOption = OfKind<'list'>
export type FlagOption = OfKind<'flag'>

/** The options in the order of the help. */
export const OPTION_LIST: readonly (readonly [OptionName, OptionEntry])[] = Object.entries<OptionEntry>(
  OPTIONS,
).flatMap(([name, entry]) => (isOptionName(name) ? [[name, entry] as const] : []))

export function isOptionName(name: string): name is OptionName {
  return Object.hasOwn(OPTIONS, name)
}

/** Returns the options of a command. */
export function optionsOf(command: CommandName): readonly (readonly [OptionName, OptionEntry])[] {
  return OPTION_LIST.filter(([, entry]) => commandsOf(entry).includes(command))
}

/** Returns the commands of an option. */
export function commandsOf({ scope }: OptionEntry): readonly CommandName[] {
  return SCOPES[scope]
}

/** Returns the formats of a command. */
export function formatsOf(command: CommandName): readonly string[] {
  switch (command) {
    case 'lint':
      return PROBLEM_FORMATS
    case 'tree':
    case 'trust show':
      return TREE_FORMATS
    case 'test':
      return TEST_FORMATS
    default:
      return VERDICT_FORMATS
  }
}
