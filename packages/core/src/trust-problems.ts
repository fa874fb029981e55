import { LIMITS } from './limits.ts'
import type { Problem } from './problems.ts'
import type { Settings } from './settings.ts'

const DAY_MS = 24 * 60 * 60 * 1000

/**
 * Returns what is wrong with the Sigstore trust root, if a policy needs it: a refresh that failed, or its age. It can
 * change at any time.
 */
export function trustProblems({ policies, trust, clock }: Settings): readonly Problem[] {
  const { asOf, failure } = trust?.origin?.() ?? {}
  if (!policies.some(({ policy }) => policy.spec.rules.some(needsTrustRoot))) return []
  const ageDays = asOf === undefined ? 0 : Math.floor((clock().getTime() - Date.parse(asOf)) / DAY_MS)
  return [
    ...(failure === undefined
      ? []
      : [problem('ATTESTOR_TRUST_UNAVAILABLE', `refreshing it failed at ${failure.at}: ${failure.message}`, asOf)]),
    ...(ageDays <= LIMITS.trustRootDays
      ? []
      : [
          problem(
            'ATTESTOR_TRUST_STALE',
            `it is ${String(ageDays)} days old, so newer logs and authorities are unknown to it`,
            asOf,
          ),
        ]),
  ]
}

function problem(code: Problem['code'], message: string, asOf = 'unknown'): Problem {
  const inUse = `; the trust root in use is of ${asOf}`
  return { severity: 'problem', code, policy: '', path: 'trust', message: `the trust root: ${message}${inUse}` }
}

type Rules = Settings['policies'][number]['policy']['spec']['rules']
type Entry = NonNullable<Rules[number]['verifyImages']>[number]
type Attestors = NonNullable<Entry['attestors']>

/** Returns whether a rule has an attestor that can need the trust root: any but a key whose log is ignored. */
function needsTrustRoot({ verifyImages = [] }: Rules[number]): boolean {
  return verifyImages.some(
    ({ type, attestors = [], attestations = [] }) =>
      type !== 'Notary' && [...attestors, ...attestations.flatMap(({ attestors: own = [] }) => own)].some(canNeedIt),
  )
}

function canNeedIt({ entries = [] }: Attestors[number]): boolean {
  return entries.some(({ keys, certificates, keyless, attestor }) => {
    if (keyless !== undefined || attestor !== undefined) return true
    return [keys, certificates].some((signer) => signer !== undefined && signer.rekor?.ignoreTlog !== true)
  })
}
