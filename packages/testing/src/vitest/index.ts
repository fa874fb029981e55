import type { ReasonCode } from '@verify-images/primitives'
import { expect } from 'vitest'
import { toBeAdmitted, toBeDeniedWith } from './matchers.ts'

expect.extend({ toBeAdmitted, toBeDeniedWith })

/** The matchers that this module adds to `expect`. Both take a verdict or a promise of one, and must be awaited. */
export interface VerdictMatchers {
  /** Passes if a policy accepted the image. With `.not`, passes if the image is denied. */
  toBeAdmitted(): Promise<void>
  /** Passes if the image is denied with this code among the reasons. Has no `.not`. */
  toBeDeniedWith(code: ReasonCode): Promise<void>
}

declare module 'vitest' {
  // The type parameters must equal those of vitest, or the declarations do not merge.
  interface Matchers<R extends void | Promise<void> = void | Promise<void>, T = unknown> extends VerdictMatchers {}
}
