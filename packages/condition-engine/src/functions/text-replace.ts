import type { WorkMeter } from '../expression/work-meter.ts'

/**
 * Replaces the first `count` occurrences of `from`, or all if `count` is negative.
 *
 * An empty `from` occurs before each character and at the end, as in Go.
 */
export function replaceText(text: string, from: string, to: string, count: number, meter: WorkMeter): string {
  if (from === to || count === 0) return text
  const limit = count < 0 ? Infinity : count
  return from === '' ? spread(text, to, limit, meter) : replace(text, from, to, limit, meter)
}

function replace(text: string, from: string, to: string, limit: number, meter: WorkMeter): string {
  const parts: string[] = []
  let end = 0
  for (let at = text.indexOf(from); at >= 0 && parts.length < limit; at = text.indexOf(from, end)) {
    meter.produce(at - end + to.length + 1)
    parts.push(text.slice(end, at))
    end = at + from.length
  }
  meter.produce(text.length - end)
  return parts.length === 0 ? text : `${parts.join(to)}${to}${text.slice(end)}`
}

function spread(text: string, to: string, limit: number, meter: WorkMeter): string {
  const characters = Array.from(text)
  const times = Math.min(limit, characters.length + 1)
  meter.produce(text.length + times * to.length)
  const spaced = characters.map((character, index) => (index < times ? to : '') + character)
  return spaced.join('') + (times > characters.length ? to : '')
}
