import { parseArgs } from 'node:util'
import { UsageError } from './cli-error.ts'

export const COMMANDS = ['apply', 'explain', 'tree'] as const
export type Command = (typeof COMMANDS)[number]

export type Section = 'judged' | 'trusted' | 'reached' | 'printed' | 'itself'

export const SECTIONS: Readonly<Record<Section, { readonly title: string; readonly heededBy: readonly Command[] }>> = {
  judged: { title: 'what is judged', heededBy: ['apply', 'explain'] },
  trusted: { title: 'what is trusted', heededBy: ['apply', 'explain'] },
  reached: { title: 'how registries are reached', heededBy: COMMANDS },
  printed: { title: 'what is printed', heededBy: COMMANDS },
  itself: { title: 'about this command', heededBy: COMMANDS },
}

export interface Option {
  readonly type: 'string' | 'boolean'
  /** It may be repeated. */
  readonly multiple?: true
  readonly short?: string
  readonly section: Section
  /** How its value is written. */
  readonly value?: string
  readonly help: string
  /** Where it is heeded, if not by all that heed its section. */
  readonly heededBy?: readonly Command[]
}

export const OPTIONS = {
  resource: {
    type: 'string',
    multiple: true,
    section: 'judged',
    value: '<file|->',
    help: 'Kubernetes objects, YAML or JSON',
  },
  image: {
    type: 'string',
    multiple: true,
    section: 'judged',
    value: '<reference>',
    help: 'an image, as if a Pod ran it',
  },
  namespace: {
    type: 'string',
    short: 'n',
    section: 'judged',
    value: '<name>',
    help: 'of images (default: default), and of objects that name none',
  },
  'namespace-label': {
    type: 'string',
    multiple: true,
    section: 'judged',
    value: '<key=value>',
    help: 'a label of that namespace',
  },
  operation: {
    type: 'string',
    section: 'judged',
    value: '<CREATE|UPDATE|DELETE>',
    help: 'what is done with the objects (default: CREATE)',
  },
  'old-object': { type: 'string', section: 'judged', value: '<file>', help: 'the one object before an UPDATE' },
  exception: { type: 'string', multiple: true, section: 'judged', value: '<file>', help: 'PolicyExceptions' },
  objects: {
    type: 'string',
    multiple: true,
    section: 'judged',
    value: '<file>',
    help: 'Secrets, ConfigMaps and Namespaces the policies may read',
  },
  platforms: {
    type: 'string',
    section: 'judged',
    value: '<choice>',
    help: 'what must be signed of an image for several platforms: index (default), any-child, every-child, or a list such as linux/amd64,linux/arm64',
  },
  unmatched: {
    type: 'string',
    section: 'judged',
    value: '<admit|refuse>',
    help: 'what it means that no policy concerns an object or image (default: admit, as in a cluster)',
  },

  'trusted-root': {
    type: 'string',
    section: 'trusted',
    value: '<file>',
    help: 'Sigstore trusted root (JSON) where a policy names none',
  },
  'revocation-host': {
    type: 'string',
    multiple: true,
    section: 'trusted',
    value: '<host[:port]>',
    help: 'may be asked inside the network whether a certificate is revoked; others are asked at public addresses only',
  },
  'no-revocation-requests': {
    type: 'boolean',
    section: 'trusted',
    help: 'ask nobody; a certificate that names a responder or a list could then not be checked, and is not admitted',
  },

  'insecure-registry': {
    type: 'string',
    multiple: true,
    section: 'reached',
    value: '<host[:port]>',
    help: 'plain HTTP is allowed for this host: whoever is on the way can read and change everything',
  },
  'registry-endpoint': {
    type: 'string',
    multiple: true,
    section: 'reached',
    value: '<host=url>',
    help: 'send requests for this host to a mirror',
  },
  'docker-config': {
    type: 'string',
    section: 'reached',
    value: '<file>',
    help: 'credentials (default: $DOCKER_CONFIG/config.json, ~/.docker/config.json); its helpers are not run',
  },
  deadline: {
    type: 'string',
    section: 'reached',
    value: '<seconds>',
    help: 'for one object, all requests together (default: 30)',
  },

  output: { type: 'string', section: 'printed', value: '<text|json>', help: '(default: text)' },
  report: {
    type: 'boolean',
    section: 'printed',
    heededBy: ['apply'],
    help: 'a PolicyReport instead of the verdict, as JSON; of several a List',
  },

  help: { type: 'boolean', short: 'h', section: 'itself', help: 'print this' },
  version: { type: 'boolean', section: 'itself', help: 'print the version' },
} as const

type Parsed = ReturnType<typeof parseArgs<{ options: typeof OPTIONS; allowPositionals: true; tokens: true }>>
export type Values = Parsed['values']

/**
 * The command of a command line, what follows it, and its options. One that the command would not heed is refused: whoever gave it thinks that it
 * says something. So is what is empty, as a variable that is not set, and what is said twice where only one of the two would count.
 *
 * @throws UsageError
 */
export function readOptions(argv: readonly string[]): {
  readonly values: Values
  readonly command: string | undefined
  readonly operands: readonly string[]
} {
  const {
    values,
    positionals: [command, ...operands],
    tokens,
  } = parse(argv)
  checkTokens(tokens)
  const given: readonly string[] = Object.keys(values)
  const option = Object.entries<Option>(OPTIONS).find(
    ([name, { section, heededBy = SECTIONS[section].heededBy }]) =>
      given.includes(name) && !heededBy.some((each) => each === command),
  )
  if (isCommand(command) && option !== undefined) throw new UsageError(`--${option[0]} says nothing to \`${command}\``)
  return { values, command, operands }
}

function checkTokens(tokens: Parsed['tokens']): void {
  const given = new Set<string>()
  for (const token of tokens) {
    if (token.kind !== 'option-terminator' && token.value === '')
      throw new UsageError(
        `${token.kind === 'option' ? `--${token.name}` : 'an argument'} is empty, as a variable is that has not been set`,
      )
    if (token.kind !== 'option') continue
    const option: Option = OPTIONS[token.name]
    if (given.has(token.name) && option.multiple !== true) throw new UsageError(`--${token.name} is given twice`)
    given.add(token.name)
  }
}

export function isCommand(command: string | undefined): command is Command {
  return COMMANDS.some((each) => each === command)
}

function parse(argv: readonly string[]): Parsed {
  try {
    return parseArgs({ args: [...argv], options: OPTIONS, allowPositionals: true, tokens: true })
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error))
  }
}
