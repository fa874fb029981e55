import type { Problem } from '@verify-images/core'
import { formatProblem } from './apply.ts'
import type { LintArguments } from './arguments.ts'
import { EXIT, type CommandIO, type CommandResult } from './command-io.ts'
import { formatProblemsForGitHub } from './formats/format-github.ts'
import { formatProblemsAsSarif } from './formats/format-sarif.ts'
import { loadPolicyProblems } from './load.ts'

/**
 * Runs `lint`: prints what can never pass in policies, and what is worth knowing about them. Nothing is fetched.
 *
 * A policy that Kyverno would refuse ends with wrong usage, as in the other commands.
 */
export async function lint(given: LintArguments, io: CommandIO): Promise<CommandResult> {
  const problems = await loadPolicyProblems(given.policies, io)
  const isRefused = problems.some(({ severity }) => severity === 'problem')
  return { data: format(problems, given), exit: isRefused ? EXIT.denied : EXIT.admitted }
}

function format(problems: readonly Problem[], { output, policies }: LintArguments): string {
  switch (output) {
    case 'json':
      return `${JSON.stringify({ schemaVersion: 1, problems }, null, 2)}\n`
    case 'sarif':
      return formatProblemsAsSarif(problems)
    case 'github':
      return formatProblemsForGitHub(problems)
    case 'text':
      return [...problems.map(formatProblem), summaryOf(problems, policies.length), ''].join('\n')
  }
}

function summaryOf(problems: readonly Problem[], files: number): string {
  const counted = (count: number, what: string): string => `${String(count)} ${what}${count === 1 ? '' : 's'}`
  const ofSeverity = (severity: Problem['severity']): string =>
    counted(problems.filter((problem) => problem.severity === severity).length, severity)
  return `${counted(files, 'file')}: ${ofSeverity('problem')}, ${ofSeverity('warning')}`
}
