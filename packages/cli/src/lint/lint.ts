import { createImageVerifier, parsePolicies, PolicyError, type Policy } from '@verify-images/core'
import type { LintArguments } from '../command-line/arguments.ts'
import { EXIT, formatEach, type CommandIO, type CommandResult } from '../command-io.ts'
import { formatProblemsForGitHub } from '../formats/format-github.ts'
import { formatProblem, type Finding } from '../formats/format-problem.ts'
import { formatProblemsAsSarif } from '../formats/format-sarif.ts'
import { expandAll } from '../load-files.ts'
import { readInput } from '../read-input.ts'
import { fixFor } from './fixes.ts'

/**
 * Runs `lint`: prints everything that is known of policies before the first image, with its line and what to do about
 * it. Nothing is fetched. A policy that Kyverno would refuse ends with wrong usage, as in the other commands.
 */
export async function lint(given: LintArguments, io: CommandIO): Promise<CommandResult> {
  const files = await expandAll(given.policies, io)
  const read: FileContent[] = []
  for (const file of files) read.push(await readInput(file, io, contentOf))
  const policies = read.flatMap((each) => each.policies)
  const { problems, warnings } = createImageVerifier({ policies })
  const refused = read.flatMap((each) => each.refused)
  // If all policies were refused, a missing policy is no further problem.
  const found: readonly Finding[] = policies.length === 0 && refused.length > 0 ? [] : [...problems, ...warnings]
  const findings = [...refused, ...found]
  return { ...formatEach(given, (output) => format(findings, output, files.length)), exit: exitCodeOf(findings) }
}

interface FileContent {
  readonly policies: readonly Policy[]
  readonly refused: readonly Finding[]
}

function contentOf(text: string, source: string): FileContent {
  try {
    return { policies: parsePolicies(text, { source, foreign: 'skip' }), refused: [] }
  } catch (error) {
    if (!(error instanceof PolicyError)) throw error
    // A folder has files without policies, too.
    if (error.code === 'POLICY_MISSING') return { policies: [], refused: [] }
    return {
      policies: [],
      refused: error.issues.map((issue) => ({ ...issue, severity: 'refused', policy: '', source })),
    }
  }
}

function exitCodeOf(findings: readonly Finding[]): number {
  if (findings.some(({ severity }) => severity === 'refused')) return EXIT.usage
  return findings.some(({ severity }) => severity === 'problem') ? EXIT.denied : EXIT.admitted
}

function format(findings: readonly Finding[], output: LintArguments['output'], files: number): string {
  switch (output) {
    case 'json':
      return `${JSON.stringify({ schemaVersion: 1, problems: findings.map(withFix) }, null, 2)}\n`
    case 'sarif':
      return formatProblemsAsSarif(findings)
    case 'github':
      return formatProblemsForGitHub(findings)
    case 'text':
      return [...findings.flatMap(linesOf), summaryOf(findings, files), ''].join('\n')
  }
}

function withFix(finding: Finding): Finding & { readonly fix?: string } {
  const fix = fixFor(finding.code)
  return { ...finding, ...(fix === undefined ? {} : { fix }) }
}

function linesOf(finding: Finding): readonly string[] {
  const fix = fixFor(finding.code)
  return [formatProblem(finding), ...(fix === undefined ? [] : [`  to do: ${fix}`])]
}

function summaryOf(findings: readonly Finding[], files: number): string {
  const counted = (count: number, what: string): string => `${String(count)} ${what}${count === 1 ? '' : 's'}`
  const ofSeverity = (severity: Finding['severity']): number =>
    findings.filter((finding) => finding.severity === severity).length
  const refused = ofSeverity('refused')
  return [
    `${counted(files, 'file')}: ${counted(ofSeverity('problem'), 'problem')}, ` +
      `${counted(ofSeverity('warning'), 'warning')}`,
    ...(refused === 0 ? [] : [`${counted(refused, 'reason')} for which Kyverno would refuse a policy`]),
  ].join(', ')
}
