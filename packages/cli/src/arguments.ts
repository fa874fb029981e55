import type { Operation, PlatformChoice, ResourceRequest } from '@verify-images/core'
import { UsageError } from './cli-error.ts'
import { OPTIONS } from './options.ts'
import { readOptions, type Values } from './read-options.ts'

export interface RegistryArguments {
  readonly insecureRegistries: readonly string[]
  readonly endpoints: ReadonlyMap<string, string>
  /** Token servers by registry. */
  readonly tokenServers: ReadonlyMap<string, readonly string[]>
  readonly insecureCredentials: boolean
  readonly caFile: string | undefined
  readonly dockerConfig: string | undefined
  readonly deadlineMs: number
}

/** The formats of `apply` and `explain`. */
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
/** The formats of `tree`. */
export const TREE_FORMATS = ['text', 'json'] as const

/** Who must have signed: a key, or an identity. */
export interface SignerArguments {
  /** A file, or a reference to a key. */
  readonly key: string | undefined
  readonly identity: TextOrPattern | undefined
  readonly issuer: TextOrPattern | undefined
  /** The predicate type of the attestation that is required instead of a signature. */
  readonly attestation: string | undefined
  readonly ignoreTransparencyLog: boolean
  readonly ignoreCertificateLog: boolean
}

export interface TextOrPattern {
  readonly value: string
  readonly isPattern: boolean
}

/** Policies in files, or the one that `verify` stands for. */
export type PolicySource =
  | { readonly kind: 'files'; readonly paths: readonly string[] }
  | { readonly kind: 'signer'; readonly signer: SignerArguments }

/** The user of the admission request; all absent without a user. */
export type Requester = Pick<ResourceRequest, 'userInfo' | 'roles' | 'clusterRoles'>

export interface ApplyArguments extends RegistryArguments {
  readonly command: 'apply'
  readonly policies: PolicySource
  readonly resources: readonly string[]
  readonly images: readonly string[]
  /** Files with a reference per line. */
  readonly imageFiles: readonly string[]
  readonly requester: Requester
  readonly concurrency: number
  readonly namespace: string | undefined
  readonly namespaceLabels: Readonly<Record<string, string>> | undefined
  readonly operation: Operation
  readonly oldObject: string | undefined
  readonly exceptions: readonly string[]
  readonly objects: readonly string[]
  readonly platforms: PlatformChoice
  readonly unmatched: 'admit' | 'refuse'
  readonly trustedRoot: string | undefined
  /** Hosts that may be asked at private addresses whether a certificate is revoked; undefined if no host is asked. */
  readonly revocationHosts: readonly string[] | undefined
  readonly explain: boolean
  readonly output: (typeof VERDICT_FORMATS)[number]
}

export interface TreeArguments extends RegistryArguments {
  readonly command: 'tree'
  readonly images: readonly string[]
  readonly output: (typeof TREE_FORMATS)[number]
}

export interface LintArguments {
  readonly command: 'lint'
  readonly policies: readonly string[]
  readonly output: (typeof PROBLEM_FORMATS)[number]
}

export type Arguments =
  ApplyArguments | TreeArguments | LintArguments | { readonly command: 'help' } | { readonly command: 'version' }

/** Options that have no effect in a combination, with the reason. */
const IGNORED: readonly (readonly [option: keyof Values, isIgnored: (values: Values) => boolean, why: string])[] = [
  ['operation', ({ resource }) => resource === undefined, 'needs --resource'],
  ['old-object', ({ resource }) => resource === undefined, 'needs --resource'],
  [
    'old-object',
    ({ resource = [] }) => resource.length > 1,
    'pairs with exactly one --resource; with several the pairing is ambiguous',
  ],
  [
    'insecure-credentials',
    (values) => values['insecure-registry'] === undefined,
    'has no effect without --insecure-registry',
  ],
  ['old-object', ({ operation }) => operation !== 'UPDATE', 'needs --operation UPDATE'],
  [
    'revocation-host',
    (values) => values['no-revocation-requests'] === true,
    'has no effect with --no-revocation-requests',
  ],
]

