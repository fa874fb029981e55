import type { ReasonCode } from '@verify-images/primitives'
import type { Policy } from '@verify-images/policy-parser'
import { placeOf } from './engine/compile-policy.ts'
import { isAboutRoles } from './engine/context/role-variables.ts'
import { needsRoles } from './match/policy-scope.ts'
import type { Settings } from './settings.ts'

/** A problem or warning of a policy that is known before the first image is fetched. */
export interface Problem {
  /** `problem`: the named part never passes, or nothing is verified at all. `warning`: no verdict changes. */
  readonly severity: 'problem' | 'warning'
  readonly code: ReasonCode
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
export function findProblems({
  policies,
  attestors,
  keys,
  kubernetes,
  credentialProviders,
  caches,
}: Settings): readonly Problem[] {
  if (policies.length === 0) return [NO_POLICIES]
  return policies.flatMap(({ policy, key }) => {
    const ofRules = policy.spec.rules.flatMap((rule, i) =>
      (rule.verifyImages ?? []).flatMap((entry, j) =>
        attestors.inspect(entry, `spec.rules[${String(i)}].verifyImages[${String(j)}]`, { keys }),
      ),
    )
    const found = [
      ...policy.findings,
      ...(policy.spec.rules.length === 0 ? [NO_RULES] : []),
      ...(kubernetes?.list === undefined ? unknownRoles(policy) : []),
      ...unknownProviders(policy, credentialProviders),
      ...(caches.all.length === 0 ? missingCache(policy) : []),
      ...ofRules,
    ].map(({ severity, code, path, message }) => ({
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

/** Returns the rules that select by roles, or read them, which are neither stated nor looked up. */
function unknownRoles({ spec: { rules } }: Policy): readonly Finding[] {
  return rules.flatMap((rule, i) => {
    if (rule.verifyImages === undefined) return []
    const path = `spec.rules[${String(i)}]`
    return [
      ...(needsRoles(rule) ? [rolesFinding(`${path}.match`, SELECTS_BY_ROLES)] : []),
      ...(isAboutRoles(rule) ? [rolesFinding(path, READS_ROLES)] : []),
    ]
  })
}

const SELECTS_BY_ROLES =
  'the rule selects by roles, which an API server does not send: without `kubernetes.list` it is evaluated ' +
  'for every requester whose roles are not stated'
const READS_ROLES =
  'expressions of the rule read the roles of the requester, which an API server does not send: without ' +
  '`kubernetes.list` they fail for every requester whose roles are not stated'

function rolesFinding(path: string, message: string): Finding {
  return { severity: 'warning', code: 'VERIFIER_ROLES_UNAVAILABLE', path, message }
}

/**
 * Returns the first `useCache: true` that a policy spells out although nothing is cached. A policy from a cluster has
 * it in every entry, as a default of the schema: one note is enough.
 */
function missingCache({ spec: { rules }, locate }: Policy): readonly Finding[] {
  const written = rules.flatMap(({ verifyImages = [] }, i) =>
    verifyImages.flatMap(({ useCache }, j) => {
      const entry = `spec.rules[${String(i)}].verifyImages[${String(j)}]`
      const [at, ofEntry] = [locate(`${entry}.useCache`), locate(entry)]
      const isWritten = at?.line !== ofEntry?.line || at?.column !== ofEntry?.column
      return useCache && isWritten ? [`${entry}.useCache`] : []
    }),
  )
  const message = 'has no effect without the option `cache`: nothing is kept from one evaluation to the next'
  return written.slice(0, 1).map((path) => ({ severity: 'warning', code: 'POLICY_FIELD_IGNORED', path, message }))
}

/**
 * Returns the credential providers that a policy names and the verifier does not have: without them access is
 * anonymous.
 */
function unknownProviders({ spec: { rules } }: Policy, known: Settings['credentialProviders']): readonly Finding[] {
  return rules.flatMap(({ verifyImages = [] }, i) =>
    verifyImages.flatMap(({ imageRegistryCredentials }, j) =>
      (imageRegistryCredentials?.providers ?? []).flatMap((name, k): readonly Finding[] =>
        known.has(name) || name === 'default'
          ? []
          : [
              {
                severity: 'warning',
                code: 'VERIFIER_CREDENTIALS_UNAVAILABLE',
                path:
                  `spec.rules[${String(i)}].verifyImages[${String(j)}` +
                  `].imageRegistryCredentials.providers[${String(k)}]`,
                message: `no credential provider \`${name}\` is configured: pass it in \`credentialProviders\``,
              },
            ],
      ),
    ),
  )
}

type Finding = Pick<Problem, 'severity' | 'code' | 'path' | 'message'>

const NO_RULES = {
  severity: 'problem',
  code: 'VERIFIER_POLICIES_EMPTY',
  path: 'spec.rules',
  message: 'the policy has no rules, so it verifies no image',
} as const

const NO_POLICIES: Problem = {
  severity: 'problem',
  code: 'VERIFIER_POLICIES_EMPTY',
  policy: '',
  path: 'policies',
  message: 'there is no policy, so no image is verified',
}
