import { refusedImages, type RefusedImage } from '@verify-images/core'
import type { Log, Notification, Result } from 'sarif'
import { VERSION } from '../command-line/program.ts'
import { textOf, type Finding } from './format-problem.ts'
import { describeRefused, describeUnfinished, unblamedDenial, type Results, type Verified } from './results.ts'

const HELP = 'https://github.com/verify-images/verify-images/blob/main/docs/errors.md'

/**
 * Formats verdicts as SARIF 2.1.0: one result for each rule and image that is not accepted, at the line of the rule.
 *
 * @see https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
 */
export function formatSarif({ verified, unfinished }: Results): string {
  const notifications = unfinished.map((each): Notification => ({
    level: 'warning',
    message: { text: `${each.subject}: ${describeUnfinished(each)}` },
  }))
  return sarif(verified.flatMap(resultsOf), notifications)
}

/** Formats findings about policies as SARIF. */
export function formatProblemsAsSarif(problems: readonly Finding[]): string {
  return sarif(
    problems.map(({ severity, code, source, line, column, message, path }) => ({
      ruleId: code,
      level: severity === 'warning' ? 'warning' : 'error',
      message: { text: textOf({ path, message, code }) },
      ...at(source, line, column),
    })),
  )
}

function sarif(results: Result[], notifications: Notification[] = []): string {
  const codes = [...new Set(results.map(({ ruleId = '' }) => ruleId))].sort()
  const log: Log = {
    version: '2.1.0',
    $schema: 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json',
    runs: [
      {
        tool: {
          driver: {
            name: 'verify-images',
            version: VERSION,
            informationUri: 'https://github.com/verify-images/verify-images',
            rules: codes.map((id) => ({ id, helpUri: HELP })),
          },
        },
        invocations: [
          {
            executionSuccessful: notifications.length === 0,
            ...(notifications.length === 0 ? {} : { toolExecutionNotifications: notifications }),
          },
        ],
        results,
      },
    ],
  }
  return `${JSON.stringify(log, null, 2)}\n`
}

function resultsOf({ subject, verdict }: Verified): Result[] {
  const refused = refusedImages(verdict)
  const denial = unblamedDenial(verdict, refused)
  if (denial !== undefined) return [{ ruleId: 'DENIED', level: 'error', message: { text: `${subject}: ${denial}` } }]
  return refused.map((each) => resultOf(subject, each, verdict.admitted ? 'warning' : 'error'))
}

function resultOf(subject: string, refused: RefusedImage, worst: 'error' | 'warning'): Result {
  const { image, policy, rule, source, line, outcome, reasons, message } = refused
  const [first] = reasons
  return {
    ruleId: first?.code ?? outcome.toUpperCase(),
    // What could not be checked is no finding about the image, but nothing to ignore either.
    level: outcome === 'rejected' ? worst : 'warning',
    message: { text: `${subject}: ${refused.subject}: ${describeRefused(refused)}` },
    ...at(source, line),
    properties: { subject, policy, rule, outcome, kyverno: message, ...(image === undefined ? {} : { image }) },
  }
}

function at(source: string | undefined, line?: number, column?: number): Pick<Result, 'locations'> {
  if (source === undefined) return {}
  const region =
    line === undefined ? {} : { region: { startLine: line, ...(column === undefined ? {} : { startColumn: column }) } }
  // `encodeURI` keeps the slashes of a path, which the format wants relative to the repository.
  return { locations: [{ physicalLocation: { artifactLocation: { uri: encodeURI(source) }, ...region } }] }
}
