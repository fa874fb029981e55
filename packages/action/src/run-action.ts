import { messageOf, type Json } from '@verify-images/primitives'
import { EXIT, run, workflowCommand, type CommandIO } from 'verify-images'
import { ActionInputError, readInputs, type Inputs } from './inputs.ts'
import { basicOf, keepFiles } from './kept-files.ts'
import { LIMITS } from './limits.ts'
import { countVerdicts, type VerdictCounts } from './verdict-counts.ts'
import { logged, masksFor, writeOutputs, writeSummary } from './workflow.ts'

/**
 * Runs the action: the command line `verify-images apply` with the inputs of the step. Annotations, summary and outputs
 * are made of the formats that the command writes. Resolves to the exit code of the step; never rejects.
 */
export async function runAction(io: CommandIO): Promise<number> {
  try {
    return await verify(readInputs(io.environment), io)
  } catch (error) {
    const code = error instanceof ActionInputError ? error.code : 'VERIFIER_INTERNAL'
    await io.stdout(workflowCommand('error', { title: 'verify-images', text: `${code}: ${messageOf(error)}` }))
    return EXIT.usage
  }
}

async function verify(inputs: Inputs, io: CommandIO): Promise<number> {
  const { credential, failOn, sarifFile } = inputs
  if (credential !== undefined) await io.stdout(masksFor(credential.password, basicOf(credential)))
  const kept = keepFiles(credential, io)
  // The runner reads both streams for commands, so nothing is written as the command writes it.
  const [messages, annotations]: [string[], string[]] = [[], []]
  const exit = await run(argumentsOf(inputs, kept.options), {
    ...kept.io,
    colors: false,
    stdout: (data) => void annotations.push(data),
    stderr: (line) => void messages.push(messageFor(line)),
  })
  await io.stdout(messages.join(''))
  const json = kept.read('json')
  // Without it the command has refused its input, and said why.
  if (json === undefined) return exit
  await io.stdout(logged(kept.read('text') ?? '') + annotations.join(''))
  const counts = countVerdicts(parsed(json))
  await writeSummary(
    io.environment['GITHUB_STEP_SUMMARY'],
    headingOf(counts) + (kept.read('markdown') ?? ''),
    LIMITS.summaryBytes,
  )
  await writeOutputs(
    io.environment['GITHUB_OUTPUT'],
    outputsOf(counts, exit === EXIT.unwritten ? undefined : sarifFile),
  )
  return exit === EXIT.inconclusive && failOn === 'rejected' ? EXIT.admitted : exit
}

function argumentsOf(
  { options, policies, sarifFile, junitFile }: Inputs,
  keptOptions: readonly string[],
): readonly string[] {
  return [
    ...['apply', '--output=github', ...keptOptions, ...options],
    ...(sarifFile === undefined ? [] : [`--output=sarif=${sarifFile}`]),
    ...(junitFile === undefined ? [] : [`--output=junit=${junitFile}`]),
    ...['--', ...policies],
  ]
}

function headingOf({ admitted, denied, inconclusive }: VerdictCounts): string {
  return `## ${String(admitted)} admitted, ${String(denied)} denied, ${String(inconclusive)} not checked\n\n`
}

function outputsOf(
  { outcome, admitted, denied, inconclusive, references }: VerdictCounts,
  sarifFile: string = '',
): Readonly<Record<string, string>> {
  return {
    outcome,
    admitted: String(admitted),
    denied: String(denied),
    inconclusive: String(inconclusive),
    references: references.join('\n'),
    'sarif-file': sarifFile,
  }
}

const LEVELS = [
  [/^(?:verify-images|problem): /, 'error'],
  [/^warning: /, 'warning'],
] as const

/** A line of standard error as a workflow command, so that nothing in it is taken for another one. */
function messageFor(line: string): string {
  const [, level = 'notice' as const] = LEVELS.find(([pattern]) => pattern.test(line)) ?? []
  return workflowCommand(level, { title: 'verify-images', text: line.replace(/^(?:verify-images|warning|note): /, '') })
}

function parsed(json: string): Json {
  const document: Json = JSON.parse(json)
  return document
}
