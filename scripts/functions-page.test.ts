import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { evaluateOperator, search, type Json } from '../packages/condition-engine/src/index.ts'
import { FUNCTIONS } from '../packages/condition-engine/src/functions/function-table.ts'
import { OPERATOR_NAMES } from '../packages/condition-engine/src/operators/operators.ts'

const read = (path: string): string => readFileSync(join(import.meta.dirname, '..', path), 'utf8')

/** The cells of the rows of a page's tables, without code marks. */
function rowsOf(page: string, columns: number): readonly (readonly string[])[] {
  const rows = page.match(/^\| .* \|$/gm) ?? []
  return rows
    .map((row) => row.slice(2, -2).split(' | '))
    .filter((cells) => cells.length === columns && cells[0] !== '---')
    .map((cells) => cells.map(textOf))
}

function textOf(cell: string): string {
  const code = cell
    .trim()
    .replace(/^`` (.*) ``$/, '$1')
    .replace(/^`([^`]*)`$/, '$1')
  return code.replaceAll('\\|', '|')
}

const parse = (json: string): Json => JSON.parse(json) as Json

const functions = read('docs/functions.md')
const data = parse(/^```json\n(.*?)^```$/ms.exec(functions)?.[1] ?? '')
const examples = rowsOf(functions, 4).filter(([, , example]) => example !== 'example')
const options = { now: () => new Date('2026-12-01T12:00:00Z'), random: () => 0.5 }

test.each(examples)('docs/functions.md: %s, %s: %s is %s', (_, __, example = '', result = '') => {
  expect(search(example, data, options)).toEqual(parse(result))
})

test('docs/functions.md has an example of every function, and of no other', () => {
  const documented = examples.flatMap(([signature = '']) => /^(\w+)\(/.exec(signature)?.[1] ?? [])
  expect(documented.toSorted()).toEqual([...FUNCTIONS.keys()].toSorted())
})

test('a member that does not exist fails, unless there is a default', () => {
  expect(() => search('labels.other', data)).toThrow('Unknown key "other" in path')
  expect(search("labels.other || 'none'", data)).toBe('none')
  expect(search('!image.tag', data)).toBeNull()
})

const operators = read('docs/operators.md')
const comparisons = rowsOf(operators, 5).filter(([name]) => name !== 'operator')

test.each(comparisons)('docs/operators.md: %s %s: %s and %s: it %s', (name = '', _, key = '', value = '', result) => {
  expect(evaluateOperator(name, parse(key), parse(value)) ? 'holds' : 'does not hold').toBe(result)
})

test('docs/operators.md has an example of every operator', () => {
  const documented = new Set(comparisons.map(([name]) => name))
  expect([...documented].toSorted()).toEqual(OPERATOR_NAMES.filter((name) => !/^(?:Not)?Equal$/.test(name)).toSorted())
})

test('operators compare durations and fail where nothing can be compared, as the page says', () => {
  expect(evaluateOperator('LessThan', '30m', '1h')).toBe(true)
  expect(evaluateOperator('LessThan', ['a'], 1)).toBe(false)
  expect(evaluateOperator('LessThan', ['a'], 1, { purpose: 'deny' })).toBe(true)
  expect(evaluateOperator('AllNotIn', [], ['a'])).toBe(true)
  expect(evaluateOperator('equals', 'a', 'a')).toBe(true)
  expect(evaluateOperator('greaterthan', 2, 1)).toBe(false)
})
