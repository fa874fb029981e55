import { describeReasons, type ImageVerdict, type RefusedImage, type ResourceVerdict } from '@verify-images/core'

/** One object or image with its verdict. */
export interface Verified {
  /** `Pod default/app`, or the image as given. */
  readonly subject: string
  readonly verdict: ResourceVerdict | ImageVerdict
  /** How long it took, in milliseconds. */
  readonly ms: number
}

/** What was not verified, because the user interrupted or the deadline of the command passed. */
export interface Unfinished {
  readonly subject: string
  readonly because: 'interrupted' | 'deadline'
}

export interface Results {
  readonly verified: readonly Verified[]
  readonly unfinished: readonly Unfinished[]
}

export function describeUnfinished({ because }: Pick<Unfinished, 'because'>): string {
  return because === 'deadline' ? 'not verified: the deadline of the command passed' : 'not verified: interrupted'
}

/** Returns why all was denied where no rule is to blame: an image that no policy matches can be refused for that. */
export function unblamedDenial(
  { admitted, denial }: ResourceVerdict | ImageVerdict,
  refused: readonly RefusedImage[],
): string | undefined {
  return admitted || refused.length > 0 ? undefined : (denial ?? 'denied')
}

/** Returns our reasons, one per line; Kyverno's sentence where there is none. */
export function describeRefused({ reasons, message }: RefusedImage): string {
  return reasons.length === 0 ? message : describeReasons(reasons).join('\n')
}
