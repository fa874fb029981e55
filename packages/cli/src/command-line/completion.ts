import { COMMAND_LIST, type CommandName, type Shell } from './commands.ts'
import { formatsOf, optionsOf, type OptionEntry } from './options.ts'

/*
 * The scripts are made from the tables of commands and options, so they know what the parser knows and start no process
 * while the user types. The library for this (`@bomb.sh/tab`) turns the completion of file names off, and most of our
 * operands are files.
 */

/** Returns the completion script for a shell. */
export function completionScript(shell: Shell): string {
  switch (shell) {
    case 'bash':
      return bashScript()
    case 'zsh':
      return zshScript()
    case 'fish':
      return fishScript()
  }
}

type Completed = 'files' | 'nothing' | readonly string[]

/** Returns what completes the value of an option; undefined for a flag. */
function completedBy(command: CommandName, { kind, completes }: OptionEntry): Completed | undefined {
  if (kind === 'flag') return undefined
  return completes === 'formats' ? formatsOf(command) : (completes ?? 'nothing')
}

/** The first words of commands, once each: `trust` has commands of its own. */
const FIRST_WORDS: readonly string[] = [...new Set(COMMAND_LIST.map(([name]) => name.split(' ', 1)[0] ?? ''))]

/** Returns the second words of a first word. */
function secondWords(first: string): readonly string[] {
  return COMMAND_LIST.flatMap(([name]) => (name.startsWith(`${first} `) ? [name.slice(first.length + 1)] : []))
}

/** The first words that have second words. */
const NESTED: readonly string[] = FIRST_WORDS.filter((first) => secondWords(first).length > 0)

function bashScript(): string {
  const nested = NESTED.flatMap((first) => secondWords(first).map((word) => `'${first} '${word}`))
  const words = [
    bashCase('', { words: FIRST_WORDS }),
    ...NESTED.map((first) => bashCase(`${first} `, { words: secondWords(first) })),
  ]
  return `# bash completion of verify-images
_verify_images() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD-1]} command= word i
  # bash splits --option=value at the equals sign.
  if [[ $cur == = ]]; then cur=
  elif [[ $prev == = ]]; then prev=\${COMP_WORDS[COMP_CWORD-2]}; fi
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=\${COMP_WORDS[i]}
    case "$command$word" in
      ${[...FIRST_WORDS, ...nested].join('|')}) command+="$word " ;;
    esac
  done
  local IFS=$'\\n' words= options=
  case "$command" in
${words.join('\n')}
${COMMAND_LIST.map(([name, { completes }]) =>
  bashCase(`${name} `, {
    options: optionsOf(name).flatMap(([option, { short }]) => [
      ...(short === undefined ? [] : [`-${short}`]),
      `--${option}`,
    ]),
    ...(completes === 'files' || completes === 'nothing' ? {} : { words: completes }),
    isFiles: completes === 'files',
  }),
).join('\n')}
  esac
  if [[ $cur == -* ]]; then COMPREPLY=($(compgen -W "$options"$'\\n--help' -- "$cur")); return; fi
  case "$command$prev" in
${COMMAND_LIST.flatMap(([name]) => bashValues(name)).join('\n')}
  esac
  if [[ $words == FILES ]]; then COMPREPLY=($(compgen -f -- "$cur"))
  else COMPREPLY=($(compgen -W "$words" -- "$cur")); fi
}
complete -o filenames -F _verify_images verify-images
`
}

interface BashCase {
  readonly words?: readonly string[]
  readonly options?: readonly string[]
  readonly isFiles?: boolean
}

function bashCase(command: string, { words = [], options = [], isFiles = false }: BashCase): string {
  return `    '${command}') words=$'${isFiles ? 'FILES' : words.join('\\n')}' options=$'${options.join('\\n')}' ;;`
}

function bashValues(command: CommandName): readonly string[] {
  return optionsOf(command).flatMap(([name, entry]) => {
    const completed = completedBy(command, entry)
    if (completed === undefined) return []
    const patterns = [`'${command} --${name}'`, ...(entry.short === undefined ? [] : [`'${command} -${entry.short}'`])]
    const reply =
      completed === 'files'
        ? 'COMPREPLY=($(compgen -f -- "$cur"))'
        : completed === 'nothing'
          ? 'COMPREPLY=()'
          : `COMPREPLY=($(compgen -W $'${completed.join('\\n')}' -- "$cur"))`
    return [`    ${patterns.join('|')}) ${reply}; return ;;`]
  })
}

