import type { Operation, PlatformChoice } from '@verify-images/core'
import { UsageError } from './cli-error.ts'
import { isCommand, readOptions, type Values } from './options.ts'

export interface RegistryArguments {
  readonly insecureRegistries: readonly string[]
  readonly endpoints: ReadonlyMap<string, string>
  readonly dockerConfig: string | undefined
  readonly deadlineMs: number
  readonly output: 'text' | 'json'
}

export interface ApplyArguments extends RegistryArguments {
  readonly command: 'apply'
  readonly policies: readonly string[]
  readonly resources: readonly string[]
  readonly images: readonly string[]
  readonly namespace: string | undefined
  readonly namespaceLabels: Readonly<Record<string, string>> | undefined
  readonly operation: Operation
  readonly oldObject: string | undefined
  readonly exceptions: readonly string[]
  readonly objects: readonly string[]
  readonly platforms: PlatformChoice
  readonly unmatched: 'admit' | 'refuse'
  readonly trustedRoot: string | undefined
  /** Where revocation is asked for inside the network, too; undefined where nobody is asked. */
  readonly revocationHosts: readonly string[] | undefined
  readonly explain: boolean
  readonly report: boolean
}

export interface TreeArguments extends RegistryArguments {
  readonly command: 'tree'
  readonly images: readonly string[]
}

export type Arguments = ApplyArguments | TreeArguments | { readonly command: 'help' } | { readonly command: 'version' }

/** What would be ignored beside something else, or without it. */
const IGNORED: readonly (readonly [option: keyof Values, isIgnored: (values: Values) => boolean, why: string])[] = [
  ['operation', ({ resource }) => resource === undefined, 'is about objects; give --resource'],
  ['old-object', ({ resource }) => resource === undefined, 'is about an object; give --resource'],
  ['old-object', ({ resource = [] }) => resource.length > 1, 'is what one object was; give --resource once'],
  [
    'old-object',
    ({ operation }) => operation !== 'UPDATE',
    'is what the object was before an UPDATE; give --operation UPDATE',
  ],
  [
    'revocation-host',
    (values) => values['no-revocation-requests'] === true,
    'is not asked with --no-revocation-requests',
  ],
  ['output', ({ report, output }) => report === true && output === 'text', 'is not heeded by --report, which is JSON'],
]

/** @throws UsageError */
export function readArguments(argv: readonly string[]): Arguments {
  const { values, command, operands } = readOptions(argv)
  const aboutItself = readAboutItself(values, command, operands)
  if (aboutItself !== undefined) return { command: aboutItself }
  for (const [option, isIgnored, why] of IGNORED)
    if (values[option] !== undefined && isIgnored(values)) throw new UsageError(`--${option} ${why}`)
  switch (command) {
    case 'apply':
    case 'explain':
      return readApply(values, operands, command === 'explain')
    case 'tree':
      if (operands.length === 0) throw new UsageError('no image given')
      return { command, images: operands, ...readRegistry(values) }
    default:
      throw new UsageError(command === undefined ? 'no command given' : `unknown command \`${command}\``)
  }
}

/** What is asked beside it would not be answered, and a script would read its 0 as "admitted". */
function readAboutItself(
  values: Values,
  command: string | undefined,
  operands: readonly string[],
): 'help' | 'version' | undefined {
  const asked = (['help', 'version'] as const).find((each) => values[each] === true)
  if (asked === undefined) return undefined
  const isAlone =
    Object.keys(values).length === 1 &&
    operands.length === 0 &&
    (command === undefined || (asked === 'help' && isCommand(command)))
  if (!isAlone) throw new UsageError(`--${asked} is given beside something else, which would be passed over`)
  return asked
}

function readApply(values: Values, policies: readonly string[], explain: boolean): ApplyArguments {
  const {
    resource: resources = [],
    image: images = [],
    exception: exceptions = [],
    objects = [],
    'old-object': oldObject,
    'trusted-root': trustedRoot,
  } = values
  if (policies.length === 0) throw new UsageError('no policy file given')
  if (resources.length + images.length === 0) throw new UsageError('nothing to judge: give --resource or --image')
  const files = [...policies, ...resources, ...exceptions, ...objects, oldObject, trustedRoot, values['docker-config']]
  if (files.filter((file) => file === '-').length > 1) throw new UsageError('standard input can be read only once')
  return {
    command: 'apply',
    policies,
    resources,
    images,
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
    report: values.report === true,
    ...readRegistry(values),
  }
}

function readRegistry(values: Values): RegistryArguments {
  return {
    insecureRegistries: values['insecure-registry'] ?? [],
    endpoints: readPairs('registry-endpoint', values['registry-endpoint'] ?? []),
    dockerConfig: values['docker-config'],
    deadlineMs: readDeadline(values.deadline ?? '30'),
    output: oneOf('output', values.output ?? 'text', ['text', 'json']),
  }
}

function oneOf<T extends string>(option: string, value: string, allowed: readonly T[]): T {
  const found = allowed.find((each) => each === value)
  if (found === undefined) throw new UsageError(`--${option} is \`${value}\`, expected one of ${allowed.join(', ')}`)
  return found
}

/** An RFC 1123 label, as the API server takes it: no object is ever in a namespace of another name. */
function readNamespace(value: string): string {
  if (!/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/.test(value)) {
    throw new UsageError(
      `--namespace is \`${value}\`, expected up to 63 lowercase letters, digits and hyphens, with no hyphen at either end`,
    )
  }
  return value
}

/** Responders are URLs, and compared as those spell their hosts: a name that none would have allows nothing. */
function readRevocationHost(value: string): string {
  if (!['http', 'https'].every((scheme) => URL.parse(`${scheme}://${value}`)?.host === value.toLowerCase())) {
    throw new UsageError(
      `--revocation-host is \`${value}\`, expected host[:port], without a port that goes without saying`,
    )
  }
  return value
}

function readPairs(option: string, pairs: readonly string[]): ReadonlyMap<string, string> {
  const read = new Map<string, string>()
  for (const pair of pairs) {
    const at = pair.indexOf('=')
    if (at <= 0) throw new UsageError(`--${option} is \`${pair}\`, expected name=value`)
    const name = pair.slice(0, at)
    if (read.has(name)) throw new UsageError(`--${option} names \`${name}\` twice`)
    read.set(name, pair.slice(at + 1))
  }
  return read
}

function readPlatforms(value: string): PlatformChoice {
  if (value === 'index' || value === 'any-child' || value === 'every-child') return value
  const platforms = value.split(',')
  // A choice with a slip of the pen would be a platform that no image has.
  if (!platforms.every((platform) => /^[^/\s]+(?:\/[^/\s]+){1,2}$/.test(platform))) {
    throw new UsageError(
      `--platforms is \`${value}\`, expected index, any-child, every-child, or platforms such as linux/amd64,linux/arm/v7`,
    )
  }
  return platforms
}

function readDeadline(value: string): number {
  const seconds = Number(value)
  if (!(seconds > 0 && seconds <= 3600))
    throw new UsageError(`--deadline is \`${value}\`, expected seconds between 0 and 3600`)
  return Math.ceil(seconds * 1000)
}
