#!/usr/bin/env node
import { createReadStream } from 'node:fs'
import { homedir } from 'node:os'
import { readText } from './read-text.ts'
import { run } from './run.ts'

// The one place that touches the process: everything below gets what it needs handed in.

// A stream says what went wrong to whoever wrote, and once more as an event that would end the process. Nobody can be told of a closed standard error.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined)

void run(process.argv.slice(2), {
  readFile: (path) => readText(path === '-' ? process.stdin : createReadStream(path)),
  write: (data) =>
    new Promise((resolve, reject) => {
      process.stdout.write(data, (error) => (error ? reject(error) : resolve()))
    }),
  talk: (line) => process.stderr.write(`${line}\n`),
  environment: process.env,
  home: home(),
  now: () => new Date(),
}).then((code) => {
  process.exitCode = code
})

/** A user that the system does not know has none. */
function home(): string {
  try {
    return homedir()
  } catch {
    return '/'
  }
}
