import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'
import { expect, test } from 'vitest'

// The examples of all pages are checked by the compiler, those that no test runs, too: an option that was renamed is an
// error here.

const root = join(import.meta.dirname, '..')
const read = (page: string): string => readFileSync(join(root, page), 'utf8')
const PAGES = [
  'README.md',
  ...readdirSync(join(root, 'packages')).map((name) => `packages/${name}/README.md`),
  ...readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md') && !name.startsWith('site'))
    .map((name) => `docs/${name}`),
]

/** An excerpt uses names that the prose explains. */
const UNKNOWN_NAME = [2304, 18004]

/** An example that must not compile, or the test would prove nothing. */
const MISSPELT = `\`\`\`ts\nimport { createImageVerifier } from '@verify-images/core'
createImageVerifier({ policies: [], unmatchd: 'refuse' })\n\`\`\`\n`

/** The examples of the pages as files beside the tests, where the packages of the workspace resolve. */
const examples = new Map(
  [...PAGES.flatMap((page) => examplesOf(page, read(page))), ...examplesOf('control.md', MISSPELT)].map(
    (example) => [example.file, example] as const,
  ),
)

interface Example {
  readonly page: string
  readonly line: number
  readonly file: string
  readonly text: string
}

function examplesOf(page: string, markdown: string): readonly Example[] {
  return [...markdown.matchAll(/^```ts(?: (\S+))?\n(.*?)^```$/gms)].map(({ index, 1: name, 2: text = '' }) => ({
    page,
    line: markdown.slice(0, index).split('\n').length,
    file: join(root, 'e2e', page.replaceAll(/\W/g, '-'), name ?? `example-${String(index)}.ts`),
    // A module, whatever it imports: excerpts of two pages have names in common.
    text: `${text}\nexport {}\n`,
  }))
}

function diagnose(): readonly ts.Diagnostic[] {
  const options: ts.CompilerOptions = {
    ...ts.parseJsonConfigFileContent(
      ts.readConfigFile(join(root, 'tsconfig.base.json'), (path) => ts.sys.readFile(path)).config,
      ts.sys,
      root,
    ).options,
    noEmit: true,
    isolatedDeclarations: false,
    declaration: false,
    noUnusedLocals: false,
    noImplicitAny: false,
    paths: {
      '@verify-images/*': [join(root, 'packages/*/src/index.ts')],
      redis: [join(root, 'e2e/node_modules/@redis/client/dist/index.d.ts')],
    },
    allowImportingTsExtensions: true,
  }
  const host = ts.createCompilerHost(options)
  const { fileExists, readFile } = host
  host.fileExists = (file) => examples.has(file) || fileExists(file)
  host.readFile = (file) => examples.get(file)?.text ?? readFile(file)
  host.directoryExists = () => true
  const program = ts.createProgram([...examples.keys()], options, host)
  return [...examples.keys()].flatMap((file) => {
    const source = program.getSourceFile(file)
    return [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)]
  })
}

test('every example of the documentation compiles, and a misspelt option does not', { timeout: 120_000 }, () => {
  const errors = diagnose().filter(({ code }) => !UNKNOWN_NAME.includes(code))
  const texts = errors.map(({ file, start = 0, messageText }) => {
    const { page = '', line = 0 } = examples.get(file?.fileName ?? '') ?? {}
    const row = line + 1 + (file?.getLineAndCharacterOfPosition(start).line ?? 0)
    return `${page}:${String(row)}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`
  })
  expect(texts).toEqual([expect.stringMatching(/^control\.md:3: .*'unmatchd' does not exist/)])
})
