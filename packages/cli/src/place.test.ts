import { expect, test } from 'vitest'
import { placeIn } from './place.ts'

const three = '# Only a comment\n---\na: 1\n---\n\n--- # and nothing\nb: |\n  --- no cut\n---\r\nc: 1\n'

test.each<
  readonly [string, string, { readonly line?: number; readonly column?: number; readonly path?: string }, string]
>([
  ['a text as a whole', three, {}, 'a.yaml'],
  ['the only document', '---\na: 1\n', { line: 2, column: 1 }, 'a.yaml:2:1'],
  ['the first of three', three, { line: 3, column: 1 }, 'a.yaml:3:1 (document 1)'],
  ['the second, an empty one before it', three, { line: 7, column: 4, path: 'b' }, 'a.yaml:7:4 (document 2) b'],
  ['inside of the second', three, { line: 8, column: 3 }, 'a.yaml:8:3 (document 2)'],
  ['the third, cut as on Windows', three, { line: 10, column: 1 }, 'a.yaml:10:1 (document 3)'],
])('%s', (_, text, where, place) => {
  expect(placeIn('a.yaml', text, where)).toBe(place)
})
