#!/usr/bin/env node
// Brings conformance/corpus/ in step with the corpus it is a copy of: what the scorer and the tests read, byte for
// byte.
//
//   node scripts/sync-corpus.mjs <corpus folder> [--check]
//
// --check changes nothing and exits 1 when the two differ.

import { cp, mkdir, readFile, readdir, rm } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

const PARTS = ['README.md', 'score.mjs', 'serve.mjs', 'cases/index.json', 'attacks/index.json', 'functions', 'registry']
const target = join(dirname(fileURLToPath(import.meta.url)), '../conformance/corpus')
const {
  values,
  positionals: [source],
} = parseArgs({ allowPositionals: true, options: { check: { type: 'boolean', default: false } } })
if (!source) {
  console.error('usage: node scripts/sync-corpus.mjs <corpus folder> [--check]')
  process.exit(64)
}

const wanted = await filesOf(source)
const present = await filesOf(target)
const stale = [...present].filter((file) => !wanted.has(file))
const changed = []
for (const file of wanted) if (!present.has(file) || !(await sameBytes(file))) changed.push(file)

if (!values.check) {
  for (const file of stale) await rm(join(target, file))
  for (const file of changed) {
    await mkdir(dirname(join(target, file)), { recursive: true })
    await cp(join(source, file), join(target, file), { mode: 0 })
  }
}
console.log(`${wanted.size} files, ${changed.length} new or changed, ${stale.length} stale`)
process.exitCode = values.check && changed.length + stale.length > 0 ? 1 : 0

async function filesOf(root) {
  const found = new Set()
  for (const part of PARTS) {
    const entries = await readdir(join(root, part), { recursive: true, withFileTypes: true }).catch(() => undefined)
    if (!entries) {
      if (
        await readFile(join(root, part)).then(
          () => true,
          () => false,
        )
      )
        found.add(part)
      continue
    }
    for (const entry of entries) if (entry.isFile()) found.add(relative(root, join(entry.parentPath, entry.name)))
  }
  return found
}

async function sameBytes(file) {
  const [ours, theirs] = await Promise.all([readFile(join(target, file)), readFile(join(source, file))])
  return ours.equals(theirs)
}
