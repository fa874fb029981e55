import { type Failure, readFailure, refusal } from '../failure.ts'
import type { Outcome, Reason } from '../outcome.ts'
import type { SignatureRequest } from '../signature-verifier.ts'
import { NO_MATCH } from './bundle-requirements.ts'

/** A referrer that was no evidence: it could not be had or read (`fetching`), or it did not verify. */
export interface Miss {
  readonly stage: 'fetching' | 'verifying'
  readonly failure: Failure
}

/** Faults that whoever pushed the referrer can make at will, once and for all: what they hide was never there. */
const lasting: ReadonlySet<string> = new Set([
  'REGISTRY_NOT_FOUND',
  'REGISTRY_SIZE_MISMATCH',
  'REGISTRY_RESPONSE_TOO_LARGE',
])

/**
 * What went wrong with one referrer.
 *
 * @throws the reason of the signal, when it was aborted
 */
export function missOf(
  error: unknown,
  stage: Miss['stage'],
  candidate: string,
  { path, image }: SignatureRequest,
  signal: AbortSignal,
  upstreamPrefix = '',
): Miss {
  const failure = readFailure(error, { path, image: image.reference }, signal)
  return {
    stage,
    failure: {
      ...failure,
      reason: { ...failure.reason, candidate },
      upstreamText: `${upstreamPrefix}${failure.upstreamText}`,
      inconclusive: failure.inconclusive && !lasting.has(failure.reason.code),
    },
  }
}

/**
 * What it comes to when no bundle passed. A referrer that could not be had may have been the one: then nobody can tell.
 *
 * Upstream stops at the first referrer it cannot fetch or read, so its words are about that one.
 *
 * @param notes what may explain the failure
 * @param complete whether the registry has shown all referrers
 */
export function outcomeOfMisses(
  misses: readonly Miss[],
  { path, image }: SignatureRequest,
  notes: readonly Reason[],
  complete: boolean,
): Exclude<Outcome<unknown>, { kind: 'accepted' }> {
  const broken = misses.find(({ stage }) => stage === 'fetching')
  const upstreamText =
    broken === undefined ? NO_MATCH : `failed to fetch bundles: ${image.reference}: ${broken.failure.upstreamText}`
  const plain = (reason: Reason, inconclusive: boolean): Failure => ({
    reason: { ...reason, path, image: image.reference },
    upstreamText,
    inconclusive,
    networkFault: false,
  })
  const unseen = complete
    ? []
    : [
        plain(
          { code: 'ATTESTOR_SOURCE_UNAVAILABLE', message: 'the registry did not show all referrers of the image' },
          true,
        ),
      ]
  const none = plain({ code: 'ATTESTOR_NO_SIGNATURE', message: 'no bundle that verifies refers to the image' }, false)
  const [first = none, ...rest] = [...misses.map(({ failure }) => failure), ...unseen]
  return refusal([first, ...rest, ...notes.map((note) => plain(note, false))], upstreamText)
}

/**
 * What it comes to when the check as a whole stopped at an error.
 *
 * @throws the reason of the signal, when it was aborted
 */
export function outcomeOfError(
  error: unknown,
  { path, image }: SignatureRequest,
  signal: AbortSignal,
): Exclude<Outcome<unknown>, { kind: 'accepted' }> {
  const { cause, prefix } = error instanceof FailedStep ? error : { cause: error, prefix: '' }
  const failure = readFailure(cause, { path, image: image.reference }, signal)
  return refusal([failure], `${prefix}${failure.upstreamText}`)
}

/** Runs a step; what it fails with will be told in Kyverno's words for that step. */
export async function during<T>(upstreamPrefix: string, step: () => Promise<T>): Promise<T> {
  try {
    return await step()
  } catch (error) {
    throw new FailedStep(`${upstreamPrefix}: `, error)
  }
}

class FailedStep extends Error {
  override readonly name = 'FailedStep'
  readonly prefix: string

  constructor(prefix: string, cause: unknown) {
    super('a step of the check failed', { cause })
    this.prefix = prefix
  }
}
