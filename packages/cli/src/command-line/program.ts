import { Command, Option } from 'commander'
import { EXIT } from '../command-io.ts'
import { COMMAND_LIST, type CommandEntry, type CommandName } from './commands.ts'
import { formatsOf, GROUPS, optionsOf, type OptionEntry, type OptionName } from './options.ts'

/** The version of this package; a test compares it with the manifest. */
export const VERSION = '0.1.0'

export interface ProgramEvents {
  /** An option was given; flags have no value. */
  readonly option: (name: OptionName, value: string | undefined) => void
  readonly command: (name: CommandName, operands: readonly string[]) => void
  /** Text of the help. */
  readonly write: (text: string) => void
}

const EXITS = [
  `${String(EXIT.admitted)} admitted`,
  `${String(EXIT.denied)} denied (tree: no such image; lint: something can never pass; test: a test failed)`,
  `${String(EXIT.inconclusive)} could not be checked`,
  `${String(EXIT.usage)} wrong usage or malformed file`,
  `${String(EXIT.unwritten)} result not written`,
]

const FOOT = `
Any <file>, and any policy, may be - for standard input, once. Policies and objects may be folders, of which all .yaml,
.yml and .json files are read, and patterns such as 'policies/**/*.yaml'. Options are refused if they are empty,
repeated although only one value counts, or would be ignored.

exit: ${EXITS.slice(0, 2).join(', ')},
      ${EXITS.slice(2).join(', ')}
`

/** Creates the parser of the whole command line. Errors are thrown as `CommanderError`, and nothing is written. */
export function createProgram(events: ProgramEvents): Command {
  const ignore = (): void => undefined
  const program = new Command('verify-images')
    .description('Checks container images against the verifyImages rules of Kyverno policies.')
    .usage('<command> [options]')
    .exitOverride()
    .configureOutput({ writeOut: events.write, writeErr: ignore, outputError: ignore })
    .configureHelp({ helpWidth: 120 })
    .helpOption('-h, --help', 'print the help of a command, whatever else is given')
    .addOption(new Option('--version', 'print the version'))
    .addHelpText('after', FOOT)
  for (const [name, entry] of COMMAND_LIST) addCommand(program, name, entry, events)
  return program
}

function addCommand(program: Command, name: CommandName, entry: CommandEntry, events: ProgramEvents): void {
  const [first = '', second] = name.split(' ')
  const command = (second === undefined ? program : parentOf(program, first)).command(second ?? first)
  command
    .description(entry.summary)
    .addHelpText('after', `\nExamples:\n${entry.examples.map((line) => `  ${line}\n`).join('')}`)
  if (entry.operands !== '') command.argument(entry.operands)
  // In the order of the groups, because the help has them in the order of their first option.
  const options = GROUPS.flatMap((group) => optionsOf(name).filter(([, option]) => option.group === group))
  for (const [option, description] of options) {
    command.addOption(
      new Option(flagsOf(option, description), helpOf(name, description)).helpGroup(`${description.group}:`),
    )
    command.on(`option:${option}`, (value: unknown) => {
      events.option(option, typeof value === 'string' ? value : undefined)
    })
  }
  command.action(() => {
    events.command(name, command.args)
  })
}

/** Returns the command that another one, such as `trust show`, is below. */
function parentOf(program: Command, name: string): Command {
  const known = program.commands.find((command) => command.name() === name)
  return known ?? program.command(name).description('shows, refreshes or exports the Sigstore trust root')
}

function flagsOf(name: OptionName, { short, value }: OptionEntry): string {
  return (
    `${short === undefined ? '' : `-${short}, `}--${name}` +
    `${value === undefined ? '' : ` ${value.replaceAll(/[<>]/g, '').replace(/^/, '<')}>`}`
  )
}

function helpOf(command: CommandName, { kind, help, completes }: OptionEntry): string {
  if (completes === 'formats') return `${help}; ${formatsOf(command).join(', ')}`
  return kind === 'list' ? `${help} (may be repeated)` : help
}
