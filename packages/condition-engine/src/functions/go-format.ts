import { ExpressionReference, GoInteger, isList, MapList } from '../expression/value.ts'
import type { Value } from '../expression/value.ts'
import { compareText } from '../values/compare-text.ts'
import { formatGoFloat } from '../values/go-number.ts'

/** Error messages show values only so far: they may be large, and they come from outside. */
const SHOWN_LENGTH = 200
const SHOWN_DEPTH = 4

/** A value as Go's `%v` prints it, for error messages: cut after a few hundred characters. */
export function formatGoValue(value: Value): string {
  const whole = format(value, SHOWN_DEPTH)
  return whole.length > SHOWN_LENGTH ? `${whole.slice(0, SHOWN_LENGTH).toWellFormed()}…` : whole
}

function format(value: Value, depthLeft: number): string {
  if (value === null) return '<nil>'
  if (typeof value === 'string') return value.slice(0, SHOWN_LENGTH + 1)
  if (typeof value === 'number') return formatGoFloat(value)
  if (typeof value === 'boolean') return String(value)
  if (value instanceof GoInteger) return String(value.value)
  if (value instanceof ExpressionReference) return '&expression'
  if (depthLeft === 0) return '…'
  const elements = value instanceof MapList ? value.maps : isList(value) ? value : undefined
  if (elements !== undefined) return `[${elements.slice(0, SHOWN_LENGTH).map((item) => format(item, depthLeft - 1)).join(' ')}]`
  const members = Object.entries(value).slice(0, SHOWN_LENGTH).sort(([left], [right]) => compareText(left, right))
  return `map[${members.map(([key, item]) => `${key}:${format(item, depthLeft - 1)}`).join(' ')}]`
}
