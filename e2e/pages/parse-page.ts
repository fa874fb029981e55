/** What a page of the documentation tells its reader to do. */
export type Step = Readonly<
  | { kind: 'save'; line: number; file: string; text: string }
  | { kind: 'run'; line: number; script: string; background: boolean; exitCode: number }
  | { kind: 'expect'; line: number; output: string }
  | { kind: 'other-tools'; line: number; commands: readonly string[] }
>

/**
 * Returns the steps of a page, from its fenced blocks:
 *
 * - `yaml policy.yaml`: a file to save; a block of any language whose second word is the name of a file
 * - `sh`: commands to run; the last one may end with `# exit 1`. `sh background` goes on running beside the next steps
 * - `text`: what the commands before it print; `…` stands for anything
 * - `console`: commands of tools that CI does not have
 *
 * @throws Error for any other block: a page has no code that is not run
 */
export function parsePage(markdown: string): readonly Step[] {
  return [...markdown.matchAll(/^```(\S+)(?: (\S+))?\n(.*?)^```$/gms)].map(
    ({ index, 1: language = '', 2: word, 3: text = '' }) =>
      stepOf({ language, word, text, line: markdown.slice(0, index).split('\n').length }),
  )
}

interface Block {
  readonly language: string
  readonly word: string | undefined
  readonly text: string
  readonly line: number
}

function stepOf({ language, word, text, line }: Block): Step {
  if (language === 'sh' && (word === undefined || word === 'background')) {
    const exitCode = Number(/# exit (\d+)$/m.exec(text)?.[1] ?? 0)
    return { kind: 'run', line, script: text, background: word === 'background', exitCode }
  }
  if (word !== undefined) return { kind: 'save', line, file: word, text }
  if (language === 'text') return { kind: 'expect', line, output: text }
  if (language === 'console') return { kind: 'other-tools', line, commands: commandsOf(text) }
  throw new Error(`line ${String(line)}: expected the name of a file after \`${language}\``)
}

function commandsOf(text: string): readonly string[] {
  return text.split('\n').filter((line) => /^[a-z]/.test(line))
}

/** Whether commands printed what the page says; trailing spaces do not count. */
export function printsAs(output: string, expected: string): boolean {
  const lines = (text: string): string =>
    text
      .split('\n')
      .map((line) => line.trimEnd())
      .join('\n')
      .trim()
  const literal = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
  const pattern = lines(expected).split('…').map(literal).join('[\\s\\S]*?')
  return new RegExp(`^${pattern}$`).test(lines(output))
}
