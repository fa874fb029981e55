import { expect, test } from 'vitest'
import { printable, printableLine } from './printable.ts'

test.each([
  ['\u001b[2K\rPod: admitted', String.raw`\u001b[2K\u000dPod: admitted`],
  ['a\u202eb', String.raw`a\u202eb`],
  ['\u{e0001}', String.raw`\udb40\udc01`],
  ['\u009b31m', String.raw`\u009b31m`],
  ['a\n  ü — 名', 'a\n  ü — 名'],
])('escapes %j', (text, expected) => {
  expect(printable(text)).toBe(expected)
})

test('keeps the data of JSON', () => {
  const data = { name: 'a\u202e\u{e0001}\u009b\n\t"' }
  expect(JSON.parse(printable(JSON.stringify(data, null, 2)))).toEqual(data)
})

test('keeps a line on one line', () => {
  expect(printableLine('app\nPod: admitted')).toBe(String.raw`app\u000aPod: admitted`)
})
