import { createReadStream } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import type { CommandIO } from './command-io.ts'
import { expandPath } from './expand-path.ts'
import { readText } from './read-input.ts'

/** Returns what a command reads and writes in this process; the first signal to end interrupts it. */
export function processIO(): CommandIO {
  const interrupt = new AbortController()
  // The first signal ends the command with what it has; the second one ends the process, as usual.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => interrupt.abort(new Error(signal)))
  return {
    expand: expandPath,
    readFile: (path) => readText(path === '-' ? process.stdin : createReadStream(path)),
    writeFile: (path, data) => writeFile(path, data),
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
  }
}

/** Returns the home folder; `/` for a user that the system does not know. */
function home(): string {
  try {
    return homedir()
  } catch {
    return '/'
  }
}
