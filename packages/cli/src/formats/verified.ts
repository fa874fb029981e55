import { describeReason, type ImageVerdict, type RefusedImage, type ResourceVerdict } from '@verify-images/core'

/** What was verified, and what came of it. */
export interface Verified {
  /** `Pod default/app`, or the image as given. */
  readonly subject: string
  readonly verdict: ResourceVerdict | ImageVerdict
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
  return reasons.length === 0 ? message : reasons.map(describeReason).join('\n')
}
