import type { RegistryCache } from '@verify-images/registry-fetcher'
import { isForKind, policyApplies } from '../match/policy-scope.ts'
import type { AdmissionRequest } from '../request/admission-request.ts'
import type { Settings } from '../settings.ts'

/**
 * Returns the caches that an evaluation may ask: none that was filled earlier if a rule that may match the object has
 * an entry with `useCache: false`.
 *
 * Such an entry decides for the others, too: a tag has one meaning in an evaluation, and theirs may be an earlier one.
 */
export function cachesFor(settings: Settings, request: AdmissionRequest): readonly RegistryCache[] {
  return readsAnew(settings, request) ? settings.caches.ofNow : settings.caches.all
}

function readsAnew({ policies }: Settings, request: AdmissionRequest): boolean {
  const { object, oldObject, namespace } = request
  const objects = { namespace, ...(object && { object }), ...(oldObject && { oldObject }) }
  return policies.some(
    ({ policy, rulesFor }) =>
      rulesFor('').some(
        ({ rule }) => (rule.verifyImages ?? []).some(({ useCache }) => !useCache) && isForKind(rule, request),
      ) && policyApplies(policy, objects),
  )
}
