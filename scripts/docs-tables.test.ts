import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { differences } from '../packages/core/src/kyverno/differences.ts'
import { differenceRows } from '../packages/primitives/src/index.ts'
import { withCommands, withKinds, withLimits, withTables } from './docs-tables.ts'
import { limitsTables } from './limits-table.ts'

const read = (path: string): string => readFileSync(join(import.meta.dirname, '..', path), 'utf8')
const page = read('docs/differences.md')

test('the tables of docs/differences.md are those of the data (run `pnpm docs-tables` after a change)', () => {
  expect(page).toBe(withTables(page))
})

test('the tables of docs/limits.md are those of the limits in the code (run `pnpm docs-tables` after a change)', async () => {
  const limits = read('docs/limits.md')
  const tables = await limitsTables()
  expect(limits).toBe(withLimits(limits, tables))
  // Every limit has its reason.
  expect(tables.split('\n').filter((line) => /\|\s+\|/.test(line))).toEqual([])
})

test('the tables of docs/kinds.md are those of the code (run `pnpm docs-tables` after a change)', () => {
  const kinds = read('docs/kinds.md')
  expect(kinds).toBe(withKinds(kinds))
})

test('the tables of docs/command-line.md are those of the code (run `pnpm docs-tables` after a change)', () => {
  const commands = read('docs/command-line.md')
  expect(commands).toBe(withCommands(commands))
})

test('docs/differences.md has each row exactly once', () => {
  const rows = [...page.matchAll(/^\| ([A-Z]\d+|[a-z0-9]+(?:-[a-z0-9]+)+) \|/gm)].map(([, row]) => row)
  expect(rows.sort()).toEqual([...differenceRows].sort())
})

test('no page counts the differences by hand', () => {
  for (const path of ['README.md', 'CHANGELOG.md', 'docs/differences.md', 'packages/core/README.md'])
    expect(read(path), path).not.toMatch(/\b(?:one|two|three|four|five|\d+) (?:documented )?places?\b|laxer in/i)
})

test('a row that is laxer names no code, because it gives no reason to deny', () => {
  const laxer = Object.entries(differences).filter(([, { direction }]) => direction === 'laxer')
  const denying = laxer.filter(([, { codes = [] }]) => codes.some((code) => !code.startsWith('POLICY_')))
  expect(denying.map(([row]) => row)).toEqual([])
})
