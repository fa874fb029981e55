import { apply } from './apply.ts'
import { readArguments, type Arguments } from './arguments.ts'
import { codeOf, linesOf } from './cli-error.ts'
import { EXIT, type Answer } from './exit.ts'
import { printable, printableLine } from './printable.ts'
import type { Surroundings } from './surroundings.ts'
import { tree } from './tree.ts'
import { USAGE } from './usage.ts'
import { version } from './version.ts'

/** Runs one command line and resolves with its exit code; it never rejects. */
export async function run(argv: readonly string[], surroundings: Surroundings): Promise<number> {
  const io = { ...surroundings, talk: (line: string) => surroundings.talk(printableLine(line)) }
  let answer: Answer
  try {
    answer = await answerTo(readArguments(argv), io)
  } catch (error) {
    for (const line of linesOf(error)) io.talk(`verify-images: ${line}`)
    if (codeOf(error).endsWith('_OPTIONS_INVALID')) io.talk('try `verify-images --help`')
    return EXIT.usage
  }
  try {
    await io.write(printable(answer.data))
    return answer.exit
  } catch (error) {
    const code = codeOf(error)
    // Whoever closed the pipe has read enough, and the verdict is what it is.
    if (code === 'EPIPE') return answer.exit
    io.talk(`verify-images: standard output: ${code}: cannot be written`)
    return EXIT.unwritten
  }
}

function answerTo(given: Arguments, io: Surroundings): Answer | Promise<Answer> {
  switch (given.command) {
    case 'help':
      return { data: USAGE, exit: EXIT.admitted }
    case 'version':
      return { data: `${version}\n`, exit: EXIT.admitted }
    case 'apply':
      return apply(given, io)
    case 'tree':
      return tree(given, io)
  }
}
