#!/usr/bin/env node
// Prints the commands of the README's `sh` blocks, one per line: CI runs what we tell people to run.

import { readFileSync } from 'node:fs'

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
for (const [, block] of readme.matchAll(/^```sh\n(.*?)^```$/gms)) {
  for (const line of block.split('\n')) {
    const command = line.replace(/\s+#.*$/, '').trim()
    if (command && !command.startsWith('#')) console.log(command)
  }
}
