import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'
import { expect, test } from 'vitest'

const read = (path: string): string => readFileSync(join(import.meta.dirname, '..', path), 'utf8')

/** READMEs whose first example is run by a test, and that test. */
const EXAMPLES: readonly (readonly [readme: string, test: string])[] = [
  ['packages/condition-engine/README.md', 'packages/condition-engine/src/readme.test.ts'],
  ['packages/notary/README.md', 'packages/notary/src/readme.test.ts'],
  ['packages/testing/README.md', 'e2e/testing-readme.test.ts'],
  ['docs/kinds.md', 'e2e/guide-pages.test.ts'],
  ['docs/trust.md', 'e2e/guide-pages.test.ts'],
  ['docs/warnings.md', 'e2e/guide-pages.test.ts'],
  ['docs/webhook.md', 'examples/webhook/serve.ts'],
  ['packages/x509/README.md', 'packages/x509/src/readme.test.ts'],
]

/**
 * The code without imports and comments, as one line of tokens: a README is laid out for its readers, its test by the
 * formatter.
 */
function tokensOf(code: string): string {
  const source = ts.createSourceFile('example.ts', code, ts.ScriptTarget.Latest)
  const tokens = source.statements
    .filter((statement) => !ts.isImportDeclaration(statement))
    .flatMap((statement) => leavesOf(statement, source))
  return tokens.filter((token, i) => token !== ',' || !/^[)\]}]$/.test(tokens[i + 1] ?? '')).join(' ')
}

function leavesOf(node: ts.Node, source: ts.SourceFile): readonly string[] {
  const children = node.getChildren(source)
  return children.length === 0 ? [node.getText(source)] : children.flatMap((child) => leavesOf(child, source))
}

test.each(EXAMPLES)('the example of %s is part of %s', (readme, file) => {
  const example = /^```ts(?: \S+)?\n(.*?)^```$/ms.exec(read(readme))?.[1] ?? ''
  expect(tokensOf(example)).not.toBe('')
  expect(tokensOf(read(file))).toContain(tokensOf(example))
})
