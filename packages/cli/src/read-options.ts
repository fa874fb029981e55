import { parseArgs } from 'node:util'
import { UsageError } from './cli-error.ts'
import { type Option, OPTIONS, SECTIONS } from './options.ts'

type Parsed = ReturnType<typeof parseArgs<{ options: typeof OPTIONS; allowPositionals: true; tokens: true }>>
export type Values = Parsed['values']

/**
 * Parses a command line into the command, its operands and its options.
 *
 * Rejects options that the command would ignore, because the caller expects them to have an effect; empty arguments,
 * which usually come from an unset variable; and repeated options of which only one would count.
 *
 * @throws UsageError
 */
export function readOptions(argv: readonly string[]): {
  readonly values: Values
  readonly command: string | undefined
  readonly operands: readonly string[]
} {
  const config = { args: [...argv], options: OPTIONS, allowPositionals: true, tokens: true } as const
  // Node's own messages name neither what is known nor what was meant, so the tokens are checked before it is strict.
  checkTokens(parseArgs({ ...config, strict: false }).tokens)
  const {
    values,
    positionals: [command, ...operands],
  } = parseArgs(config)
  const known: ReadonlyMap<string, Option> = new Map(Object.entries(OPTIONS))
  for (const name of Object.keys(values)) {
    const option = known.get(name)
    const commands: readonly string[] = option === undefined ? [] : SECTIONS[option.section].commands
    if (
      command !== undefined &&
      !commands.includes(command) &&
      SECTIONS.general.commands.some((each) => each === command)
    )
      throw new UsageError(`--${name}: expected an option of \`${command}\`, got one of \`${commands.join('`, `')}\``)
  }
  return { values, command, operands }
}

/** A token of a command line, before it is known whether its option exists. */
interface Token {
  readonly kind: 'option' | 'positional' | 'option-terminator'
  readonly name?: string
  readonly rawName?: string
  readonly value?: string | undefined
  readonly inlineValue?: boolean | undefined
}

function checkTokens(tokens: readonly Token[]): void {
  const given = new Set<string>()
  for (const token of tokens) {
    const { kind, name = '', rawName = '', value } = token
    if (kind === 'positional' && value === '') throw new UsageError('an argument is empty: is a variable unset?')
    if (kind !== 'option') continue
    const option = new Map<string, Option>(Object.entries(OPTIONS)).get(name)
    if (option === undefined) throw new UsageError(`unknown option ${rawName}${suggestionFor(name)}`)
    checkValue(option, token)
    if (given.has(name) && option.multiple !== true) throw new UsageError(`--${name} is given twice`)
    given.add(name)
  }
}

function checkValue({ type, value: placeholder = '' }: Option, { name = '', value, inlineValue }: Token): void {
  if (type === 'boolean') {
    if (value !== undefined) throw new UsageError(`--${name} takes no value, got \`${value}\``)
    return
  }
  if (value === '') throw new UsageError(`--${name} is empty: is a variable unset?`)
  if (value === undefined) throw new UsageError(`--${name}: expected ${placeholder}, got nothing`)
  if (inlineValue !== true && value.startsWith('-') && value !== '-')
    throw new UsageError(
      `--${name}: expected ${placeholder}, got the option \`${value}\`; write --${name}=${value} if that is the value`,
    )
}

/** Names that begin like the given one; an abbreviated or extended name is the usual mistake. */
function suggestionFor(name: string): string {
  const like = Object.keys(OPTIONS).filter((known) => known.startsWith(name) || name.startsWith(known))
  return name.length < 2 || like.length === 0 ? '' : `: did you mean --${like.join(' or --')}?`
}
