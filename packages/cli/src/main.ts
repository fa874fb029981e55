#!/usr/bin/env node
import { createReadStream } from 'node:fs'
import { homedir } from 'node:os'
import { nodeProblem } from './supported-node.ts'

/*
 * The only file that touches the process; everything below gets what it needs passed in.
 *
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
  const [{ run }, { readText }, { expandPath }] = await Promise.all([
    import('./run.ts'),
    import('./read-input.ts'),
    import('./expand-path.ts'),
  ])
  const interrupt = new AbortController()
  // The first signal ends the command with what it has; the second one ends the process, as usual.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => interrupt.abort(new Error(signal)))
  process.exitCode = await run(process.argv.slice(2), {
    expand: expandPath,
    readFile: (path) => readText(path === '-' ? process.stdin : createReadStream(path)),
    stdout: (data) =>
      new Promise((resolve, reject) => {
        process.stdout.write(data, (error) => (error ? reject(error) : resolve()))
      }),
    stderr: (line) => process.stderr.write(`${line}\n`),
    ...(process.stderr.isTTY ? { progress: (text) => process.stderr.write(`\r\u001b[K${text}`) } : {}),
    colors: process.stdout.isTTY && process.stdout.hasColors(),
    interrupted: interrupt.signal,
    environment: process.env,
    home: home(),
    now: () => new Date(),
  })
}

/** The home folder; `/` for a user that the system does not know. */
function home(): string {
  try {
    return homedir()
  } catch {
    return '/'
  }
}
