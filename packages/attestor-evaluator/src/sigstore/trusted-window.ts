import { isJsonObject, type Json, ownMember } from '@verify-images/primitives'
import { AttestorError } from '../attestor-error.ts'
import type { ValidityWindow } from './trust-material.ts'

const timestamp = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)$/

/**
 * Decodes a `validFor` of a trusted root.
 *
 * @throws AttestorError ATTESTOR_TRUST_UNAVAILABLE for invalid dates: ignoring one would leave the window open
 */
export function decodeWindow(value: Json | undefined): ValidityWindow {
  if (value === undefined || value === null) return {}
  if (!isJsonObject(value)) throw malformed()
  const start = decodeTime(ownMember(value, 'start'))
  const end = decodeTime(ownMember(value, 'end'))
  if (start !== undefined && end !== undefined && start.getTime() > end.getTime()) throw malformed()
  return { ...(start && { start }), ...(end && { end }) }
}

function decodeTime(value: Json | undefined): Date | undefined {
  if (value === undefined || value === null) return undefined
  if (typeof value !== 'string' || !timestamp.test(value)) throw malformed()
  const time = new Date(value)
  // JavaScript reads 30 February as 2 March.
  const day = new Date(`${value.slice(0, 10)}T00:00:00Z`)
  if (
    Number.isNaN(time.getTime()) ||
    Number.isNaN(day.getTime()) ||
    day.toISOString().slice(0, 10) !== value.slice(0, 10)
  )
    throw malformed()
  return time
}

function malformed(): AttestorError {
  return new AttestorError('ATTESTOR_TRUST_UNAVAILABLE', 'trusted root: invalid validity window')
}
