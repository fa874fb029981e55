import {
  createImageVerifier,
  createRegistryClient,
  parseExceptions,
  parsePolicies,
  type ImageVerifier,
  type ImageVerifierOptions,
} from '@verify-images/core'
import { anObject, messageOf, untilAborted, withMethods, type OptionTable } from '@verify-images/primitives'
import type { Readiness } from './kubernetes-reader.ts'
import { checkOptions } from './kubernetes-error.ts'
import { SETTLE_MS } from './limits.ts'
import type { BrokenDocument, PolicyDocument, PolicyDocuments, PolicyFeed } from './policy-feed.ts'

/** Gets names, codes and numbers. pino fits, and so does `jsonLogger()` of @verify-images/webhook. */
export interface PolicyLogger {
  info(fields: Readonly<Record<string, unknown>>, message: string): void
  warn(fields: Readonly<Record<string, unknown>>, message: string): void
  error(fields: Readonly<Record<string, unknown>>, message: string): void
}

export interface WatchPoliciesOptions {
  readonly from: PolicyFeed
  /** Options of each verifier. A registry client and a reader are shared by all of them. */
  readonly verifier?: Omit<ImageVerifierOptions, 'policies' | 'exceptions'>
  /** Default: nothing is logged. */
  readonly logger?: PolicyLogger
}

/** Counts of policies and of their changes, for metrics. */
export interface PolicyCounts {
  /** Policies in use. */
  readonly policies: number
  /** Documents that cannot be used. While there are any, the last good set stays in use. */
  readonly broken: number
  /** How often a set was taken into use, and how often one was refused. */
  readonly accepted: number
  readonly refused: number
}

/** A verifier that follows its policies; `createWebhookServer({ verifier })` takes it. */
export interface WatchedPolicies {
  /** The verifier of the last good set; undefined until there is one. */
  readonly current: () => ImageVerifier | undefined
  /** Resolves once there is a verifier. */
  readonly ready: (signal: AbortSignal) => Promise<void>
  /** Not ready without a verifier. With one it is, also while newer policies are broken or gone: the message says so. */
  readonly readiness: () => Readiness
  readonly counts: () => PolicyCounts
  readonly close: () => void
}

const watchOptions: OptionTable<WatchPoliciesOptions> = {
  from: withMethods('clusterPolicies or folderPolicies', 'start'),
  verifier: anObject,
  logger: withMethods('a logger', 'info', 'warn', 'error'),
}

/**
 * Compiles the policies of a feed into a verifier, and a new one after each change. Reviews that have begun keep
 * theirs.
 *
 * If one document is broken, the whole change is refused: a part of it may be weaker than the policies before. A change
 * that leaves no policy is refused, too, because it would admit everything: who wants that deletes the webhook.
 *
 * @throws KubernetesError KUBERNETES_OPTIONS_INVALID; VerifierError VERIFIER_OPTIONS_INVALID
 * @example
 * const policies = watchPolicies({ from: clusterPolicies({ config }), verifier: { kubernetes } })
 * createWebhookServer({ verifier: policies, tls })
 */
export function watchPolicies(options: WatchPoliciesOptions): WatchedPolicies {
  checkOptions(options, watchOptions, { required: ['from'] })
  const { from, logger } = options
  const shared = { registry: createRegistryClient(), ...options.verifier }
  // Options that are invalid with one set of policies are so with all: report them now.
  createImageVerifier({ ...shared, policies: [] })
  const first = Promise.withResolvers<void>()
  let verifier: ImageVerifier | undefined
  let counts: PolicyCounts = { policies: 0, broken: 0, accepted: 0, refused: 0 }
  let refusal: string | undefined
  let unreadable: string | undefined
  let seen: string | undefined
  let latest: PolicyDocuments | undefined
  let timer: NodeJS.Timeout | undefined

  function takeLatest(): void {
    timer = undefined
    const text = JSON.stringify(latest)
    if (latest === undefined || text === seen) return
    seen = text
    const compiled = compile(latest, shared)
    if ('broken' in compiled) refuseBroken(compiled.broken)
    else if (compiled.policies === 0) refuse('there is no policy')
    else accept(compiled)
  }

  function accept({ verifier: next, policies }: Compiled): void {
    verifier = next
    refusal = undefined
    counts = { ...counts, policies, broken: 0, accepted: counts.accepted + 1 }
    first.resolve()
    logger?.info({ policies }, 'policies taken into use')
    for (const { severity, ...problem } of [...next.problems, ...next.warnings])
      logger?.warn(problem, `policy ${severity}`)
  }

  function refuse(reason: string, brokenCount: number = 0): void {
    refusal = reason
    counts = { ...counts, broken: brokenCount, refused: counts.refused + 1 }
    logger?.error({ error: describe(reason, verifier !== undefined) }, 'policies refused')
  }

  function refuseBroken(found: readonly BrokenDocument[]): void {
    for (const { source, message } of found) logger?.error({ source, error: message }, 'policy refused')
    refuse(reasonOf(found), found.length)
    void from.reportBroken?.(found)
  }

  const end = from.start({
    changed: (documents) => {
      latest = documents
      if (verifier === undefined && refusal === undefined) takeLatest()
      else timer ??= setTimeout(takeLatest, SETTLE_MS).unref()
    },
    problem: (message) => {
      if (message !== undefined && message !== unreadable) logger?.error({ error: message }, 'policies cannot be read')
      unreadable = message
    },
  })
  return {
    current: () => verifier,
    ready: (signal) => untilAborted(signal, () => first.promise),
    readiness: () => {
      const message = unreadable ?? (refusal === undefined ? undefined : describe(refusal, verifier !== undefined))
      return { ready: verifier !== undefined, ...(message === undefined ? {} : { message }) }
    },
    counts: () => counts,
    close: () => {
      clearTimeout(timer)
      end()
    },
  }
}

interface Compiled {
  readonly verifier: ImageVerifier
  readonly policies: number
}

function compile(
  documents: PolicyDocuments,
  shared: Omit<ImageVerifierOptions, 'policies' | 'exceptions'>,
): Compiled | { readonly broken: readonly BrokenDocument[] } {
  const policies = parseEach(documents.policies, parsePolicies)
  const exceptions = parseEach(documents.exceptions, parseExceptions)
  const broken = [...policies.broken, ...exceptions.broken]
  if (broken.length > 0) return { broken }
  return {
    verifier: createImageVerifier({ ...shared, policies: policies.parsed, exceptions: exceptions.parsed }),
    policies: policies.parsed.length,
  }
}

interface Parsed<T> {
  readonly parsed: readonly T[]
  readonly broken: readonly BrokenDocument[]
}

function parseEach<T>(
  documents: readonly PolicyDocument[],
  parse: (text: string, options: { readonly source: string }) => readonly T[],
): Parsed<T> {
  const parsed: T[] = []
  const broken: BrokenDocument[] = []
  for (const { source, text } of documents) {
    try {
      parsed.push(...parse(text, { source }))
    } catch (error) {
      broken.push({ source, message: messageOf(error) })
    }
  }
  return { parsed, broken }
}

function reasonOf([first, ...rest]: readonly BrokenDocument[]): string {
  const more = rest.length === 0 ? '' : ` (and ${String(rest.length)} more)`
  return `a policy is broken: ${first?.message ?? ''}${more}`
}

function describe(refusal: string, hasGood: boolean): string {
  return `${hasGood ? 'the last good policies are' : 'no policy is'} in use, because ${refusal}`
}
