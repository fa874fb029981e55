import { messageOf, type Json } from '@verify-images/primitives'
import { randomUUID } from 'node:crypto'
import { EXIT, run, workflowCommand, type CommandIO } from 'verify-images'
import { ActionInputError, readInputs, type Inputs, type RegistryCredential } from './inputs.ts'
import { LIMITS } from './limits.ts'
import { countVerdicts, type VerdictCounts } from './verdict-counts.ts'
import { logged, masksFor, writeOutputs, writeSummary } from './workflow.ts'

/**
 * Runs the action: the command line `verify-images apply` with the inputs of the step. Annotations, a summary and outputs
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
  const { credential, failOn } = inputs
  if (credential !== undefined) await io.stdout(masksFor(credential.password, basicOf(credential)))
  const kept = keepFiles(credential, io)
  const exit = await run(argumentsOf(inputs, kept.names), kept.io)
  await io.stdout(kept.messages.join(''))
  const json = kept.read('json')
  // Without it the command has refused its input, and said why.
  if (json === undefined) return exit
  const counts = countVerdicts(parsed(json))
  await io.stdout(`${logged(kept.read('text') ?? '')}${kept.annotations.join('')}`)
  await report(counts, { ...inputs, markdown: kept.read('markdown') ?? '', isWritten: exit !== EXIT.unwritten }, io)
  return exit === EXIT.inconclusive && failOn === 'rejected' ? EXIT.admitted : exit
}

async function report(
  counts: VerdictCounts,
  {
    sarifFile,
    markdown,
    isWritten,
  }: Pick<Inputs, 'sarifFile'> & { readonly markdown: string; readonly isWritten: boolean },
  { environment }: CommandIO,
): Promise<void> {
  const { outcome, admitted, denied, inconclusive, references } = counts
  const head = `## ${String(admitted)} admitted, ${String(denied)} denied, ${String(inconclusive)} not checked\n\n`
  await writeSummary(environment['GITHUB_STEP_SUMMARY'], head + markdown, LIMITS.summaryBytes)
  await writeOutputs(environment['GITHUB_OUTPUT'], {
    outcome,
    admitted: String(admitted),
    denied: String(denied),
    inconclusive: String(inconclusive),
    references: references.join('\n'),
    'sarif-file': isWritten ? (sarifFile ?? '') : '',
  })
}

/** The formats that the action keeps for itself. */
type KeptFormat = 'text' | 'markdown' | 'json'
type Names = Readonly<Record<KeptFormat | 'docker-config', string>>

function argumentsOf({ options, policies, credential, sarifFile, junitFile }: Inputs, names: Names): readonly string[] {
  return [
    'apply',
    ...options,
    ...(credential === undefined ? [] : [`--docker-config=${names['docker-config']}`]),
    '--output=github',
    ...[`--output=text=${names.text}`, `--output=markdown=${names.markdown}`, `--output=json=${names.json}`],
    ...(sarifFile === undefined ? [] : [`--output=sarif=${sarifFile}`]),
    ...(junitFile === undefined ? [] : [`--output=junit=${junitFile}`]),
    '--',
    ...policies,
  ]
}

interface KeptFiles {
  readonly io: CommandIO
  readonly names: Names
  /** What the command wrote to standard output. */
  readonly annotations: string[]
  /** What it wrote to standard error, as workflow commands. */
  readonly messages: string[]
  readonly read: (format: KeptFormat) => string | undefined
}

/** Keeps the files of the action in memory: a password is on no disk, and nothing is left behind. */
function keepFiles(credential: RegistryCredential | undefined, io: CommandIO): KeptFiles {
  const nameOf = (file: string): string => `${randomUUID()}/${file}`
  const names = {
    text: nameOf('log.txt'),
    markdown: nameOf('summary.md'),
    json: nameOf('verdicts.json'),
    'docker-config': nameOf('docker-config.json'),
  }
  const written = new Map<string, string>()
  const [annotations, messages]: [string[], string[]] = [[], []]
  const own = new Set([names.text, names.markdown, names.json])
  return {
    names,
    annotations,
    messages,
    read: (format) => written.get(names[format]),
    io: {
      ...io,
      colors: false,
      readFile: (path) =>
        credential !== undefined && path === names['docker-config']
          ? Promise.resolve(dockerConfigOf(credential))
          : io.readFile(path),
      writeFile: (path, data) =>
        own.has(path) ? Promise.resolve(void written.set(path, data)) : io.writeFile(path, data),
      stdout: (data) => void annotations.push(data),
      stderr: (line) => void messages.push(messageFor(line)),
    },
  }
}

function dockerConfigOf(credential: RegistryCredential): string {
  return JSON.stringify({ auths: { [credential.registry]: { auth: basicOf(credential) } } })
}

function basicOf({ username, password }: RegistryCredential): string {
  return Buffer.from(`${username}:${password}`).toString('base64')
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
