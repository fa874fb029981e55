import { evaluationError } from './evaluation.ts'
import type { SliceParts } from './node.ts'
import type { Value } from './value.ts'

/** The elements that `[start:stop:step]` selects. Negative numbers count from the end, and a negative step goes backwards. */
export function sliceList(list: readonly Value[], [start, stop, step = 1]: SliceParts): readonly Value[] {
  if (step === 0) throw evaluationError('value', 'Invalid slice, step cannot be 0')
  const forward = step > 0
  const first = start === undefined ? (forward ? 0 : list.length - 1) : capped(start, list.length, forward)
  const end = stop === undefined ? (forward ? list.length : -1) : capped(stop, list.length, forward)
  const selected: Value[] = []
  for (let at = first; forward ? at < end : at > end; at += step) selected.push(list[at] ?? null)
  return selected
}

function capped(position: number, length: number, forward: boolean): number {
  if (position < 0) return Math.max(position + length, forward ? 0 : -1)
  return Math.min(position, forward ? length : length - 1)
}
