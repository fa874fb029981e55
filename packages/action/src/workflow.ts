import { randomUUID } from 'node:crypto'
import { appendFile } from 'node:fs/promises'
import { commandData } from 'verify-images'

/*
 * What a step says to the runner. The library for it (`@actions/core`) brings an HTTP client and a runner of programs for
 * these few lines: docs/decisions/0012-action.md.
 */

/**
 * Appends the outputs of the step to the file that the runner names. The delimiter is random, so that no value ends
 * itself and begins another output.
 *
 * @see https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands#multiline-strings
 */
export async function writeOutputs(file: string | undefined, outputs: Readonly<Record<string, string>>): Promise<void> {
  if (file === undefined) return
  const delimiter = randomUUID()
  const entries = Object.entries(outputs).map(([name, value]) => `${name}<<${delimiter}\n${value}\n${delimiter}\n`)
  await appendFile(file, entries.join(''))
}

/** Appends a part to the summary of the step, up to a size in bytes. */
export async function writeSummary(file: string | undefined, markdown: string, mostBytes: number): Promise<void> {
  if (file !== undefined) await appendFile(file, shortened(markdown, mostBytes))
}

const CUT = '> **This is not all:** the rest is longer than GitHub shows. The log of the step has everything.\n\n'

/** Cuts at a line, and says so at the top: below, the note could stand inside a table or a block of code. */
export function shortened(markdown: string, mostBytes: number): string {
  const bytes = Buffer.from(markdown)
  if (bytes.length <= mostBytes) return markdown
  const room = mostBytes - Buffer.byteLength(CUT)
  return CUT + bytes.toString('utf8', 0, bytes.lastIndexOf('\n', room - 1) + 1)
}

/** Returns the commands that replace secrets by asterisks in the log, each line of a secret by itself. */
export function masksFor(...secrets: readonly string[]): string {
  const masked = secrets.flatMap((secret) => [secret, ...secret.split(/\r?\n/)]).filter((each) => each !== '')
  return [...new Set(masked)].map((secret) => `::add-mask::${commandData(secret)}\n`).join('')
}

/**
 * Returns text for the log in which the runner finds no commands. Images, policies and registries choose parts of it, and
 * the runner takes `::` at the start of a line and `##[` anywhere in it for a command.
 *
 * @see https://github.com/actions/runner/blob/main/src/Runner.Common/ActionCommand.cs
 */
export function logged(text: string): string {
  const token = randomUUID()
  return `::stop-commands::${token}\n${text}${text.endsWith('\n') ? '' : '\n'}::${token}::\n`
}
