import { concurrently } from '@verify-images/primitives'
import { basename } from 'node:path'
import { InputError } from '../cli-error.ts'
import type { TestArguments } from '../command-line/arguments.ts'
import { EXIT, formatEach, type CommandIO, type CommandResult } from '../command-io.ts'
import { expandAll } from '../load-files.ts'
import { formatTests } from './format-tests.ts'
import { runTestFile } from './run-test-file.ts'

/** Kyverno's name, and ours for files with members that Kyverno's command line does not know and would refuse. */
const NAMES: readonly string[] = [
  'kyverno-test.yaml',
  'kyverno-test.yml',
  'verify-images-test.yaml',
  'verify-images-test.yml',
]

/** Runs `test`: the tests of all files in folders. */
export async function test(given: TestArguments, io: CommandIO): Promise<CommandResult> {
  const files = (await expandAll(given.folders, io)).filter(
    (file) => NAMES.includes(basename(file)) || given.folders.includes(file),
  )
  if (files.length === 0)
    throw new InputError(`${given.folders.join(', ')}: ENOENT: no kyverno-test.yaml and no verify-images-test.yaml`)
  const results = await concurrently(files, given.concurrency, (file) => runTestFile(file, io))
  const isFailed = results.some((each) => each.results.some(({ status }) => status === 'failed'))
  return {
    ...formatEach(given, (output) => formatTests(results, { ...given, output })),
    exit: isFailed ? EXIT.denied : EXIT.admitted,
  }
}
