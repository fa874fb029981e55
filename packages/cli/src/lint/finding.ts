import type { Problem } from '@verify-images/core'

/** What is wrong with a policy. `refused`: Kyverno would not accept it, so none of its file is evaluated. */
export type Finding = Omit<Problem, 'severity'> & { readonly severity: Problem['severity'] | 'refused' }
