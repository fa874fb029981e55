import { UsageError } from '../cli-error.ts'
import type { TestArguments } from '../command-line/arguments.ts'
import type { CommandResult } from '../command-io.ts'

export function test({ folders }: TestArguments): CommandResult {
  throw new UsageError(`\`test\`: expected folders with a kyverno-test.yaml, got ${folders.join(', ')}`)
}
