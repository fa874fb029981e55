import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { COMMAND_LIST } from '../packages/cli/src/command-line/commands.ts'
import { OPTIONS } from '../packages/cli/src/command-line/options.ts'

const root = join(import.meta.dirname, '..')
const pages = [
  'README.md',
  ...['docs', 'docs/guides'].flatMap((folder) =>
    readdirSync(join(root, folder))
      .filter((name) => name.endsWith('.md'))
      .map((name) => `${folder}/${name}`),
  ),
]
const read = (path: string): string => readFileSync(join(root, path), 'utf8')

const CODE = /\b(?:POLICY|IMAGE|CONDITION|REGISTRY|ATTESTOR|VERIFIER|CERTIFICATE|NOTARY|WEBHOOK)_[A-Z0-9_]+\b/g
const codes = new Set([...read('docs/errors.md').matchAll(/^\| `([A-Z0-9_]+)`(?: ◦)? \|/gm)].map(([, code]) => code))

test.each(pages)('%s names no code that does not exist', (page) => {
  const named = [...read(page).matchAll(CODE)].map(([code]) => code)
  // The environment of an indexed Job, and what follows a wildcard, are no codes.
  expect(named.filter((code) => !codes.has(code) && !read(page).includes(`${code}*`))).toEqual([])
})

/** The options that follow a command of `verify-images` on a line, up to a pipe or another command. */
function namedOptions(page: string): readonly string[] {
  const lines = [...read(page).matchAll(/(?:^|[\s`|])verify-images ([a-z]+)([^`\n|;&>]*)/gm)]
  return lines.flatMap(([, command = '', rest = '']) =>
    COMMANDS.has(command) ? [...rest.matchAll(/\s--([a-z][a-z-]+)/g)].map(([, option = '']) => option) : [],
  )
}

const COMMANDS = new Set(COMMAND_LIST.map(([name]) => name.split(' ')[0] ?? ''))
const KNOWN = new Set([...Object.keys(OPTIONS), 'help', 'version'])

test.each(pages)('%s names no option of the command line that does not exist', (page) => {
  expect(namedOptions(page).filter((option) => !KNOWN.has(option))).toEqual([])
})

test('the pages name options', () => {
  expect(pages.flatMap(namedOptions).length).toBeGreaterThan(20)
})
