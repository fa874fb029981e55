import { escapeMarkdown, explain } from '@verify-images/core'
import type { TestArguments } from '../command-line/arguments.ts'
import { workflowCommand } from '../formats/format-github.ts'
import { attribute, caseOf, content, junitDocument, junitSuite } from '../formats/format-junit.ts'
import type { TestResult } from './check-expectation.ts'
import type { TestFileResult } from './run-test-file.ts'

/** Formats the results of tests. */
export function formatTests(
  files: readonly TestFileResult[],
  { output, detail }: Pick<TestArguments, 'output' | 'detail'>,
): string {
  switch (output) {
    case 'text':
      return textOf(files, detail)
    case 'json':
      return `${JSON.stringify({ schemaVersion: 1, files: files.map(withoutVerdicts) }, null, 2)}\n`
    case 'junit':
      return junitDocument(files.map(suiteOf))
    case 'github':
      return files
        .flatMap(({ file, results }) =>
          ofStatus(results, 'failed').map(({ name, text }) => workflowCommand('error', { file, title: name, text })),
        )
        .join('')
    case 'markdown':
      return markdownOf(files)
  }
}

function ofStatus(results: readonly TestResult[], status: TestResult['status']): readonly TestResult[] {
  return results.filter((result) => result.status === status)
}

const SIGNS = { passed: 'ok     ', failed: 'FAILED ', skipped: 'skipped' } as const

function textOf(files: readonly TestFileResult[], detail: TestArguments['detail']): string {
  const lines = files.flatMap(({ file, name, results }) => {
    const shown = detail === 'quiet' ? ofStatus(results, 'failed') : results
    return shown.length === 0 ? [] : [`${file}: ${name}`, ...shown.flatMap((result) => linesOf(result, detail))]
  })
  return [...lines, countsOf(files), ''].join('\n')
}

function linesOf({ name, status, text, verdict }: TestResult, detail: TestArguments['detail']): readonly string[] {
  const depth = detail === 'verbose' ? 'all' : 'summary'
  const why = verdict === undefined ? [] : explain(verdict, { depth }).split('\n')
  return [`  ${SIGNS[status]} ${name}: ${text}`, ...why.map((line) => `            ${line}`)]
}

function countsOf(files: readonly TestFileResult[]): string {
  const all = files.flatMap(({ results }) => results)
  const count = (status: TestResult['status']): string => `${String(ofStatus(all, status).length)} ${status}`
  return `${String(all.length)} tests: ${count('passed')}, ${count('failed')}, ${count('skipped')}`
}

function withoutVerdicts({ file, name, results }: TestFileResult): object {
  return { file, name, results: results.map(({ verdict: _, ...result }) => result) }
}

function suiteOf({ file, results }: TestFileResult): ReturnType<typeof junitSuite> {
  const cases = results.map(({ name, status, text, verdict }) => {
    const why = verdict === undefined ? '' : content(explain(verdict))
    if (status === 'failed') return caseOf(file, name, [`<failure message="${attribute(text)}">${why}</failure>`])
    return caseOf(file, name, status === 'skipped' ? ['<skipped/>'] : [])
  })
  return junitSuite(file, cases, { tests: cases.length, failures: ofStatus(results, 'failed').length, errors: 0 })
}

function markdownOf(files: readonly TestFileResult[]): string {
  const rows = files.flatMap(({ file, results }) =>
    ofStatus(results, 'failed').map(
      ({ name, text }) => `| ${escapeMarkdown(file)} | ${escapeMarkdown(name)} | ${escapeMarkdown(text)} |`,
    ),
  )
  const table = rows.length === 0 ? [] : ['', '| file | test | failure |', '| --- | --- | --- |', ...rows]
  return [`**${countsOf(files)}**`, ...table, ''].join('\n')
}
