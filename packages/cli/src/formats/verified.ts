import type { ImageVerdict, ResourceVerdict } from '@verify-images/core'

/** What was verified, and what came of it. */
export interface Verified {
  /** `Pod default/app`, or the image as given. */
  readonly subject: string
  readonly verdict: ResourceVerdict | ImageVerdict
}
