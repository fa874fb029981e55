/** The inputs of the action that become options of the command line as they are, one option for each line. */
const LISTS = {
  resources: 'resource',
  images: 'image',
  'images-from': 'images-from',
  objects: 'objects',
  exceptions: 'exception',
} as const

/** Those that become one option. */
const TEXTS = [
  'namespace',
  'platforms',
  'trusted-root',
  'ca-file',
  'deadline',
  'image-deadline',
  'docker-config',
] as const

/** Every input that is read; a test compares them with `action.yml`. */
export const INPUT_NAMES: readonly string[] = [
  ...Object.keys(LISTS),
  ...TEXTS,
  ...['policies', 'unmatched', 'fail-on', 'registry', 'username', 'password', 'sarif-file', 'junit-file', 'options'],
]

export interface Inputs {
  /** The arguments of `verify-images apply`, apart from the formats. */
  readonly options: readonly string[]
  readonly policies: readonly string[]
  readonly failOn: 'rejected' | 'inconclusive'
  readonly credential: RegistryCredential | undefined
  readonly sarifFile: string | undefined
  readonly junitFile: string | undefined
}

export interface RegistryCredential {
  readonly registry: string
  readonly username: string
  readonly password: string
}

type Environment = Readonly<Record<string, string | undefined>>

/** Thrown when an input is missing or malformed. */
export class ActionInputError extends Error {
  override readonly name = 'ActionInputError'
  readonly code = 'VERIFIER_OPTIONS_INVALID'
}

/**
 * Reads the inputs of the step. Each becomes one argument with its option (`--image=…`), so that no value is read as
 * another option.
 *
 * @throws ActionInputError
 */
export function readInputs(environment: Environment): Inputs {
  const policies = lines(environment, 'policies')
  if (policies.length === 0)
    throw new ActionInputError('policies: expected at least one file, folder or pattern, got none')
  if (['resources', 'images', 'images-from'].every((name) => lines(environment, name).length === 0))
    throw new ActionInputError('expected resources, images or images-from, got none: is a variable unset?')
  return {
    options: optionsOf(environment),
    policies,
    failOn: failOnOf(environment),
    credential: credentialOf(environment),
    sarifFile: text(environment, 'sarif-file'),
    junitFile: text(environment, 'junit-file'),
  }
}

function optionsOf(environment: Environment): readonly string[] {
  return [
    ...Object.entries(LISTS).flatMap(([name, option]) =>
      lines(environment, name).map((value) => `--${option}=${value}`),
    ),
    // The default of `action.yml` does not count for an input that is set to nothing, and that of the command is laxer.
    `--unmatched=${text(environment, 'unmatched') ?? 'refuse'}`,
    ...TEXTS.flatMap((name) => {
      const value = text(environment, name)
      return value === undefined ? [] : [`--${name}=${value}`]
    }),
    ...furtherOptions(environment),
  ]
}

/** A line that is no option would be taken for a policy. */
function furtherOptions(environment: Environment): readonly string[] {
  const options = lines(environment, 'options')
  const other = options.find((option) => !/^-[^-]|^--[^-]/.test(option))
  if (other !== undefined)
    throw new ActionInputError(`options: expected one option per line, such as \`--at=2026-01-31\`, got \`${other}\``)
  return options
}

function failOnOf(environment: Environment): Inputs['failOn'] {
  const value = text(environment, 'fail-on') ?? 'inconclusive'
  if (value !== 'rejected' && value !== 'inconclusive')
    throw new ActionInputError(`fail-on: expected rejected or inconclusive, got \`${value}\``)
  return value
}

function credentialOf(environment: Environment): RegistryCredential | undefined {
  const [registry, username, password] = [
    text(environment, 'registry'),
    text(environment, 'username'),
    text(environment, 'password'),
  ]
  if (registry === undefined && username === undefined && password === undefined) return undefined
  if (registry === undefined || username === undefined || password === undefined)
    throw new ActionInputError('expected all of registry, username and password, or none: is a secret unset?')
  if (text(environment, 'docker-config') !== undefined)
    throw new ActionInputError('docker-config and registry exclude each other')
  return { registry, username, password }
}

/** The variable that the runner passes an input in. */
function text(environment: Environment, name: string): string | undefined {
  return environment[`INPUT_${name.toUpperCase()}`]?.trim() || undefined
}

function lines(environment: Environment, name: string): readonly string[] {
  const value = text(environment, name) ?? ''
  return value
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
}