function zshScript(): string {
  const described = (words: readonly (readonly [string, string])[]): string =>
    words.map(([word, summary]) => `'${word}:${quoted(summary)}'`).join(' ')
  const nested = NESTED.map((first) => {
    const words = secondWords(first).map((word) => [word, summaryOf(`${first} ${word}`)] as const)
    return `        ${first})
          _arguments -C '1:command:->nested' '*::argument:->${first}'
          case $state in
            nested) local -a nested=(${described(words)}); _describe command nested ;;
            ${first})
              case $words[1] in
${secondWords(first)
  .map((word) => `                ${word}) _arguments ${zshArguments(`${first} ${word}`)} ;;`)
  .join('\n')}
              esac ;;
          esac ;;`
  })
  const commands = described(FIRST_WORDS.map((word) => [word, summaryOf(word)]))
  const plain = FIRST_WORDS.filter((first) => !NESTED.includes(first))
  return `#compdef verify-images
_verify_images() {
  local state line
  _arguments -C '1:command:->command' '*::argument:->arguments'
  case $state in
    command) local -a commands=(${commands}); _describe command commands ;;
    arguments)
      case $words[1] in
${plain.map((name) => `        ${name}) _arguments ${zshArguments(name)} ;;`).join('\n')}
${nested.join('\n')}
      esac ;;
  esac
}
if [[ $funcstack[1] == _verify_images ]]; then _verify_images "$@"; else compdef _verify_images verify-images; fi
`
}

function zshArguments(command: string): string {
  const [name, entry] = COMMAND_LIST.find(([known]) => known === command) ?? []
  if (name === undefined || entry === undefined) return ''
  const options = optionsOf(name).flatMap(([option, description]) => {
    const completed = completedBy(name, description)
    const value = completed === undefined ? '' : `:value:${zshAction(completed)}`
    const names = [`--${option}`, ...(description.short === undefined ? [] : [`-${description.short}`])]
    const repeat = description.kind === 'list' ? '*' : ''
    return names.map((each) => `'${repeat}${each}[${quoted(description.help).replaceAll(/[[\]]/g, '\\$&')}]${value}'`)
  })
  return [...options, `'*:operand:${zshAction(entry.completes)}'`].join(' ')
}

function zshAction(completed: Completed): string {
  if (completed === 'files') return '_files'
  return completed === 'nothing' ? ' ' : `(${completed.join(' ')})`
}

function fishScript(): string {
  const complete = (...parts: readonly string[]): string => ['complete -c verify-images', ...parts].join(' ')
  const described = (word: string, command: string): string => `-a ${word} -d '${quoted(summaryOf(command))}'`
  return `# fish completion of verify-images
${complete('-f')}
${complete("-s h -l help -d 'print the help'")}
${FIRST_WORDS.map((word) => complete('-n __fish_use_subcommand', described(word, word))).join('\n')}
${NESTED.flatMap((first) =>
  secondWords(first).map((word) =>
    complete(
      `-n '__fish_seen_subcommand_from ${first}; and not __fish_seen_subcommand_from ${secondWords(first).join(' ')}'`,
      described(word, `${first} ${word}`),
    ),
  ),
).join('\n')}
${COMMAND_LIST.flatMap(([name, { completes }]) => {
  const seen = `-n '${name
    .split(' ')
    .map((word) => `__fish_seen_subcommand_from ${word}`)
    .join('; and ')}'`
  return [
    ...fishOperands(completes).map((each) => complete(seen, each)),
    ...optionsOf(name).map(([option, entry]) =>
      complete(
        seen,
        ...(entry.short === undefined ? [] : [`-s ${entry.short}`]),
        `-l ${option} -d '${quoted(entry.help)}'`,
        ...fishValues(completedBy(name, entry)),
      ),
    ),
  ]
}).join('\n')}
`
}

function fishOperands(completes: Completed): readonly string[] {
  if (completes === 'files') return ['-F']
  return completes === 'nothing' ? [] : [`-a '${completes.join(' ')}'`]
}

function fishValues(completed: Completed | undefined): readonly string[] {
  if (completed === undefined) return []
  if (completed === 'files') return ['-r -F']
  return completed === 'nothing' ? ['-x'] : [`-x -a '${completed.join(' ')}'`]
}

function summaryOf(command: string): string {
  const [, entry] = COMMAND_LIST.find(([name]) => name === command) ?? []
  return entry?.summary ?? 'shows, refreshes or exports the Sigstore trust root'
}

/** Quotes one of our own texts, which have no special characters but quotes and colons. */
function quoted(text: string): string {
  return text.replaceAll("'", '’').replaceAll(':', ' -').replaceAll('$', '').replaceAll('`', '')
}
