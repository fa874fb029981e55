#!/usr/bin/env node
// Writes the generated tables of docs/command-line.md, docs/differences.md, docs/kinds.md and docs/limits.md:
// `pnpm docs-tables`.

import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { limitsTables } from './limits-table.ts'
import { COMMAND_LIST } from '../packages/cli/src/command-line/commands.ts'
import { commandsOf, formatsOf, GROUPS, OPTION_LIST } from '../packages/cli/src/command-line/options.ts'
import { IDLE_EXTENSIONS } from '../packages/core/src/engine/idle-kinds.ts'
import { COMMON_KINDS } from '../packages/image-matcher/src/index.ts'
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

function listOf(names: readonly string[]): string {
  return names.map((name) => `\`${name}\``).join(', ')
}

function cellsOf({ what, codes = [], options = [] }: Difference): readonly string[] {
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

/** Replaces the tables of `docs/kinds.md`. */
export function withKinds(text: string): string {
  const running = COMMON_KINDS.map(({ group, kinds, podSpecs = [], images = [], source }) => {
    const fields = [...podSpecs.map((path) => `${path}/…`), ...images]
    return `| [${group}](${source}) | ${listOf(kinds)} | ${listOf(fields)} |`
  })
  const idle = IDLE_EXTENSIONS.map(({ group, kinds, source }) => `| [${group}](${source}) | ${listOf(kinds)} |`)
  return text
    .replace(
      /(<!-- table: kinds that run images -->\n)[\s\S]*?(<!-- end of table -->)/,
      (_, start: string, end: string) =>
        `${start}\n| API group | kinds | image fields; \`…\` is a Pod spec |\n| --- | --- | --- |\n${running.join('\n')}\n\n${end}`,
    )
    .replace(
      /(<!-- table: kinds that run nothing -->\n)[\s\S]*?(<!-- end of table -->)/,
      (_, start: string, end: string) => `${start}\n| API group | kinds |\n| --- | --- |\n${idle.join('\n')}\n\n${end}`,
    )
}

/** Replaces the tables of `docs/command-line.md`. */
export function withCommands(text: string): string {
  const cell = (content: string): string => content.replaceAll('|', '\\|')
  const commands = COMMAND_LIST.map(
    ([name, { summary, operands }]) => `| \`${`${name} ${operands}`.trim()}\` | ${cell(summary)} |`,
  )
  const options = GROUPS.map((group) => {
    const rows = OPTION_LIST.filter(([, entry]) => entry.group === group).map(([name, entry]) => {
      const { short, value = '', help, completes } = entry
      const written = `${short === undefined ? '' : `-${short}, `}--${name} ${value}`.trim()
      const formats = commandsOf(entry).map((command) => `\`${command}\` ${formatsOf(command).join(' ')}`)
      const what = completes === 'formats' ? `${help}; ${formats.join('; ')}` : help
      return `| \`${cell(written)}\` | ${listOf(commandsOf(entry))} | ${cell(what)} |`
    })
    return `### ${group}\n\n| option | commands | meaning |\n| --- | --- | --- |\n${rows.join('\n')}`
  })
  return text
    .replace(
      /(<!-- table: commands -->\n)[\s\S]*?(<!-- end of table -->)/,
      (_, start: string, end: string) =>
        `${start}\n| command | what it does |\n| --- | --- |\n${commands.join('\n')}\n\n${end}`,
    )
    .replace(
      /(<!-- table: options -->\n)[\s\S]*?(<!-- end of table -->)/,
      (_, start: string, end: string) => `${start}\n${options.join('\n\n')}\n\n${end}`,
    )
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const page = join(import.meta.dirname, '../docs/differences.md')
  writeFileSync(page, withTables(readFileSync(page, 'utf8')))
  const kinds = join(import.meta.dirname, '../docs/kinds.md')
  writeFileSync(kinds, withKinds(readFileSync(kinds, 'utf8')))
  const limits = join(import.meta.dirname, '../docs/limits.md')
  writeFileSync(limits, withLimits(readFileSync(limits, 'utf8'), await limitsTables()))
  const commands = join(import.meta.dirname, '../docs/command-line.md')
  writeFileSync(commands, withCommands(readFileSync(commands, 'utf8')))
}
