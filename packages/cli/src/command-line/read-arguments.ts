import { UsageError } from '../cli-error.ts'
import type { Arguments, TrustArguments } from './arguments.ts'
import { SHELLS, type CommandName } from './commands.ts'
import { PROBLEM_FORMATS, TEST_FORMATS, TREE_FORMATS, type OptionName } from './options.ts'
import { parseCommandLine, type Values } from './parse-command-line.ts'
import { oneOf, readConcurrency, readOutputs, readSeconds, required } from './read-values.ts'
import { readDeadlines, readDetail, readRegistry, readSigner, readVerifying } from './read-verifying.ts'

/** Options that have no effect in a combination, with the reason. */
const IGNORED: readonly (readonly [option: OptionName, isIgnored: (values: Values) => boolean, why: string])[] = [
  ['operation', (values) => !values.isGiven('resource'), 'needs --resource'],
  ['old-object', (values) => !values.isGiven('resource'), 'needs --resource'],
  [
    'old-object',
    (values) => (values.list('resource') ?? []).length > 1,
    'pairs with exactly one --resource; with several the pairing is ambiguous',
  ],
  [
    'insecure-credentials',
    (values) => !values.isGiven('insecure-registry'),
    'has no effect without --insecure-registry',
  ],
  ['old-object', (values) => values.text('operation') !== 'UPDATE', 'needs --operation UPDATE'],
  ['revocation-host', (values) => values.flag('no-revocation-requests'), 'has no effect with --no-revocation-requests'],
  ['userinfo', (values) => values.isGiven('user') || values.isGiven('groups'), 'and --user exclude each other'],
]

/** @throws UsageError */
export function readArguments(argv: readonly string[]): Arguments {
  const line = parseCommandLine(argv)
  if (line.kind === 'help') return { command: 'help', text: line.text }
  if (line.kind === 'version') return { command: 'version' }
  for (const [option, isIgnored, why] of IGNORED)
    if (line.values.isGiven(option) && isIgnored(line.values)) throw new UsageError(`--${option} ${why}`)
  return readCommand(line.command, line.operands, line.values)
}

function readCommand(command: CommandName, operands: readonly string[], values: Values): Arguments {
  switch (command) {
    case 'apply':
    case 'explain':
      return readVerifying(values, {
        policies: { kind: 'files', paths: operands },
        images: values.list('image') ?? [],
        explain: command === 'explain',
      })
    case 'image':
      if (!values.isGiven('policy')) throw new UsageError('`image` needs --policy <file|folder>')
      return readVerifying(values, {
        policies: { kind: 'files', paths: values.list('policy') ?? [] },
        images: operands,
      })
    case 'verify':
      return readVerifying(values, { policies: { kind: 'signer', signer: readSigner(values) }, images: operands })
    case 'tree':
      return {
        command,
        images: operands,
        deadlines: readDeadlines(values),
        ...readOutputs(values, TREE_FORMATS),
        ...readRegistry(values),
      }
    case 'lint':
      return { command, policies: operands, ...readOutputs(values, PROBLEM_FORMATS) }
    case 'test':
      return {
        command,
        folders: operands,
        concurrency: readConcurrency(values.text('concurrency')),
        detail: readDetail(values, false),
        ...readOutputs(values, TEST_FORMATS),
      }
    case 'completion':
      return { command, shell: oneOf('completion', operands[0] ?? '', SHELLS) }
    case 'trust show':
    case 'trust refresh':
    case 'trust export':
      return readTrust(command, values)
  }
}

/** For a whole refresh: a dozen small files. */
const REFRESH_MS = 60_000

function readTrust(command: TrustArguments['command'], values: Values): TrustArguments {
  switch (command) {
    case 'trust show':
      return { command, trustedRoot: values.text('trusted-root'), ...readOutputs(values, TREE_FORMATS) }
    case 'trust export':
      return { command }
    case 'trust refresh':
      return {
        command,
        cacheFolder: required(values, 'cache-folder', command),
        mirror: values.text('mirror'),
        root: values.text('root'),
        deadlineMs: readSeconds(values, 'deadline', 3600) ?? REFRESH_MS,
      }
  }
}
