#!/usr/bin/env node
// Writes the generated tables of docs/differences.md and docs/limits.md: `pnpm docs-tables`.

import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { limitsTables } from './limits-table.ts'
import { differences, type Difference, type DifferenceDirection } from '../packages/core/src/kyverno/differences.ts'

const OPTION_HEADINGS: Readonly<Record<DifferenceDirection, string>> = {
  stricter: "option for Kyverno's behaviour",
  laxer: 'only with the option',
  kept: 'stricter option',
}

export function differencesTable(direction: DifferenceDirection): string {
  const rows = Object.entries(differences).filter(([, difference]) => difference.direction === direction)
  return [
    `| row | what we do, and why | codes | ${OPTION_HEADINGS[direction]} |`,
    '| --- | --- | --- | --- |',
    ...rows.map(([name, difference]) => `| ${name} | ${cellsOf(difference).join(' | ')} |`),
  ].join('\n')
}

function cellsOf({ what, codes = [], options = [] }: Difference): readonly string[] {
  const listOf = (names: readonly string[]): string => names.map((name) => `\`${name}\``).join(', ')
  return [what, listOf(codes), listOf(options)].map((cell) => cell.replaceAll('|', '\\|'))
}

/** Replaces what stands between `<!-- table: stricter -->` and `<!-- end of table -->`. */
export function withTables(text: string): string {
  return text.replaceAll(
    /(<!-- table: (stricter|laxer|kept) -->\n)[\s\S]*?(<!-- end of table -->)/g,
    (_, start: string, direction: DifferenceDirection, end: string) =>
      `${start}\n${differencesTable(direction)}\n\n${end}`,
  )
}

/** Replaces what stands between `<!-- table: limits -->` and `<!-- end of table -->`. */
export function withLimits(text: string, tables: string): string {
  return text.replace(
    /(<!-- table: limits -->\n)[\s\S]*?(<!-- end of table -->)/,
    (_, start: string, end: string) => `${start}\n${tables}\n\n${end}`,
  )
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const page = join(import.meta.dirname, '../docs/differences.md')
  writeFileSync(page, withTables(readFileSync(page, 'utf8')))
  const limits = join(import.meta.dirname, '../docs/limits.md')
  writeFileSync(limits, withLimits(readFileSync(limits, 'utf8'), await limitsTables()))
}
