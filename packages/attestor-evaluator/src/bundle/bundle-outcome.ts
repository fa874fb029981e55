import { AttestorError } from '../attestor-error.ts'
import type { Outcome, Reason } from '../outcome.ts'
import type { SourceFault } from '../ports.ts'
import type { SignatureRequest } from '../signature-verifier.ts'
import { NO_MATCH } from './bundle-requirements.ts'

/** A referrer that was no evidence: it could not be had or read (`fetching`), or it did not verify. */
export interface Miss {
  readonly stage: 'fetching' | 'verifying'
  readonly reason: Reason
  readonly upstreamText: string
  /** Set when it could not be had, rather than that it was no evidence. */
  readonly fault?: { readonly networkFault: boolean }
}

/** Faults that whoever pushed the referrer can make at will, once and for all: what they hide was never there. */
const lasting: ReadonlySet<string> = new Set(['REGISTRY_NOT_FOUND', 'REGISTRY_SIZE_MISMATCH', 'REGISTRY_RESPONSE_TOO_LARGE'])

/** What went wrong with one referrer. */
export function missOf(error: unknown, stage: Miss['stage'], artifact: string, { path }: SignatureRequest, upstreamPrefix = ''): Miss {
  const where = { path, candidate: artifact }
  if (error instanceof AttestorError) {
    return {
      stage, reason: error.reason(where), upstreamText: `${upstreamPrefix}${error.upstreamText}`,
      ...(error.inconclusive && { fault: { networkFault: error.details.networkFault ?? false } }),
    }
  }
  const fault = faultOf(error)
  return {
    stage, reason: { code: fault.code, message: fault.message, ...where }, upstreamText: `${upstreamPrefix}${fault.upstreamText}`,
    ...(!lasting.has(fault.code) && { fault: { networkFault: fault.networkFault } }),
  }
}

/**
 * What it comes to when no bundle passed. A referrer that could not be had may have been the one: then nobody can tell.
 *
 * Upstream stops at the first referrer it cannot fetch or read, so its words are about that one.
 */
export function outcomeOfMisses<Accepted>(
  misses: readonly Miss[], request: SignatureRequest, extra: readonly Reason[], complete: boolean,
): Outcome<Accepted> {
  const { path } = request
  const broken = misses.find(({ stage }) => stage === 'fetching')
  const upstreamText = broken === undefined ? NO_MATCH : `failed to fetch bundles: ${request.image.reference}: ${broken.upstreamText}`
  const unseen: readonly Reason[] = complete ? [] : [{ code: 'ATTESTOR_SOURCE_UNAVAILABLE', message: 'the registry did not show all referrers of the image', path }]
  const none: Reason = { code: 'ATTESTOR_NO_SIGNATURE', message: 'no bundle that verifies refers to the image', path }
  const reasons = [...misses.map(({ reason }) => reason), ...unseen, ...extra]
  const [first = none, ...rest] = reasons
  const faults = misses.flatMap(({ fault }) => fault ?? [])
  if (faults.length === 0 && complete) return { kind: 'rejected', upstreamText, reasons: [first, ...rest] }
  return { kind: 'inconclusive', upstreamText, networkFault: faults.some(({ networkFault }) => networkFault), reasons: [first, ...rest] }
}

/** What it comes to when the check as a whole stopped at an error. */
export function outcomeOfError<Accepted>(error: unknown, { path }: SignatureRequest): Outcome<Accepted> {
  if (error instanceof AttestorError) {
    const { upstreamText, inconclusive, details } = error
    const reasons: readonly [Reason] = [error.reason({ path })]
    return inconclusive
      ? { kind: 'inconclusive', upstreamText, networkFault: details.networkFault ?? false, reasons }
      : { kind: 'rejected', upstreamText, reasons }
  }
  const { code, message, upstreamText, networkFault } = faultOf(error)
  return { kind: 'inconclusive', upstreamText, networkFault, reasons: [{ code, message, path }] }
}

/**
 * Runs a step; what it fails with is told in Kyverno's words for that step.
 *
 * @throws AttestorError
 */
export async function during<T>(upstreamPrefix: string, step: () => Promise<T> | T, signal: AbortSignal): Promise<T> {
  try {
    return await step()
  } catch (error) {
    signal.throwIfAborted()
    if (error instanceof AttestorError) {
      throw new AttestorError(error.code, error.message, { ...error.details, upstreamText: `${upstreamPrefix}: ${error.upstreamText}` })
    }
    const fault = faultOf(error)
    throw new AttestorError('ATTESTOR_SOURCE_UNAVAILABLE', fault.message, {
      upstreamText: `${upstreamPrefix}: ${fault.upstreamText}`, networkFault: fault.networkFault, found: fault.code, cause: error,
    })
  }
}

/** A source's fault as it declares itself; anything else that was thrown is a fault, too, and never a pass. */
function faultOf(error: unknown): Pick<SourceFault, 'code' | 'message' | 'upstreamText' | 'networkFault'> {
  const message = error instanceof Error ? error.message : 'unknown fault'
  const { code, upstreamText, networkFault } = error instanceof Error ? error as Partial<SourceFault> : {}
  return {
    message,
    code: typeof code === 'string' && code.startsWith('REGISTRY_') ? code : 'ATTESTOR_SOURCE_UNAVAILABLE',
    upstreamText: typeof upstreamText === 'string' ? upstreamText : message,
    networkFault: networkFault === true,
  }
}
