import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readArguments } from './command-line/read-arguments.ts'

const guide = readFileSync(join(import.meta.dirname, '../../../docs/registries.md'), 'utf8')
const commands = [...guide.matchAll(/^ {4}(?:[A-Z_]+=\S+ )*verify-images (.+)$/gm)].map(([, command = '']) => command)

test('the guide to registries has commands', () => {
  expect(commands.length).toBeGreaterThan(6)
})

test.each(commands)('the command line of the guide is accepted: %s', (command) => {
  expect(readArguments(command.split(' '))).toMatchObject({ command: 'tree' })
})
