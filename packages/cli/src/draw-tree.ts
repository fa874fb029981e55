import { printableLine } from './printable.ts'

/** A line with lines below it. */
export interface Branch {
  readonly text: string
  readonly branches: readonly Branch[]
}

export function leaf(text: string): Branch {
  return { text, branches: [] }
}

/** The lines of a tree, its first line without a mark. */
export function drawTree({ text, branches }: Branch): readonly string[] {
  return [
    shown(text),
    ...branches.flatMap((branch, i) => {
      const isLast = i === branches.length - 1
      const [first = '', ...below] = drawTree(branch)
      return [`${isLast ? '└── ' : '├── '}${first}`, ...below.map((line) => `${isLast ? '    ' : '│   '}${line}`)]
    }),
  ]
}

const longestLine = 400

/** Whoever may push to a registry writes these texts, so nothing in them may move the cursor, turn the direction of a line or fill the screen. */
function shown(text: string): string {
  const line = printableLine(text)
  return line.length <= longestLine ? line : `${line.slice(0, longestLine)}…`
}
