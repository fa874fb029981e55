import { hasWildcard } from '@verify-images/primitives'
import { POD_AND_CONTROLLERS } from '../autogen/controllers.ts'
import { kindOf } from '../kind-selector.ts'
import { shown } from '../policy-error.ts'

/** A group with a dot is not Kubernetes' own: there `Jot` may well be a kind. */
const FOREIGN_GROUP = /^[^/.]*\.[^/]*\//

/** Returns a warning for a selector that is certainly misspelt: its rule would silently match nothing. */
export function kindFinding(selector: string): string | undefined {
  const kind = kindOf(selector)
  if (POD_AND_CONTROLLERS.has(kind) || hasWildcard(kind) || FOREIGN_GROUP.test(selector)) return undefined
  const meant = [...POD_AND_CONTROLLERS].find((each) => isOneSlip(kind.toLowerCase(), each.toLowerCase()))
  return meant === undefined ? undefined : `${shown(kind)} is not a kind of Kubernetes: did you mean ${meant}?`
}

/** Returns whether two words differ by one letter that is added, missing, wrong, or swapped with the next. */
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
