import type { ReasonCode } from '@verify-images/primitives'
import { expect } from 'vitest'
import { toBeAdmitted, toBeDeniedWith } from './matchers.ts'

expect.extend({ toBeAdmitted, toBeDeniedWith })

/** What `import '@verify-images/testing/vitest'` adds to `expect`. Both take a verdict, or the promise of one; await them. */
export interface VerdictMatchers {
  /** Admitted, and because a policy accepted it; with `.not`, denied. */
  toBeAdmitted(): Promise<void>
  /** Denied, with this code among the reasons: `ATTESTOR_SIGNATURE_INVALID`. Has no `.not`. */
  toBeDeniedWith(code: ReasonCode): Promise<void>
}

declare module 'vitest' {
  // Parameters as vitest has them: only then the two declarations are one.
  interface Matchers<R extends void | Promise<void> = void | Promise<void>, T = unknown> extends VerdictMatchers {}
}
