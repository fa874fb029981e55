import { expect, test } from 'vitest'
import { GoInteger, MapArray } from '../expression/value.ts'
import type { Value } from '../expression/value.ts'
import { formatGoValue } from './go-format.ts'

test.each([
  [null, '<nil>'],
  ['x', 'x'],
  [1e6, '1e+06'],
  [[1, 'a', [null]], '[1 a [<nil>]]'],
  [{ b: 1, a: { c: true } }, 'map[a:map[c:true] b:1]'],
  [new GoInteger(-1), '-1'],
  [new MapArray([{ k: 1 }]), '[map[k:1]]'],
])('formats %j as %s', (value, text) => {
  expect(formatGoValue(value)).toBe(text)
})

test('truncates long values without visiting the rest', () => {
  expect(formatGoValue('x'.repeat(1_000_000))).toBe(`${'x'.repeat(200)}…`)
  let doubled: readonly Value[] = ['x']
  for (let step = 0; step < 100; step++) doubled = [doubled, doubled]
  expect(formatGoValue(doubled)).toHaveLength(201)
})
