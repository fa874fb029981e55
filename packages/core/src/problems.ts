import type { Policy } from '@verify-images/policy-parser'
import type { Settings } from './settings.ts'

/** Something about the policies that is known before the first image. */
export interface Problem {
  /** `problem`: what it names never passes, or nothing is verified at all. `warning`: it changes no verdict. */
  readonly severity: 'problem' | 'warning'
  readonly code: string
  /** `<name>`, or `<namespace>/<name>` for a namespaced policy; empty if it is about all policies. */
  readonly policy: string
  /** Where in the policy: `spec.rules[0].verifyImages[0].attestors[0].entries[1]`. */
  readonly path: string
  readonly message: string
  readonly source?: string
  readonly line?: number
  readonly column?: number
}

/** Returns the problems and warnings of all policies, sorted by place within each. */
export function findProblems({ policies, attestors, keys }: Settings): readonly Problem[] {
  if (policies.length === 0) return [NO_POLICIES]
  return policies.flatMap(({ policy, key }) => {
    const ofRules = policy.spec.rules.flatMap((rule, i) =>
      (rule.verifyImages ?? []).flatMap((entry, j) =>
        attestors.inspect(entry, `spec.rules[${String(i)}].verifyImages[${String(j)}]`, { keys }),
      ),
    )
    const found = [...policy.findings, ...ofRules].map(({ severity, code, path, message }) => ({
      severity,
      code,
      policy: key,
      path,
      message,
      ...placeOf(policy, path),
    }))
    return found.sort((a, b) => (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0))
  })
}

const NO_POLICIES: Problem = {
  severity: 'problem',
  code: 'VERIFIER_POLICIES_EMPTY',
  policy: '',
  path: 'policies',
  message: 'there is no policy, so no image is verified',
}

function placeOf({ source, locate }: Policy, path: string): Pick<Problem, 'source' | 'line' | 'column'> {
  return { ...(source === undefined ? {} : { source }), ...locate(path) }
}
