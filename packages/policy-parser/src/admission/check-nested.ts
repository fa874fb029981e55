import { isJsonArray, isJsonObject, type Json, ownMember } from '@verify-images/primitives'
import type { Report } from '../schema/check-schema.ts'
import type { PathKey } from '../place.ts'

/** The loops inside a loop, into which the CRD does not look: Go takes a list of mappings only. */
export function checkNested(loop: Json, path: readonly PathKey[], report: Report): void {
  const nested = ownMember(loop, 'foreach') ?? null
  if (nested === null || (isJsonArray(nested) && nested.every((inner) => inner === null || isJsonObject(inner)))) return
  report('POLICY_FIELD_INVALID', [...path, 'foreach'], 'must be a list of loops')
}
