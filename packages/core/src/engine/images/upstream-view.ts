import type { ExtractedImage } from '@verify-images/image-matcher'
import type { RuleStatus } from '../../verdict/rule-result.ts'
import type { RecordedStatus } from './verification-record.ts'

/**
 * What upstream does with an image where we verify it: the same, a skip because its patterns do not match this spelling,
 * nothing because it does not find the image, or nothing because the object brings a record along.
 *
 * Where we refuse, that is our verdict. Where we accept, the answer is upstream's.
 */
export type UpstreamView = 'verifies' | 'skips' | 'overlooks' | 'trusts-record'

interface UpstreamAnswer {
  readonly row: RuleStatus | 'nothing'
  readonly record?: RecordedStatus
  readonly pins: boolean
}

/** What upstream says, writes down and does, where it does not verify. */
export const UPSTREAM_ANSWERS: Readonly<Record<Exclude<UpstreamView, 'verifies'>, UpstreamAnswer>> = {
  skips: { row: 'skip', record: 'skip', pins: true },
  overlooks: { row: 'nothing', pins: true },
  'trusts-record': { row: 'nothing', record: 'pass', pins: false },
}

/** The row of docs/differences.md for an image that upstream does not look at. */
export function strictRow({ upstreamSees }: ExtractedImage): string {
  return upstreamSees ? 'S15' : 'S30'
}

/** The row for a refusal where upstream does not verify. */
export function strictRowOf(view: Exclude<UpstreamView, 'verifies'>, image: ExtractedImage): string {
  return view === 'trusts-record' ? 'S3' : strictRow(image)
}
