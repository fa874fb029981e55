#!/usr/bin/env node
import { nodeProblem } from './supported-node.ts'

/*
 * The command itself is imported after the check of the version, because a version that is too old fails while it loads
 * the modules, before any of their code runs.
 */

// Writing to a closed stream also emits an event that would end the process. The write itself reports the error.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined)

const problem = nodeProblem(process.versions.node)
if (problem === undefined) void main()
else {
  process.stderr.write(`verify-images: ${problem}\n`)
  process.exitCode = 64
}

async function main(): Promise<void> {
  const [{ run }, { processIO }] = await Promise.all([import('./run.ts'), import('./process-io.ts')])
  process.exitCode = await run(process.argv.slice(2), processIO())
}
