import { hasWildcard } from '@verify-images/primitives'
import { POD_AND_CONTROLLERS } from '../autogen/controllers.ts'
import { kindOf } from '../kind-selector.ts'
import { shown } from '../policy-error.ts'

/** A group with a dot is not Kubernetes' own: there `Jot` may well be a kind. */
const FOREIGN_GROUP = /^[^/.]*\.[^/]*\//

/** The kind that a selector means, where it is sure to be misspelt: then the rule protects nothing without a word. */
export function kindFinding(selector: string): string | undefined {
  const kind = kindOf(selector)
  if (POD_AND_CONTROLLERS.has(kind) || hasWildcard(kind) || FOREIGN_GROUP.test(selector)) return undefined
  const meant = [...POD_AND_CONTROLLERS].find((each) => isOneSlip(kind.toLowerCase(), each.toLowerCase()))
  return meant === undefined ? undefined : `${shown(kind)} is not a kind of Kubernetes: did you mean ${meant}?`
}

/** Whether two words differ by no more than a letter too many, one too few, a wrong one, or two in the wrong order. */
function isOneSlip(word: string, other: string): boolean {
  let same = 0
  while (same < word.length && word[same] === other[same]) same++
  const [rest, otherRest] = [word.slice(same), other.slice(same)]
  return (
    rest.slice(1) === otherRest ||
    rest === otherRest.slice(1) ||
    rest.slice(1) === otherRest.slice(1) ||
    (rest.slice(2) === otherRest.slice(2) && rest[0] === otherRest[1] && rest[1] === otherRest[0])
  )
}
