import { isJsonArray, isJsonObject, type Json, setKey } from '@verify-images/primitives'
import type { MutableJsonObject } from '../json-value.ts'
import { LIMITS } from '../limits.ts'
import { shown } from '../policy-error.ts'
import type { Place } from './place.ts'
import { YamlFault } from './yaml-fault.ts'

/** How many values one text may still have. */
export interface NodeBudget {
  nodes: number
}

/** A finished value. `nodes` and `height` count what is behind aliases, too. */
export interface Node {
  readonly value: Json
  readonly place: Place
  readonly nodes: number
  readonly height: number
  /** An unquoted `<<`, which as a key means: take over the entries of that mapping. */
  readonly merge: boolean
}

export function sequenceNode(children: readonly Node[], offset: number): Node {
  const items = children.map(({ place }) => place)
  return { value: children.map(({ value }) => value), place: { offset, items }, ...extent(children), merge: false }
}

/**
 * A mapping of its keys and values in turn, with the entries of merged mappings where `<<` stands.
 *
 * A key behind the `<<` wins over a merged one. One before it would win for some readers and lose for others
 * (go-yaml 2), so that is refused like any key that stands twice.
 */
export function mappingNode(children: readonly Node[], offset: number, budget: NodeBudget): Node {
  const value: MutableJsonObject = {}
  const entries = new Map<string, Place>()
  let merged: Set<string> | undefined
  for (let i = 0; i + 1 < children.length; i += 2) {
    const [key, item] = [children[i], children[i + 1]]
    if (key === undefined || item === undefined) break
    const name = key.merge ? '<<' : keyText(key)
    if (key.merge ? merged !== undefined : entries.has(name) && merged?.has(name) !== true) throw twice(name, key)
    if (key.merge) merged = merge(value, entries, key, item, budget)
    else {
      merged?.delete(name)
      entries.set(name, { ...item.place, offset: key.place.offset })
      setKey(value, name, item.value)
    }
  }
  return { value, place: { offset, entries }, ...extent(children), merge: false }
}

/** Takes over the entries of one or several mappings, of which the first wins. */
function merge(
  value: MutableJsonObject,
  entries: Map<string, Place>,
  key: Node,
  source: Node,
  budget: NodeBudget,
): Set<string> {
  const sources = isJsonArray(source.value)
    ? source.value.map((item, i) => ({ value: item, place: source.place.items?.[i] }))
    : [source]
  const merged = new Set<string>()
  for (const { value: from, place } of sources) {
    if (!isJsonObject(from))
      throw new YamlFault('POLICY_YAML_INVALID', '`<<` takes a mapping or a list of mappings', key.place.offset)
    for (const [name, item] of Object.entries(from)) {
      if (--budget.nodes < 0)
        throw new YamlFault('POLICY_TOO_LARGE', `more than ${LIMITS.nodes} values, aliases resolved`, key.place.offset)
      if (merged.has(name)) continue
      if (entries.has(name)) throw twice(name, key)
      merged.add(name)
      entries.set(name, place?.entries?.get(name) ?? key.place)
      setKey(value, name, item)
    }
  }
  return merged
}

function twice(name: string, { place }: Node): YamlFault {
  return new YamlFault('POLICY_YAML_INVALID', `key ${shown(name)} stands twice in one mapping`, place.offset)
}

/** A key as JSON has it: numbers and booleans in Go's spelling. */
function keyText({ value, place }: Node): string {
  if (typeof value === 'string') return value
  if (typeof value === 'boolean' || typeof value === 'number') return String(value)
  throw new YamlFault('POLICY_YAML_INVALID', 'a key must be text', place.offset)
}

function extent(children: readonly Node[]): { nodes: number; height: number } {
  return children.reduce(
    (sum, { nodes, height }) => ({ nodes: sum.nodes + nodes, height: Math.max(sum.height, height + 1) }),
    { nodes: 1, height: 0 },
  )
}
