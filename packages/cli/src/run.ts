import { apply } from './apply.ts'
import type { Arguments } from './command-line/arguments.ts'
import { completionScript } from './command-line/completion.ts'
import { VERSION } from './command-line/program.ts'
import { readArguments } from './command-line/read-arguments.ts'
import { codeOf, linesOf } from './cli-error.ts'
import { EXIT, type CommandIO, type CommandResult } from './command-io.ts'
import { lint } from './lint/lint.ts'
import { printable, printableLine } from './printable.ts'
import { boundedReader } from './read-input.ts'
import { test } from './test/test.ts'
import { tree } from './tree.ts'
import { trust } from './trust.ts'

/** Runs one command line and resolves to its exit code; never rejects. */
export async function run(argv: readonly string[], commandIO: CommandIO): Promise<number> {
  const io: CommandIO = {
    ...commandIO,
    readFile: boundedReader(commandIO.readFile),
    stderr: (line) => commandIO.stderr(printableLine(line)),
  }
  let result: CommandResult
  try {
    result = await runCommand(readArguments(argv), io)
  } catch (error) {
    for (const line of linesOf(error)) io.stderr(`verify-images: ${line}`)
    if (codeOf(error).endsWith('_OPTIONS_INVALID')) io.stderr('try `verify-images --help`')
    return EXIT.usage
  }
  const areWritten = await writeFiles(result, io)
  try {
    await io.stdout(result.isPrintable === true ? result.data : printable(result.data))
  } catch (error) {
    const code = codeOf(error)
    // If the reader closed the pipe early, that does not change the verdict.
    if (code !== 'EPIPE') {
      io.stderr(`verify-images: standard output: ${code}: cannot be written`)
      return EXIT.unwritten
    }
  }
  return areWritten ? result.exit : EXIT.unwritten
}

/** Writes every file that can be written; returns whether all were. */
async function writeFiles({ files = [] }: CommandResult, io: CommandIO): Promise<boolean> {
  let areWritten = true
  for (const { file, data } of files) {
    await io.writeFile(file, printable(data)).catch((error: unknown) => {
      io.stderr(`verify-images: ${file}: ${codeOf(error)}: cannot be written`)
      areWritten = false
    })
  }
  return areWritten
}

function runCommand(given: Arguments, io: CommandIO): CommandResult | Promise<CommandResult> {
  switch (given.command) {
    case 'help':
      return { data: given.text, exit: EXIT.admitted }
    case 'version':
      return { data: `${VERSION}\n`, exit: EXIT.admitted }
    case 'completion':
      return { data: completionScript(given.shell), exit: EXIT.admitted }
    case 'apply':
      return apply(given, io)
    case 'tree':
      return tree(given, io)
    case 'lint':
      return lint(given, io)
    case 'test':
      return test(given, io)
    case 'trust show':
    case 'trust export':
    case 'trust refresh':
      return trust(given, io)
  }
}
