import { parseArgs, type ParseArgsConfig } from 'node:util'
import type { Operation } from '@verify-images/core'

export const USAGE = `verify-images: may this container image run?

usage: verify-images apply <policy…> (--resource <file|-> | --image <reference>) [options]
       verify-images explain <policy…> (--resource <file|-> | --image <reference>) [options]
       verify-images tree <image…> [options]
       verify-images --help | --version

apply    judges objects and images by the verifyImages rules of Kyverno policies (files; - is standard input)
explain  does the same and prints the whole tree: every row, its evidence, and what stopped each candidate
tree     prints what is attached to an image and how each part reads; judges nothing

what is judged
  --resource <file|->           Kubernetes objects, YAML or JSON; may be repeated
  --image <reference>           an image, as if a Pod ran it; may be repeated
  --operation <CREATE|UPDATE|DELETE>
  --old-object <file>           the object before an UPDATE
  --namespace-label <key=value> a label of the object's namespace; may be repeated
  --exception <file>            PolicyExceptions; may be repeated
  --objects <file>              Secrets, ConfigMaps and Namespaces the policies may read; may be repeated

how registries are reached
  --insecure-registry <host>    plain HTTP is allowed for this host; may be repeated
  --registry-endpoint <host=url>  send requests for this host to a mirror; may be repeated
  --docker-config <file>        credentials (default: $DOCKER_CONFIG/config.json, ~/.docker/config.json)
  --trusted-root <file>         Sigstore trusted root (JSON) where a policy names none
  --deadline <seconds>          for one object, all requests together (default: 30)

what is printed
  --output <text|json>          (default: text)
  --report                      a PolicyReport instead of the verdict (as JSON)

exit: 0 admitted, 1 denied, 2 could not be checked, 64 usage
`

/** The command line, or a file it names, cannot be understood. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

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
  readonly operation: Operation
  readonly oldObject: string | undefined
  readonly namespaceLabels: Readonly<Record<string, string>> | undefined
  readonly exceptions: readonly string[]
  readonly objects: readonly string[]
  readonly trustedRoot: string | undefined
  readonly explain: boolean
  readonly report: boolean
}

export interface TreeArguments extends RegistryArguments {
  readonly command: 'tree'
  readonly images: readonly string[]
}

export type Arguments = ApplyArguments | TreeArguments | { readonly command: 'help' } | { readonly command: 'version' }

const text = { type: 'string' } as const
const texts = { type: 'string', multiple: true } as const
const flag = { type: 'boolean' } as const
const OPTIONS = {
  'resource': texts, 'image': texts, 'operation': text, 'old-object': text, 'namespace-label': texts, 'exception': texts, 'objects': texts,
  'insecure-registry': texts, 'registry-endpoint': texts, 'docker-config': text, 'trusted-root': text, 'deadline': text,
  'output': text, 'report': flag, 'help': { type: 'boolean', short: 'h' }, 'version': flag,
} as const satisfies ParseArgsConfig['options']

type Values = ReturnType<typeof parse>['values']

/** @throws UsageError */
export function readArguments(argv: readonly string[]): Arguments {
  const { values, positionals: [command, ...operands] } = parse(argv)
  if (values.help === true) return { command: 'help' }
  if (values.version === true) return { command: 'version' }
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

function readApply(values: Values, policies: readonly string[], explain: boolean): ApplyArguments {
  const { resource: resources = [], image: images = [] } = values
  if (policies.length === 0) throw new UsageError('no policy file given')
  if (resources.length + images.length === 0) throw new UsageError('nothing to judge: give --resource or --image')
  if ([...policies, ...resources].filter((file) => file === '-').length > 1) throw new UsageError('standard input can be read only once')
  return {
    command: 'apply',
    policies,
    resources,
    images,
    operation: oneOf('operation', values.operation ?? 'CREATE', ['CREATE', 'UPDATE', 'DELETE']),
    oldObject: values['old-object'],
    namespaceLabels: values['namespace-label'] && Object.fromEntries(values['namespace-label'].map((pair) => splitPair('namespace-label', pair))),
    exceptions: values.exception ?? [],
    objects: values.objects ?? [],
    trustedRoot: values['trusted-root'],
    explain,
    report: values.report === true,
    ...readRegistry(values),
  }
}

function readRegistry(values: Values): RegistryArguments {
  return {
    insecureRegistries: values['insecure-registry'] ?? [],
    endpoints: new Map((values['registry-endpoint'] ?? []).map((pair) => splitPair('registry-endpoint', pair))),
    dockerConfig: values['docker-config'],
    deadlineMs: secondsOf(values.deadline ?? '30') * 1000,
    output: oneOf('output', values.output ?? 'text', ['text', 'json']),
  }
}

function parse(argv: readonly string[]): ReturnType<typeof parseArgs<{ options: typeof OPTIONS; allowPositionals: true }>> {
  try {
    return parseArgs({ args: [...argv], options: OPTIONS, allowPositionals: true })
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error))
  }
}

function oneOf<T extends string>(option: string, value: string, allowed: readonly T[]): T {
  const found = allowed.find((each) => each === value)
  if (found === undefined) throw new UsageError(`--${option} is \`${value}\`, expected one of ${allowed.join(', ')}`)
  return found
}

function splitPair(option: string, pair: string): [string, string] {
  const at = pair.indexOf('=')
  if (at <= 0) throw new UsageError(`--${option} is \`${pair}\`, expected name=value`)
  return [pair.slice(0, at), pair.slice(at + 1)]
}

function secondsOf(value: string): number {
  const seconds = Number(value)
  if (!(seconds > 0 && seconds <= 3600)) throw new UsageError(`--deadline is \`${value}\`, expected seconds between 0 and 3600`)
  return seconds
}