/** @throws UsageError */
export function readArguments(argv: readonly string[]): Arguments {
  if (asksForHelp(argv)) return { command: 'help' }
  const { values, command, operands } = readOptions(argv)
  if (values.version === true) return readVersion(values, command)
  for (const [option, isIgnored, why] of IGNORED)
    if (values[option] !== undefined && isIgnored(values)) throw new UsageError(`--${option} ${why}`)
  switch (command) {
    case 'apply':
    case 'explain':
      if (operands.length === 0) throw new UsageError('expected at least one policy file, got none')
      return readApply(values, {
        policies: { kind: 'files', paths: operands },
        images: values.image,
        explain: command === 'explain',
      })
    case 'image':
      if (values.policy === undefined) throw new UsageError('`image` needs --policy <file>')
      return readApply(values, { policies: { kind: 'files', paths: values.policy }, images: operands })
    case 'verify':
      return readApply(values, { policies: { kind: 'signer', signer: readSigner(values) }, images: operands })
    case 'tree':
      if (operands.length === 0) throw new UsageError('expected at least one image, got none')
      return { command, images: operands, output: readOutput(values, TREE_FORMATS), ...readRegistry(values) }
    case 'lint':
      if (operands.length === 0) throw new UsageError('expected at least one policy file, got none')
      return { command, policies: operands, output: readOutput(values, PROBLEM_FORMATS) }
    default:
      throw new UsageError(command === undefined ? 'expected a command, got none' : `unknown command \`${command}\``)
  }
}

/** Whether `-h` or `--help` stands anywhere in front of `--`, also beside arguments that are wrong. */
function asksForHelp(argv: readonly string[]): boolean {
  const end = argv.indexOf('--')
  return (end < 0 ? argv : argv.slice(0, end)).some((argument) => argument === '-h' || argument === '--help')
}

/** A script would read the 0 of `apply … --version` as "admitted", so the option must stand alone. */
function readVersion(values: Values, command: string | undefined): { readonly command: 'version' } {
  if (Object.keys(values).length > 1 || command !== undefined) throw new UsageError('--version must be given alone')
  return { command: 'version' }
}

interface Verifying {
  readonly policies: PolicySource
  readonly images: readonly string[] | undefined
  readonly explain?: boolean
}

function readApply(values: Values, { policies, images = [], explain = false }: Verifying): ApplyArguments {
  const {
    resource: resources = [],
    'images-from': imageFiles = [],
    exception: exceptions = [],
    objects = [],
    'old-object': oldObject,
    'trusted-root': trustedRoot,
  } = values
  if (resources.length + images.length + imageFiles.length === 0)
    throw new UsageError('nothing to verify: expected --resource, an image or --images-from')
  const paths = policies.kind === 'files' ? policies.paths : [policies.signer.key]
  const files = [
    ...paths,
    ...imageFiles,
    ...resources,
    ...exceptions,
    ...objects,
    oldObject,
    trustedRoot,
    values['docker-config'],
  ]
  if (files.filter((file) => file === '-').length > 1)
    throw new UsageError('`-` is given more than once: standard input can be read only once')
  return {
    command: 'apply',
    policies,
    resources,
    images,
    imageFiles,
    requester: readRequester(values),
    concurrency: readConcurrency(values.concurrency ?? '8'),
    namespace: values.namespace === undefined ? undefined : readNamespace(values.namespace),
    namespaceLabels:
      values['namespace-label'] && Object.fromEntries(readPairs('namespace-label', values['namespace-label'])),
    operation: oneOf('operation', values.operation ?? 'CREATE', ['CREATE', 'UPDATE', 'DELETE']),
    oldObject,
    exceptions,
    objects,
    platforms: readPlatforms(values.platforms ?? 'index'),
    unmatched: oneOf('unmatched', values.unmatched ?? 'admit', ['admit', 'refuse']),
    trustedRoot,
    revocationHosts:
      values['no-revocation-requests'] === true
        ? undefined
        : (values['revocation-host']?.map(readRevocationHost) ?? []),
    explain,
    output: readOutput(values, VERDICT_FORMATS),
    ...readRegistry(values),
  }
}

function readSigner(values: Values): SignerArguments {
  const textOrPattern = (
    text: string | undefined,
    pattern: string | undefined,
    option: string,
  ): TextOrPattern | undefined => {
    if (text !== undefined && pattern !== undefined)
      throw new UsageError(`--${option} and --${option}-regexp exclude each other`)
    if (text !== undefined) return { value: text, isPattern: false }
    return pattern === undefined ? undefined : { value: pattern, isPattern: true }
  }
  const { key, attestation } = values
  const ignoreTransparencyLog = values['insecure-ignore-tlog'] === true
  const ignoreCertificateLog = values['insecure-ignore-sct'] === true
  const identity = textOrPattern(
    values['certificate-identity'],
    values['certificate-identity-regexp'],
    'certificate-identity',
  )
  const issuer = textOrPattern(
    values['certificate-oidc-issuer'],
    values['certificate-oidc-issuer-regexp'],
    'certificate-oidc-issuer',
  )
  // Anyone can get a certificate for an identity of their own, so one without the other says little.
  if (key === undefined && (identity === undefined || issuer === undefined))
    throw new UsageError('`verify` needs --key, or both --certificate-identity and --certificate-oidc-issuer')
  if (key !== undefined && (identity !== undefined || issuer !== undefined))
    throw new UsageError('--key and --certificate-… exclude each other')
  if (key !== undefined && ignoreCertificateLog) throw new UsageError('--insecure-ignore-sct has no effect with --key')
  return {
    key,
    identity,
    issuer,
    attestation,
    ignoreTransparencyLog,
    ignoreCertificateLog,
  }
}

