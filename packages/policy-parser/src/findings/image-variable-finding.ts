import { expressionOf, findVariables, type JsonObject, ownMember } from '@verify-images/primitives'
import { leavesOf, pathOf } from '../admission/leaves.ts'
import { itemsOf, stringAt } from '../json-value.ts'
import type { PathKey } from '../place.ts'

/** The image that is verified: known in the conditions of attestations and in `deny` only. */
const IMAGE = /^image(?![\w-])/
/** `{{ image.tag || 'none' }}` has a value wherever it stands. */
const HAS_DEFAULT = /\|\|/

/** Returns where a rule uses `image` although that never resolves there. */
export function unresolvedImages(rule: JsonObject): readonly (readonly PathKey[])[] {
  const named = itemsOf(ownMember(rule, 'context')).map((entry) => stringAt(entry, 'name'))
  if (named.includes('image')) return []
  return leavesOf(rule)
    .filter(({ value, pointer }) => typeof value === 'string' && !isPerImage(pointer) && usesImage(value))
    .map(pathOf)
}

function isPerImage(pointer: string): boolean {
  return /^\/verifyImages\/\d+\/(?:attestations\/\d+\/conditions|validate\/deny)\//.test(pointer)
}

function usesImage(text: string): boolean {
  return findVariables(text)
    .map(({ text: variable }) => expressionOf(variable).expression.trim())
    .some((expression) => IMAGE.test(expression) && !HAS_DEFAULT.test(expression))
}
