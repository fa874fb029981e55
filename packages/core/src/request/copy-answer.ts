import { isJsonObject, type Json, type JsonObject, setKey, yieldIfDue } from '@verify-images/primitives'
import { LIMITS } from '../limits.ts'

/** A container that is being copied, and what is left of it. */
interface Open {
  readonly at: string
  readonly depth: number
  readonly entries: IterableIterator<readonly [string | number, unknown]>
  readonly put: (key: string | number, value: Json) => void
}

/** Values copied between two looks at the clock. */
const BATCH = 200

/**
 * Copies what an adapter returned, as JSON would carry it: instances of a client's classes and dates become plain data,
 * and nothing is shared with the adapter. Depth, values and characters are limited while copying, and the event loop
 * turns between slices; the adapter must not change its answer meanwhile.
 *
 * @param what names the answer in errors, such as `Secret regcred`
 * @throws Error for what JSON cannot hold, and beyond the limits; the reason of the signal when it is aborted
 */
export async function copyAnswer(answer: unknown, what: string, signal: AbortSignal): Promise<Json> {
  let values = 0
  let characters = 0
  const open: Open[] = []

  function countText(text: string): string {
    characters += text.length
    if (characters > LIMITS.answerCharacters)
      throw new Error(`${what}: expected at most ${String(LIMITS.answerCharacters)} characters`)
    return text
  }
  function checkValues(more: number): void {
    if (values + more > LIMITS.resourceNodes)
      throw new Error(`${what}: expected at most ${String(LIMITS.resourceNodes)} values`)
  }
  /** Returns undefined for what JSON.stringify leaves out. */
  function begin(given: unknown, key: string, depth: number): Json | undefined {
    values++
    checkValues(0)
    const value = plainOf(given, key)
    if (value === null || typeof value === 'boolean') return value
    if (typeof value === 'string') return countText(value)
    if (typeof value === 'number') return Number.isFinite(value) ? value : null
    if (typeof value === 'bigint') throw new Error(`${what}: a bigint is not JSON`)
    if (typeof value !== 'object') return undefined
    if (depth > LIMITS.resourceDepth) throw new Error(`${what}: nested more than ${String(LIMITS.resourceDepth)} deep`)
    if (Array.isArray(value)) {
      checkValues(value.length)
      const items: Json[] = []
      // Unlike forEach(), entries() visits holes, too.
      open.push({ at: key, depth, entries: value.entries(), put: (_, item) => void items.push(item) })
      return items
    }
    const keys = Object.keys(value)
    checkValues(keys.length)
    const object: Record<string, Json> = {}
    const put = (name: string | number, member: Json): void => setKey(object, countText(String(name)), member)
    open.push({ at: key, depth, entries: membersOf(value, keys), put })
    return object
  }

  const copy = begin(answer, '', 0)
  if (copy === undefined) throw new Error(`${what} is not JSON`)
  for (let count = 1, top = open.at(-1); top !== undefined; count++, top = open.at(-1)) {
    if (count % BATCH === 0) await yieldIfDue(signal)
    const next = top.entries.next()
    if (next.done === true) {
      open.pop()
      continue
    }
    const [key, given] = next.value
    const member = begin(given, String(key), top.depth + 1)
    if (member !== undefined) top.put(key, member)
    else if (typeof key === 'number') top.put(key, null)
  }
  return copy
}

/** @throws Error also when the answer is not an object */
export async function copyObjectAnswer(answer: unknown, what: string, signal: AbortSignal): Promise<JsonObject> {
  const copy = await copyAnswer(answer, what, signal)
  if (!isJsonObject(copy)) throw new Error(`${what}: expected an object`)
  return copy
}

function* membersOf(object: object, keys: readonly string[]): Generator<readonly [string, unknown]> {
  for (const key of keys) yield [key, Reflect.get(object, key)]
}

/** Returns what JSON.stringify prints for a value: the result of `toJSON`, or the value of a boxed primitive. */
function plainOf(value: unknown, key: string): unknown {
  if (typeof value !== 'object' || value === null) return value
  const plain: unknown = 'toJSON' in value && typeof value.toJSON === 'function' ? value.toJSON(key) : value
  return plain instanceof String || plain instanceof Number || plain instanceof Boolean ? plain.valueOf() : plain
}
