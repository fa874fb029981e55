import { fetchTrustedRoot, publicGoodRoot, trustedRoot, type TrustMaterial } from '@verify-images/core'
import { describeError } from './cli-error.ts'
import type { TrustArguments } from './command-line/arguments.ts'
import { EXIT, formatEach, type CommandIO, type CommandResult } from './command-io.ts'
import { readInput } from './read-input.ts'
import { drawTree, leaf, type Branch } from './tree.ts'

/** Runs `trust show`, `trust refresh` and `trust export`. */
export async function trust(given: TrustArguments, io: CommandIO): Promise<CommandResult> {
  switch (given.command) {
    case 'trust export':
      return { data: publicGoodRoot.json, exit: EXIT.admitted }
    case 'trust refresh':
      return refresh(given, io)
    case 'trust show':
      return show(given, io)
  }
}

type RefreshArguments = Extract<TrustArguments, { readonly command: 'trust refresh' }>

/** Runs `trust refresh`. A repository that does not answer is inconclusive, not wrong usage: a retry may help. */
async function refresh(
  { cacheFolder, mirror, root, deadlineMs }: RefreshArguments,
  io: CommandIO,
): Promise<CommandResult> {
  const signal = AbortSignal.any([io.interrupted, AbortSignal.timeout(deadlineMs)])
  const options = {
    cacheFolder,
    ...(mirror === undefined ? {} : { mirror }),
    ...(root === undefined ? {} : { root }),
  }
  try {
    return { data: await fetchTrustedRoot(options, signal), exit: EXIT.admitted }
  } catch (error) {
    io.stderr(`verify-images: ${describeError(error)}`)
    return { data: '', exit: EXIT.inconclusive }
  }
}

type ShowArguments = Extract<TrustArguments, { readonly command: 'trust show' }>

async function show({ trustedRoot: file, ...given }: ShowArguments, io: CommandIO): Promise<CommandResult> {
  const source =
    file === undefined ? trustedRoot(publicGoodRoot.json) : await readInput(file, io, (text) => trustedRoot(text))
  const summary = summaryOf(await source.load(io.interrupted), file)
  return {
    ...formatEach(given, (output) =>
      output === 'json'
        ? `${JSON.stringify({ schemaVersion: 1, ...summary }, null, 2)}\n`
        : `${drawTree(branchOf(summary)).join('\n')}\n`,
    ),
    exit: EXIT.admitted,
  }
}

interface Trusted {
  readonly name: string
  /** Of the root certificate, or the id of the log. */
  readonly fingerprint: string
  readonly from?: string
  readonly to?: string
}

interface TrustSummary {
  readonly source: string
  readonly certificateAuthorities: readonly Trusted[]
  readonly timestampAuthorities: readonly Trusted[]
  readonly transparencyLogs: readonly Trusted[]
  readonly certificateLogs: readonly Trusted[]
  readonly warnings: readonly string[]
}

function summaryOf(material: TrustMaterial, file: string | undefined): TrustSummary {
  const log = (each: TrustMaterial['transparencyLogs'][number]): Trusted => ({
    name: each.host ?? 'log',
    fingerprint: each.logId,
    ...windowOf(each.window.start, each.window.end),
  })
  return {
    source:
      file ?? `built-in copy of Sigstore's public good root, as of ${publicGoodRoot.asOf} (${publicGoodRoot.release})`,
    certificateAuthorities: material.certificateAuthorities.map(({ uri, roots, window }) => ({
      name: uri,
      fingerprint: roots.map(({ fingerprint }) => fingerprint).join(', '),
      ...windowOf(window.start, window.end),
    })),
    timestampAuthorities: material.timestampAuthorities.map(({ uri, roots, validFrom, validUntil }) => ({
      name: uri,
      fingerprint: roots.map(({ fingerprint }) => fingerprint).join(', '),
      ...windowOf(validFrom, validUntil),
    })),
    transparencyLogs: material.transparencyLogs.map(log),
    certificateLogs: material.certificateLogs.map(log),
    warnings: material.warnings,
  }
}

function windowOf(start: Date | undefined, end: Date | undefined): Pick<Trusted, 'from' | 'to'> {
  return {
    ...(start === undefined ? {} : { from: start.toISOString() }),
    ...(end === undefined ? {} : { to: end.toISOString() }),
  }
}

function branchOf(summary: TrustSummary): Branch {
  const kind = (text: string, members: readonly Trusted[]): Branch => ({
    text: members.length === 0 ? `${text}: none` : text,
    branches: members.map(({ name, fingerprint, from = 'always', to = 'now on' }) =>
      leaf(`${name} ${fingerprint}, ${from} to ${to}`),
    ),
  })
  return {
    text: summary.source,
    branches: [
      kind('certificate authorities', summary.certificateAuthorities),
      kind('certificate transparency logs', summary.certificateLogs),
      kind('transparency logs', summary.transparencyLogs),
      kind('timestamp authorities', summary.timestampAuthorities),
      ...summary.warnings.map((warning) => leaf(`warning: ${warning}`)),
    ],
  }
}
