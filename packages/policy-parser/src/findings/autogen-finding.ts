import { type JsonObject, ownMember } from '@verify-images/primitives'
import { leavesControllersOut } from '../admission/warnings.ts'
import { isController } from '../autogen/controllers.ts'
import { allKinds, excludesOthers } from '../autogen/generate-rule.ts'
import { kindOf } from '../kind-selector.ts'

/**
 * Returns why a Pod rule does not apply to pod controllers although its author may expect it: a Deployment is then
 * admitted, and its Pods are not. Undefined if the annotation is `none` or the rule names controllers itself.
 *
 * @param obstacle why no rule of the policy is generated for controllers
 */
export function autogenFinding(
  rule: JsonObject,
  annotation: string | undefined,
  obstacle: string | undefined,
): string | undefined {
  const kinds = allKinds(ownMember(rule, 'match')).map(kindOf)
  if (annotation === 'none' || !kinds.includes('Pod') || kinds.some(isController)) return undefined
  const reason = obstacle ?? (excludesOthers(rule) ? 'its `exclude` names other kinds' : undefined)
  if (reason !== undefined) return `applies to Pods, not to the controllers that create them: ${reason}`
  return leavesControllersOut(annotation)
    ? 'still matches Pods of controllers that the autogen annotation leaves out'
    : undefined
}
