import { type Failure, failureOf, type Reason, type Refusal, refusalOf } from '@verify-images/primitives'
import { MAX_REFERRERS } from '../limits.ts'
import type { SignatureRequest } from '../signature-verifier.ts'
import type { FoundBundles } from './find-bundles.ts'

/** A referrer that did not count: it could not be fetched or parsed (`fetching`), or it did not verify. */
export interface RejectedBundle {
  readonly stage: 'fetching' | 'verifying'
  readonly failure: Failure
}

/**
 * Maps the error of one referrer.
 *
 * @throws the reason of the signal, when it was aborted
 */
export function rejectedBundle(
  error: unknown,
  stage: RejectedBundle['stage'],
  candidate: string,
  { path, image }: SignatureRequest,
  signal: AbortSignal,
): RejectedBundle {
  return {
    stage,
    failure: failureOf(error, { path, image: image.reference, candidate }, signal),
  }
}

/**
 * Combines the failures of all referrers when none of them counted. It is inconclusive if one could not be fetched:
 * that one might have counted.
 *
 * @param notes what may explain the failure
 * @param found whether the registry listed all referrers, and how many of them were not read
 */
export function refusalOfBundles(
  rejected: readonly RejectedBundle[],
  { path, image }: SignatureRequest,
  notes: readonly Reason[],
  { complete, unread }: Pick<FoundBundles, 'complete' | 'unread'>,
): Refusal {
  const ours = (reason: Reason, inconclusive: boolean): Failure => ({
    kind: 'reason',
    reason: { ...reason, path, image: image.reference },
    inconclusive,
  })
  const unlisted = complete
    ? []
    : [
        ours(
          { code: 'ATTESTOR_SOURCE_UNAVAILABLE', message: 'the registry did not list all referrers of the image' },
          true,
        ),
      ]
  const overLimit =
    unread === 0
      ? []
      : [
          ours(
            {
              code: 'ATTESTOR_LIMIT_EXCEEDED',
              message: `bundles of the image: expected at most ${MAX_REFERRERS}, got ${MAX_REFERRERS + unread}`,
            },
            true,
          ),
        ]
  const none = ours({ code: 'ATTESTOR_NO_SIGNATURE', message: 'the image has no bundle that verifies' }, false)
  const [first = none, ...rest] = [...rejected.map(({ failure }) => failure), ...unlisted, ...overLimit]
  const firstUnread = rejected.findIndex(({ stage }) => stage === 'fetching')
  return refusalOf({
    kind: 'step',
    step: { kind: 'attestor-verify-bundles', image: image.reference, ...(firstUnread >= 0 && { firstUnread }) },
    failures: [first, ...rest, ...notes.map((note) => ours(note, false))],
  })
}

/**
 * Maps an error that ended the check of all bundles.
 *
 * @throws the reason of the signal, when it was aborted
 */
export function refusalOfError(error: unknown, { path, image }: SignatureRequest, signal: AbortSignal): Refusal {
  return refusalOf(failureOf(error, { path, image: image.reference }, signal))
}
