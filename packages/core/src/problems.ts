import type { Policy } from '@verify-images/policy-parser'
import type { Settings } from './settings.ts'

/** Something about a policy that is known before any image: what can never pass, or what is worth a second look. */
export interface Problem {
  /** `problem`: what it is about never passes. `warning`: it changes no verdict. */
  readonly severity: 'problem' | 'warning'
  readonly code: string
  /** Name of the policy, `<namespace>/<name>` for a namespaced one. */
  readonly policy: string
  /** Where in the policy: `spec.rules[0].verifyImages[0].attestors[0].entries[1]`. */
  readonly path: string
  readonly message: string
  readonly source?: string
  readonly line?: number
  readonly column?: number
}

/** What the parts know of the policies, sorted by place. */
export function findProblems({ policies, attestors, keys }: Settings): readonly Problem[] {
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

function placeOf({ source, locate }: Policy, path: string): Pick<Problem, 'source' | 'line' | 'column'> {
  return { ...(source === undefined ? {} : { source }), ...locate(path) }
}