function readRequester({ user, group, role, 'cluster-role': clusterRole }: Values): Requester {
  return {
    ...(user === undefined && group === undefined
      ? {}
      : { userInfo: { username: user ?? '', ...(group === undefined ? {} : { groups: group }) } }),
    ...(role === undefined ? {} : { roles: role }),
    ...(clusterRole === undefined ? {} : { clusterRoles: clusterRole }),
  }
}

function readConcurrency(value: string): number {
  if (!/^[1-9]\d{0,2}$/.test(value))
    throw new UsageError(`--concurrency: expected a number from 1 to 999, got \`${value}\``)
  return Number(value)
}

function readRegistry(values: Values): RegistryArguments {
  return {
    insecureRegistries: values['insecure-registry'] ?? [],
    endpoints: readPairs('registry-endpoint', values['registry-endpoint'] ?? []),
    tokenServers: readTokenServers(values['token-server'] ?? []),
    insecureCredentials: values['insecure-credentials'] === true,
    caFile: values['ca-file'],
    dockerConfig: values['docker-config'],
    deadlineMs: readDeadline(values.deadline ?? '30'),
  }
}

function readOutput<T extends string>(values: Values, allowed: readonly ['text', ...T[]]): 'text' | T {
  return oneOf<'text' | T>('output', values.output ?? 'text', allowed)
}

function oneOf<T extends string>(option: string, value: string, allowed: readonly T[]): T {
  const found = allowed.find((each) => each === value)
  if (found === undefined) throw new UsageError(`--${option}: expected one of ${allowed.join(', ')}, got \`${value}\``)
  return found
}

/** An RFC 1123 label: the API server accepts no other namespace names. */
function readNamespace(value: string): string {
  if (!/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/.test(value)) {
    throw new UsageError(
      `--namespace: expected up to 63 lowercase letters, digits and hyphens, no hyphen at either end, got \`${value}\``,
    )
  }
  return value
}

/** Hosts are compared with those of responder URLs, so a host that no URL can have would allow nothing. */
function readRevocationHost(value: string): string {
  if (!['http', 'https'].every((scheme) => URL.parse(`${scheme}://${value}`)?.host === value.toLowerCase())) {
    throw new UsageError(
      `--revocation-host: expected host[:port] without the default port of http or https, got \`${value}\``,
    )
  }
  return value
}

/** A registry may have several token servers. */
function readTokenServers(pairs: readonly string[]): ReadonlyMap<string, readonly string[]> {
  const read = new Map<string, readonly string[]>()
  for (const pair of pairs) {
    const [registry = '', server = '', ...rest] = pair.split('=')
    if (registry === '' || server === '' || rest.length > 0)
      throw new UsageError(`--token-server: expected ${OPTIONS['token-server'].value}, got \`${pair}\``)
    read.set(registry, [...(read.get(registry) ?? []), server])
  }
  return read
}

function readPairs(
  option: 'namespace-label' | 'registry-endpoint',
  pairs: readonly string[],
): ReadonlyMap<string, string> {
  const read = new Map<string, string>()
  for (const pair of pairs) {
    const at = pair.indexOf('=')
    if (at <= 0) throw new UsageError(`--${option}: expected ${OPTIONS[option].value}, got \`${pair}\``)
    const name = pair.slice(0, at)
    if (read.has(name)) throw new UsageError(`--${option} names \`${name}\` twice`)
    read.set(name, pair.slice(at + 1))
  }
  return read
}

function readPlatforms(value: string): PlatformChoice {
  if (value === 'index' || value === 'any-child' || value === 'every-child') return value
  const platforms = value.split(',')
  // A misspelt choice would otherwise be read as a platform that no image has.
  if (!platforms.every((platform) => /^[^/\s]+(?:\/[^/\s]+){1,2}$/.test(platform))) {
    throw new UsageError(
      `--platforms: expected index, any-child, every-child or platforms such as linux/amd64,linux/arm/v7, got \`${value}\``,
    )
  }
  return platforms
}

function readDeadline(value: string): number {
  const seconds = Number(value)
  if (!(seconds > 0 && seconds <= 3600))
    throw new UsageError(`--deadline: expected a number of seconds above 0 and up to 3600, got \`${value}\``)
  return Math.ceil(seconds * 1000)
}
