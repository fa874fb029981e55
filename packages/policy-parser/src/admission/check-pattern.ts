import { isJsonArray, isJsonObject, type Json } from '@verify-images/primitives'
import { shown } from '../policy-error.ts'
import type { Report } from '../schema/check-schema.ts'
import type { PathKey } from '../place.ts'

const ANCHOR = /^([+<=X^])?\(.+\)$/

/** Anchors of a pattern: `(key)`, `=(key)`, `X(key)`, `^(key)`, `<(key)`. A resource that is generated has none. */
export function checkPattern(pattern: Json, path: readonly PathKey[], anchors: boolean, report: Report): void {
  if (isJsonArray(pattern)) {
    pattern.forEach((item, i) => checkPattern(item, [...path, i], anchors, report))
  } else if (isJsonObject(pattern)) {
    for (const [key, value] of Object.entries(pattern)) {
      const anchor = ANCHOR.exec(key.trim())
      if (anchor !== null && (!anchors || anchor[1] === '+'))
        report('POLICY_FIELD_INVALID', [...path, key], `anchor ${shown(key)} is not supported here`)
      if (anchor?.[1] === '^' && (!isJsonArray(value) || value.length === 0))
        report('POLICY_FIELD_INVALID', [...path, key], 'an existence anchor needs a list with at least one item')
      checkPattern(value, [...path, key], anchors, report)
    }
  }
}
