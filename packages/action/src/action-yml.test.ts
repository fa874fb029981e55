import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { load } from 'js-yaml'
import { expect, test } from 'vitest'
import { INPUT_NAMES } from './inputs.ts'

interface Metadata {
  readonly inputs: Readonly<Record<string, { readonly description: string; readonly default?: string }>>
  readonly outputs: Readonly<Record<string, { readonly description: string }>>
  readonly runs: { readonly using: string; readonly main: string }
}

const read = (file: string): string => readFileSync(join(import.meta.dirname, '..', file), 'utf8')
const { inputs, outputs, runs } = load(read('action.yml')) as Metadata

test('action.yml has the inputs that are read, and no other', () => {
  expect(Object.keys(inputs).toSorted()).toEqual([...INPUT_NAMES].toSorted())
})

test('the safe values are the default', () => {
  expect(inputs['unmatched']?.default).toBe('refuse')
  expect(inputs['fail-on']?.default).toBe('inconclusive')
})

test('the README has every input and output', () => {
  for (const name of [...Object.keys(inputs), ...Object.keys(outputs)])
    expect(read('README.md')).toContain(`| \`${name}\` |`)
})

test('runs on Node 24', () => {
  expect(runs).toEqual({ using: 'node24', main: 'dist/index.js' })
})
