import { apply } from './apply.ts'
import { readArguments, USAGE, UsageError } from './arguments.ts'
import { EXIT } from './exit.ts'
import { printable } from './printable.ts'
import type { Surroundings } from './surroundings.ts'
import { tree } from './tree.ts'
import { version } from './version.ts'

/** Runs one command line and resolves with its exit code; it never rejects. */
export async function run(argv: readonly string[], surroundings: Surroundings): Promise<number> {
  const { write, talk } = surroundings
  const io = { ...surroundings, write: (data: string) => write(printable(data)), talk: (line: string) => talk(printable(line)) }
  try {
    const parsed = readArguments(argv)
    switch (parsed.command) {
      case 'help':
        io.write(USAGE)
        return EXIT.admitted
      case 'version':
        io.write(`${version}\n`)
        return EXIT.admitted
      case 'apply':
        return await apply(parsed, io)
      case 'tree':
        return await tree(parsed, io)
    }
  } catch (error) {
    io.talk(`verify-images: ${error instanceof Error ? error.message : String(error)}`)
    if (error instanceof UsageError) io.talk('try `verify-images --help`')
    return EXIT.usage
  }
}
