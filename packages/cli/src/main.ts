#!/usr/bin/env node
import { readFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { text } from 'node:stream/consumers'
import { run } from './run.ts'

// The one place that touches the process: everything below gets what it needs handed in.
void run(process.argv.slice(2), {
  readFile: async (path) => (path === '-' ? text(process.stdin) : readFile(path, 'utf8')),
  write: (data) => process.stdout.write(data),
  talk: (line) => process.stderr.write(`${line}\n`),
  environment: process.env,
  home: homedir(),
  now: () => new Date(),
}).then((code) => {
  process.exitCode = code
})
