import { CommanderError } from 'commander'
import { UsageError } from '../cli-error.ts'
import { COMMANDS, isCommandName, type CommandName } from './commands.ts'
import {
  commandsOf,
  isOptionName,
  OPTION_LIST,
  optionsOf,
  OPTIONS,
  type FlagOption,
  type ListOption,
  type OptionEntry,
  type OptionName,
  type TextOption,
} from './options.ts'
import { createProgram } from './program.ts'

/** The options of a command line, as they were given. */
export interface Values {
  readonly text: (option: TextOption) => string | undefined
  readonly list: (option: ListOption) => readonly string[] | undefined
  readonly flag: (option: FlagOption) => boolean
  readonly isGiven: (option: OptionName) => boolean
}

export type ParsedLine =
  | { readonly kind: 'help'; readonly text: string }
  | { readonly kind: 'version' }
  | {
      readonly kind: 'command'
      readonly command: CommandName
      readonly operands: readonly string[]
      readonly values: Values
    }

/**
 * Parses a command line into the command, its operands and its options.
 *
 * Rejects options that the command would ignore, because the caller expects them to have an effect; empty arguments,
 * which usually come from an unset variable; and repeated options of which only one would count.
 *
 * @throws UsageError
 */
export function parseCommandLine(argv: readonly string[]): ParsedLine {
  const end = argv.indexOf('--')
  const beforeEnd = end < 0 ? argv : argv.slice(0, end)
  const named = commandIn(beforeEnd)
  if (beforeEnd.some((argument) => argument === '-h' || argument === '--help'))
    return { kind: 'help', text: helpOf(wordsIn(beforeEnd)) }
  checkArguments(beforeEnd, named)
  if (beforeEnd.some((argument) => argument.split('=', 1)[0] === '--version')) return readVersion(argv)
  if (argv.length === 0) throw new UsageError('expected a command, got none')
  return parse(argv, named)
}

function parse(argv: readonly string[], named: CommandName | undefined): ParsedLine {
  const given = new Map<OptionName, readonly string[]>()
  let help = ''
  let found: ParsedLine | undefined
  const program = createProgram({
    option: (name, value = '') => given.set(name, [...(given.get(name) ?? []), value]),
    command: (command, operands) => {
      found = { kind: 'command', command, operands, values: valuesOf(given) }
    },
    write: (text) => {
      help += text
    },
  })
  try {
    program.parse([...argv], { from: 'user' })
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    if (error.exitCode === 0) return { kind: 'help', text: help }
    throw usageErrorOf(error, argv, named)
  }
  if (found?.kind === 'command' && found.operands.includes('')) throw new UsageError(EMPTY_OPERAND)
  for (const [name, values] of given)
    if (values.length > 1 && entryOf(name).kind !== 'list') throw new UsageError(`--${name} is given twice`)
  if (found === undefined) throw new UsageError('expected a command, got none')
  return found
}

const EMPTY_OPERAND = 'an argument is empty: is a variable unset?'

function valuesOf(given: ReadonlyMap<OptionName, readonly string[]>): Values {
  return {
    text: (option) => given.get(option)?.[0],
    list: (option) => given.get(option),
    flag: (option) => given.has(option),
    isGiven: (option) => given.has(option),
  }
}

/** Reads `--version`, which must stand alone: a script would read the 0 of `apply … --version` as "admitted". */
function readVersion(argv: readonly string[]): ParsedLine {
  if (argv.length > 1 || argv[0] !== '--version') throw new UsageError('--version must be given alone')
  return { kind: 'version' }
}

/**
 * Returns the help of the command that the words name; of a word such as `trust`, the help of the commands below it.
 */
function helpOf(words: readonly string[]): string {
  let text = ''
  const program = createProgram({
    option: () => undefined,
    command: () => undefined,
    write: (part) => {
      text += part
    },
  })
  words
    .slice(0, 2)
    .reduce((at, word) => at.commands.find((each) => each.name() === word) ?? at, program)
    .outputHelp()
  return text
}

