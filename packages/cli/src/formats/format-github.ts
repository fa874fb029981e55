import { refusedImages } from '@verify-images/core'
import { textOf, type Finding } from './format-problem.ts'
import { describeRefused, describeUnfinished, unblamedDenial, type Results, type Verified } from './results.ts'

/**
 * Formats verdicts as workflow commands of GitHub Actions, which annotate the lines of the policies.
 *
 * @see https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands
 */
export function formatGitHub({ verified, unfinished }: Results): string {
  return [
    ...verified.flatMap(annotationsOf),
    ...unfinished.map((each) =>
      workflowCommand('warning', { title: 'not verified', text: `${each.subject}: ${describeUnfinished(each)}` }),
    ),
  ].join('')
}

function annotationsOf({ subject, verdict }: Verified): readonly string[] {
  const refused = refusedImages(verdict)
  const denial = unblamedDenial(verdict, refused)
  if (denial !== undefined) return [workflowCommand('error', { title: 'denied', text: `${subject}: ${denial}` })]
  return refused.map((each) => {
    const { policy, rule, source, line, outcome } = each
    return workflowCommand(outcome === 'rejected' && !verdict.admitted ? 'error' : 'warning', {
      ...(source === undefined ? {} : { file: source }),
      ...(line === undefined ? {} : { line: String(line) }),
      title: `${policy}/${rule}: ${outcome}`,
      text: `${subject}: ${each.subject}: ${describeRefused(each)}`,
    })
  })
}

/** Formats findings about policies as workflow commands. */
export function formatProblemsForGitHub(problems: readonly Finding[]): string {
  return problems
    .map(({ severity, code, source, line, column, path, message }) =>
      workflowCommand(severity === 'warning' ? 'warning' : 'error', {
        ...(source === undefined ? {} : { file: source }),
        ...(line === undefined ? {} : { line: String(line) }),
        ...(column === undefined ? {} : { col: String(column) }),
        title: code,
        text: textOf({ path, message, code }),
      }),
    )
    .join('')
}

export interface Annotation {
  readonly file?: string
  readonly line?: string
  readonly col?: string
  readonly title: string
  readonly text: string
}

/** Formats a workflow command. Text from a registry must not end it and begin another one. */
export function workflowCommand(level: 'error' | 'warning' | 'notice', { text, ...properties }: Annotation): string {
  const written = Object.entries(properties).map(([name, value]) => `${name}=${property(value)}`)
  return `::${level} ${written.join(',')}::${commandData(text)}\n`
}

/** Escapes what stands behind the second `::` of a workflow command. */
export function commandData(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A')
}

function property(text: string): string {
  return commandData(text).replaceAll(':', '%3A').replaceAll(',', '%2C')
}
