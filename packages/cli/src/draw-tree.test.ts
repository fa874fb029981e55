import { expect, test } from 'vitest'
import { drawTree, leaf } from './draw-tree.ts'

test('draws branches below each other', () => {
  expect(
    drawTree({
      text: 'a',
      branches: [
        { text: 'b', branches: [leaf('c')] },
        { text: 'd', branches: [leaf('e')] },
      ],
    }),
  ).toEqual(['a', '├── b', '│   └── c', '└── d', '    └── e'])
})

test.each([
  ['moves the cursor', '\u001b[2Jx', '\\u001b[2Jx'],
  ['begins a line of its own', 'a\n└── verified', 'a\\u000a└── verified'],
  ['begins one by another sign', 'a\u2028b\u0085c', 'a\\u2028b\\u0085c'],
  ['turns the direction of the text', '\u202eexe', '\\u202eexe'],
  ['fills the screen', 'x'.repeat(500), `${'x'.repeat(400)}…`],
])('a text that %s does not', (_, text, drawn) => {
  expect(drawTree(leaf(text))).toEqual([drawn])
})
