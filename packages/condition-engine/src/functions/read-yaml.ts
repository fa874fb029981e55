import { EVENT_ID, getScalarValue, parseEvents, SCALAR_STYLE, YAMLException } from 'js-yaml'
import type { AliasEvent, Event, MappingEvent, ScalarEvent, SequenceEvent } from 'js-yaml'
import { setKey } from '@verify-images/primitives'
import { ConditionError } from '../condition-error.ts'
import { tooDeep } from '../expression/evaluation.ts'
import type { Value } from '../expression/value.ts'
import { isList, isObject } from '../expression/value.ts'
import { LIMITS } from '../limits.ts'
import { formatGoFloat } from '../values/go-number.ts'
import { readPlainScalar, readTaggedScalar, scalarKey } from './yaml-scalar.ts'

/** How many values one document may have, those behind aliases counted each time. */
const MOST_NODES = 100_000

/** Comments and empty lines, then a tab or the end of a document that never began. */
const FALSE_START = /^(?: *(?:#.*)?\r?\n)*(?: *\t|\.\.\.(?:\s|$))/

class YamlFault extends Error {
  override readonly name = 'YamlFault'
}

/** A number that YAML has and JSON has not. */
class UnsupportedNumber extends YamlFault {}

interface Node {
  readonly value: Value
  /** What it is called as a key; `undefined` for what cannot be one. */
  readonly key: string | undefined
  readonly nodes: number
  readonly height: number
  /** An unquoted `<<`: as a key it takes over the entries of a mapping. */
  readonly merge: boolean
}

interface Frame {
  readonly kind: 'document' | 'sequence' | 'mapping'
  readonly anchor: string | undefined
  readonly children: Node[]
}

/**
 * The first document of a YAML 1.1 text as JSON, as Kubernetes reads YAML: keys become text, later keys win, dates stay text.
 * Nothing is null.
 *
 * @throws ConditionError CONDITION_LIMIT_EXCEEDED for a document that nests too deep or is too large, aliases followed
 */
export function readYaml(text: string): { readonly value: Value } | { readonly fault: string } {
  try {
    return { value: new Composer(firstDocument(withoutByteOrderMark(text))).compose() }
  } catch (error) {
    if (error instanceof UnsupportedNumber) return { fault: error.message }
    if (error instanceof YamlFault) return { fault: `yaml: ${error.message}` }
    if (error instanceof YAMLException && error.reason.includes('maxDepth')) throw tooDeep()
    if (error instanceof YAMLException) return { fault: `yaml: ${error.reason}` }
    throw error
  }
}

function withoutByteOrderMark(text: string): string {
  return text.startsWith('\uFEFF') ? text.slice(1) : text
}

/** The text up to the second document, which nobody reads and which may be broken. */
function firstDocument(text: string): string {
  let started = false
  for (const line of text.matchAll(/^.*$/gm)) {
    const [content] = line
    if (started && /^(?:---|\.\.\.)(?:\s|$)/.test(content)) return text.slice(0, line.index)
    started ||= !/^(?:\s*(?:#.*)?|%.*)$/.test(content)
  }
  return text
}

class Composer {
  readonly #text: string
  readonly #frames: Frame[] = []
  readonly #anchors = new Map<string, Node | 'open'>()
  #nodes = MOST_NODES

  constructor(text: string) {
    this.#text = text
  }

  compose(): Value {
    if (FALSE_START.test(this.#text)) throw new YamlFault('did not find expected node content')
    for (const event of parseEvents(this.#text, { maxDepth: LIMITS.valueDepth })) {
      const root = this.#take(event)
      if (root !== undefined) return root.value
    }
    return null
  }

  /** The root, once the first document has ended. */
  #take(event: Event): Node | undefined {
    switch (event.type) {
      case EVENT_ID.DOCUMENT:
        for (const directive of event.directives)
          if (directive.kind === 'yaml' && directive.version !== '1.1')
            throw new YamlFault('found incompatible YAML document')
        this.#frames.push({ kind: 'document', anchor: undefined, children: [] })
        return undefined
      case EVENT_ID.SEQUENCE:
        return this.#open('sequence', event)
      case EVENT_ID.MAPPING:
        return this.#open('mapping', event)
      case EVENT_ID.SCALAR:
        return this.#add(this.#scalar(event), this.#slice(event.anchorStart, event.anchorEnd))
      case EVENT_ID.ALIAS:
        return this.#add(this.#alias(event), undefined)
      case EVENT_ID.POP:
        return this.#close()
    }
  }

  #open(kind: 'sequence' | 'mapping', event: SequenceEvent | MappingEvent): undefined {
    const anchor = this.#slice(event.anchorStart, event.anchorEnd)
    if (anchor !== undefined) this.#anchors.set(anchor, 'open')
    this.#frames.push({ kind, anchor, children: [] })
    return undefined
  }

  #scalar(event: ScalarEvent): Node {
    const text = getScalarValue(this.#text, event)
    if (!text.isWellFormed()) throw new YamlFault('found invalid Unicode character escape code')
    const tag = this.#slice(event.tagStart, event.tagEnd)
    const plain = event.style === SCALAR_STYLE.PLAIN
    const value = tag !== undefined ? readTaggedScalar(tag, text) : plain ? readPlainScalar(text) : text
    if (value === undefined)
      throw new YamlFault(`cannot decode ${JSON.stringify(text.slice(0, 100))} as ${String(tag)}`)
    return {
      value,
      key: scalarKey(value, text),
      nodes: 1,
      height: 0,
      merge: plain && tag === undefined && text === '<<',
    }
  }

  #alias(event: AliasEvent): Node {
    const name = this.#text.slice(event.anchorStart, event.anchorEnd)
    const node = this.#anchors.get(name)
    if (node === undefined) throw new YamlFault(`unknown anchor '${name.slice(0, 100)}' referenced`)
    if (node === 'open') throw new YamlFault(`anchor '${name.slice(0, 100)}' value contains itself`)
    return { ...node, merge: false }
  }

  #add(node: Node, anchor: string | undefined): undefined {
    this.#nodes -= node.nodes
    if (this.#nodes < 0)
      throw new ConditionError(
        'CONDITION_LIMIT_EXCEEDED',
        'limit',
        `a YAML document has more than ${MOST_NODES} values`,
      )
    if (this.#frames.length + node.height > LIMITS.valueDepth) throw tooDeep()
    if (anchor !== undefined) this.#anchors.set(anchor, node)
    const frame = this.#frames.at(-1)
    const isKey = frame?.kind === 'mapping' && frame.children.length % 2 === 0
    if (!isKey && typeof node.value === 'number' && !Number.isFinite(node.value))
      throw new UnsupportedNumber(`json: unsupported value: ${formatGoFloat(node.value)}`)
    frame?.children.push(node)
    return undefined
  }

  #close(): Node | undefined {
    const frame = this.#frames.pop()
    if (frame === undefined) return undefined
    const { kind, children, anchor } = frame
    if (kind === 'document') return children[0] ?? { value: null, key: undefined, nodes: 0, height: 0, merge: false }
    const nodes = children.reduce((sum, child) => sum + child.nodes, 1)
    const height = children.reduce((most, child) => Math.max(most, child.height + 1), 0)
    // The children were counted when they were added.
    this.#nodes += nodes - 1
    return this.#add(
      {
        value: kind === 'sequence' ? children.map(({ value }) => value) : mapping(children),
        key: undefined,
        nodes,
        height,
        merge: false,
      },
      anchor,
    )
  }

  #slice(start: number, end: number): string | undefined {
    return start < 0 ? undefined : this.#text.slice(start, end)
  }
}

/** Of several values of one key the last counts, and what `<<` brings in stands where the `<<` stands. */
function mapping(children: readonly Node[]): Value {
  const made: { [key: string]: Value } = {}
  for (let at = 0; at + 1 < children.length; at += 2) {
    const key = children[at]
    const value = children[at + 1]?.value ?? null
    if (key?.merge === true) for (const [name, item] of mergedEntries(value)) setKey(made, name, item)
    else setKey(made, keyOf(key), value)
  }
  return made
}

function keyOf(node: Node | undefined): string {
  if (node?.key === undefined) throw new YamlFault('unsupported map key')
  return node.key
}

/** The entries a `<<` brings in; of several mappings the first wins. */
function mergedEntries(value: Value): readonly [string, Value][] {
  const sources = isList(value) ? value.toReversed() : [value]
  return sources.flatMap((source) => {
    if (!isObject(source)) throw new YamlFault('map merge requires map or sequence of maps as the value')
    return Object.entries(source)
  })
}