/** Returns the option that an argument names, with the value that is joined to it by `=`. */
function optionIn(
  argument: string,
): { readonly written: string; readonly name?: OptionName; readonly joined?: string } | undefined {
  if (!argument.startsWith('-') || argument === '-') return undefined
  const at = argument.indexOf('=')
  const written = at < 0 ? argument : argument.slice(0, at)
  const short = OPTION_LIST.find(([, entry]) => `-${entry.short ?? ''}` === written)
  const name = short?.[0] ?? written.replace(/^--/, '')
  return { written, ...(isOptionName(name) ? { name } : {}), ...(at < 0 ? {} : { joined: argument.slice(at + 1) }) }
}

/** Returns the command that a line names, whatever else is wrong with it. */
function commandIn(argv: readonly string[]): CommandName | undefined {
  const [first = '', second = ''] = wordsIn(argv)
  return [first, `${first} ${second}`].find(isCommandName)
}

/** Returns the arguments that are neither options nor values of options. */
function wordsIn(argv: readonly string[]): readonly string[] {
  const words: string[] = []
  for (let i = 0; i < argv.length; i++) {
    const option = optionIn(argv[i] ?? '')
    if (option === undefined) words.push(argv[i] ?? '')
    else if (option.name !== undefined && entryOf(option.name).kind !== 'flag' && option.joined === undefined) i++
  }
  return words
}

/** The library would take an option for the value of another one, and does not know the options of other commands. */
function checkArguments(argv: readonly string[], command: CommandName | undefined): void {
  for (const [i, argument] of argv.entries()) {
    const option = optionIn(argument)
    if (option?.name === undefined) continue
    checkValue(option.name, option.joined, argv[i + 1])
    const commands = commandsOf(entryOf(option.name))
    if (command !== undefined && !commands.includes(command))
      throw new UsageError(
        `--${option.name}: expected an option of \`${command}\`, got one of \`${commands.join('`, `')}\``,
      )
  }
}

function checkValue(name: OptionName, joined: string | undefined, next: string | undefined): void {
  const { kind, value: placeholder = '' } = entryOf(name)
  if (kind === 'flag') {
    if (joined !== undefined) throw new UsageError(`--${name} takes no value, got \`${joined}\``)
    return
  }
  const value = joined ?? next
  if (value === '') throw new UsageError(`--${name} is empty: is a variable unset?`)
  if (value === undefined) throw new UsageError(`--${name}: expected ${placeholder}, got nothing`)
  if (joined === undefined && value.startsWith('-') && value !== '-')
    throw new UsageError(
      `--${name}: expected ${placeholder}, got the option \`${value}\`; write --${name}=${value} if that is the value`,
    )
}

/** Widens the entry of one option to what all entries have. */
function entryOf(name: OptionName): OptionEntry {
  return OPTIONS[name]
}

/** The library suggests what is one or two letters away; an abbreviated or extended name is as usual a mistake. */
function usageErrorOf(error: CommanderError, argv: readonly string[], command: CommandName | undefined): UsageError {
  const [first = '', suggestion] = error.message.replace(/^error: /, '').split('\n')
  const meant = suggestion?.replace(/^\(Did you mean (?:one of )?(.*)\?\)$/, '$1').replaceAll(', ', ' or ')
  const message = first.replaceAll("'", '`')
  if (meant !== undefined) return new UsageError(`${message}: did you mean ${meant}?`)
  if (error.code === 'commander.unknownOption') return new UsageError(`${message}${prefixesOf(message, command)}`)
  if (error.code === 'commander.unknownCommand')
    return new UsageError(`${message}: expected one of ${Object.keys(COMMANDS).join(', ')}`)
  if (error.code === 'commander.help') return new UsageError(withoutCommand(argv[0] ?? ''))
  return new UsageError(message)
}

/** Returns the message for `trust` without a second word. */
function withoutCommand(first: string): string {
  const below = Object.keys(COMMANDS).flatMap((name) =>
    name.startsWith(`${first} `) ? [name.slice(first.length + 1)] : [],
  )
  return `expected a command of \`${first}\`, one of ${below.join(', ')}, got none`
}

function prefixesOf(message: string, command: CommandName | undefined): string {
  const name = /`--([^`]+)`/.exec(message)?.[1] ?? ''
  const known = command === undefined ? [] : optionsOf(command).map(([option]) => option)
  const like = known.filter((option) => option.startsWith(name) || name.startsWith(option))
  return name.length < 2 || like.length === 0 ? '' : `: did you mean --${like.join(' or --')}?`
}
