import { expect, test } from 'vitest'
import { isPermissive } from './check-licenses.ts'

test.each(['MIT', 'Apache-2.0', 'BlueOak-1.0.0', 'MIT OR GPL-3.0-only', '(BSD-3-Clause AND MIT)', '(MIT OR CC0-1.0)'])(
  '%s leaves a permissive choice',
  (expression) => {
    expect(isPermissive(expression)).toBe(true)
  },
)

test.each([
  'GPL-3.0-only',
  'LGPL-2.1-or-later',
  'AGPL-3.0',
  'MPL-2.0',
  'MIT AND GPL-2.0',
  '(MIT AND GPL-2.0) OR GPL-3.0',
  'GPL-2.0 WITH Classpath-exception-2.0',
  'Unknown',
  'UNLICENSED',
  'SEE LICENSE IN LICENSE',
  '',
])('%s leaves none', (expression) => {
  expect(isPermissive(expression)).toBe(false)
})
