import { type JsonObject, ownMember } from '@verify-images/primitives'
import { leavesControllersOut } from '../admission/warnings.ts'
import { isController } from '../autogen/controllers.ts'
import { allKinds, excludesOthers } from '../autogen/generate-rule.ts'
import { kindOf } from '../kind-selector.ts'

/**
 * What a rule about Pods does not say about their controllers, although its author may think so: then a Deployment is
 * admitted and its Pods are not. Nothing where the annotation says `none`, or the rule names controllers itself.
 *
 * @param obstacle why no rule of the policy is rewritten for controllers
 */
export function autogenFinding(
  rule: JsonObject,
  annotation: string | undefined,
  obstacle: string | undefined,
): string | undefined {
  const kinds = allKinds(ownMember(rule, 'match')).map(kindOf)
  if (annotation === 'none' || !kinds.includes('Pod') || kinds.some(isController)) return undefined
  const reason = obstacle ?? (excludesOthers(rule) ? 'its exclude names other kinds' : undefined)
  if (reason !== undefined) return `applies to Pods only, and not to the controllers that make them: ${reason}`
  return leavesControllersOut(annotation)
    ? 'Pods of the controllers that the autogen annotation leaves out are still matched'
    : undefined
}
