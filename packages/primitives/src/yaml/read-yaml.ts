import { EVENT_ID, getScalarValue, parseEvents, SCALAR_STYLE, YAMLException } from 'js-yaml'
import type { AliasEvent, DocumentEvent, Event, MappingEvent, ScalarEvent, SequenceEvent } from 'js-yaml'
import { decodeGoBase64 } from '../base64.ts'
import { isJsonArray, isJsonObject, setKey, type Json } from '../json.ts'
import { readInteger, readPlainScalar, readTaggedScalar, scalarKey, type ScalarTag, type YamlScalar } from './scalar.ts'

/** How YAML is read. The scalars are those of YAML 1.1 in either mode. */
export interface YamlRules {
  /**
   * `strict` refuses what two readers could read differently: repeated keys, tags other than those of JSON's own types.
   * It marks the places of integers that a double cannot hold. `lenient` reads them as go-yaml 2 does: the later key
   * wins, unknown tags are ignored.
   */
  readonly mode: 'strict' | 'lenient'
  readonly maxDepth: number
  /** How many values may still be built. It is counted down, so that several texts can share one budget. */
  readonly budget: { values: number }
  /** Turns the bytes of `!!binary` into a string; the strict mode refuses the tag. */
  readonly decodeBinary?: (bytes: Uint8Array) => string
}

/** The place of a value in its document, and of the values inside it. */
export interface YamlPlace {
  readonly offset: number
  /** In strict mode: why a number is not exact. The caller decides whether it is read. */
  readonly inexact?: string
  readonly entries?: ReadonlyMap<string, YamlPlace>
  readonly items?: readonly YamlPlace[]
}

export interface YamlDocument {
  readonly value: Json
  readonly place: YamlPlace
}

export type YamlErrorKind =
  /** Not YAML, or not YAML of these rules. */
  | 'invalid'
  | 'too-deep'
  | 'too-large'
  /** `.inf` and `.nan`, which JSON does not have. */
  | 'number-not-json'

/** Thrown by {@link readYaml}. The message never has a whole value of the document. */
export class YamlError extends Error {
  override readonly name = 'YamlError'
  readonly kind: YamlErrorKind
  /** Where in the text. */
  readonly offset: number

  constructor(kind: YamlErrorKind, message: string, offset: number) {
    super(message)
    this.kind = kind
    this.offset = offset
  }
}

/**
 * Reads the documents of a YAML text as JSON, one at a time: keys become strings, anchors and `<<` are resolved, dates
 * stay strings. A document without content is left out.
 *
 * Every value that an alias brings in again is counted again, so an alias bomb ends at the budget without being built.
 *
 * @throws YamlError
 */
export function readYaml(text: string, rules: YamlRules): Generator<YamlDocument> {
  return new Composer(text, rules).documents()
}

/** A finished value. `values` and `height` count what is behind aliases, too. */
interface Node {
  readonly value: Json
  readonly place: YamlPlace
  /** The value as a key; undefined if it cannot be one. */
  readonly key: string | undefined
  readonly values: number
  readonly height: number
  /** An unquoted `<<`, which as a key merges a mapping. */
  readonly isMerge: boolean
}

interface Frame {
  readonly kind: 'document' | 'sequence' | 'mapping'
  readonly offset: number
  readonly anchor: string | undefined
  readonly children: Node[]
}

class Composer {
  readonly #text: string
  readonly #rules: YamlRules
  readonly #strict: boolean
  readonly #frames: Frame[] = []
  #anchors = new Map<string, Node | 'open'>()

  constructor(text: string, rules: YamlRules) {
    this.#text = text
    this.#rules = rules
    this.#strict = rules.mode === 'strict'
  }

  *documents(): Generator<YamlDocument> {
    for (const event of this.#events()) {
      const frame = this.#take(event)
      const root = frame?.kind === 'document' ? frame.children[0] : undefined
      if (root !== undefined) yield { value: root.value, place: root.place }
    }
  }

  #events(): readonly Event[] {
    try {
      return parseEvents(this.#text, { maxDepth: this.#rules.maxDepth })
    } catch (error) {
      if (!(error instanceof YAMLException)) throw error
      const kind = error.reason.includes('maxDepth') ? 'too-deep' : 'invalid'
      throw new YamlError(kind, kind === 'invalid' ? error.reason : this.#depthProblem(), error.mark?.position ?? 0)
    }
  }

  /** Takes one event; returns the frame that it ends. */
  #take(event: Event): Frame | undefined {
    switch (event.type) {
      case EVENT_ID.DOCUMENT:
        this.#startDocument(event)
        return undefined
      case EVENT_ID.SEQUENCE:
        this.#startCollection('sequence', event)
        return undefined
      case EVENT_ID.MAPPING:
        this.#startCollection('mapping', event)
        return undefined
      case EVENT_ID.SCALAR:
        this.#add(this.#scalar(event), this.#slice(event.anchorStart, event.anchorEnd))
        return undefined
      case EVENT_ID.ALIAS:
        this.#add(this.#alias(event), undefined)
        return undefined
      case EVENT_ID.POP:
        return this.#endFrame()
    }
  }

  #startDocument({ directives }: DocumentEvent): void {
    for (const directive of directives) {
      if (directive.kind === 'yaml' && directive.version !== '1.1')
        throw new YamlError('invalid', 'found incompatible YAML document', 0)
      if (directive.kind === 'tag' && this.#strict)
        throw new YamlError('invalid', '%TAG directives are not supported', 0)
    }
    this.#anchors = new Map()
    this.#frames.push({ kind: 'document', offset: 0, anchor: undefined, children: [] })
  }

  #startCollection(kind: 'sequence' | 'mapping', event: SequenceEvent | MappingEvent): void {
    const tag = this.#slice(event.tagStart, event.tagEnd)
    const expected = kind === 'sequence' ? 'seq' : 'map'
    if (this.#strict && tag !== undefined && tag !== '!' && coreTag(tag) !== expected)
      throw new YamlError('invalid', `tag ${quoted(tag)} does not fit a ${kind}`, event.tagStart)
    const anchor = this.#slice(event.anchorStart, event.anchorEnd)
    if (anchor !== undefined) this.#anchors.set(anchor, 'open')
    this.#frames.push({ kind, offset: event.start, anchor, children: [] })
  }

  #scalar(event: ScalarEvent): Node {
    const text = getScalarValue(this.#text, event)
    if (!text.isWellFormed())
      throw new YamlError('invalid', 'found invalid Unicode character escape code', event.valueStart)
    const tag = this.#slice(event.tagStart, event.tagEnd)
    if (this.#strict) this.#refuseAmbiguous(event, text)
    const isPlain = tag === undefined && event.style === SCALAR_STYLE.PLAIN
    const value = isPlain ? readPlainScalar(text) : tag === undefined ? text : this.#taggedScalar(tag, text, event)
    const isMarked =
      this.#strict && (isInexact(value, text) || (isPlain && DIGITS_ONLY.test(text) && typeof value === 'string'))
    return {
      value,
      place: { offset: startOf(event), ...(isMarked && { inexact: `${quoted(text)} ${BEYOND}` }) },
      key: scalarKey(value, text),
      values: 1,
      height: 0,
      isMerge: isPlain && text === '<<',
    }
  }

  /** Refuses `{a:, b}` and `[!, b]`, where go-yaml takes the colon for a part of `a`, and the tag for one of `b`. */
  #refuseAmbiguous({ style, valueStart, valueEnd, tagEnd }: ScalarEvent, text: string): void {
    if ((style === SCALAR_STYLE.LITERAL_BLOCK || style === SCALAR_STYLE.FOLDED_BLOCK) && /^\n+$/.test(text))
      throw new YamlError('invalid', 'readers differ on the line breaks of an empty block scalar', valueStart)
    COLON_BEFORE_INDICATOR.lastIndex = valueEnd
    if (style === SCALAR_STYLE.PLAIN && COLON_BEFORE_INDICATOR.test(this.#text))
      throw new YamlError(
        'invalid',
        'readers differ on a colon before `,`, `[` or `]`; put a space behind it',
        valueEnd,
      )
    if (tagEnd >= 0 && FLOW_INDICATORS.has(this.#text.charAt(tagEnd)))
      throw new YamlError('invalid', 'readers differ on a tag before `,`, `[` or `]`; put a space behind it', tagEnd)
  }

  #taggedScalar(tag: string, text: string, { tagStart, valueStart }: ScalarEvent): YamlScalar {
    // The non-specific tag: go-yaml reads the scalar as a string, whatever it looks like.
    if (tag === '!') return text
    const core = coreTag(tag)
    if (this.#strict && (!isScalarTag(core) || core === 'timestamp'))
      throw new YamlError('invalid', `tag ${quoted(tag)} is not supported on a scalar`, tagStart)
    const value = isScalarTag(core) ? readTaggedScalar(core, text) : core === 'binary' ? this.#binary(text) : text
    if (value === undefined) throw new YamlError('invalid', `cannot decode ${quoted(text)} as ${tag}`, valueStart)
    return value
  }

  #binary(text: string): string | undefined {
    const bytes = decodeGoBase64(text)
    return bytes && this.#rules.decodeBinary?.(bytes)
  }

  #alias({ anchorStart, anchorEnd }: AliasEvent): Node {
    const name = this.#text.slice(anchorStart, anchorEnd)
    const node = this.#anchors.get(name)
    if (node === undefined) throw new YamlError('invalid', `unknown anchor ${quoted(name)} referenced`, anchorStart)
    if (node === 'open') throw new YamlError('invalid', `anchor ${quoted(name)} contains itself`, anchorStart)
    return { ...node, place: { ...node.place, offset: anchorStart - 1 }, isMerge: false }
  }

  #add(node: Node, anchor: string | undefined): void {
    this.#charge(node.values, node.place.offset)
    if (this.#frames.length + node.height > this.#rules.maxDepth)
      throw new YamlError('too-deep', this.#depthProblem(), node.place.offset)
    if (anchor !== undefined) this.#anchors.set(anchor, node)
    const frame = this.#frames.at(-1)
    const isKey = frame?.kind === 'mapping' && frame.children.length % 2 === 0
    if (!isKey && typeof node.value === 'number' && !Number.isFinite(node.value)) {
      const name = Number.isNaN(node.value) ? 'NaN' : node.value > 0 ? '+Inf' : '-Inf'
      throw new YamlError('number-not-json', `unsupported value: ${name}`, node.place.offset)
    }
    frame?.children.push(node)
  }

  #charge(values: number, offset: number): void {
    this.#rules.budget.values -= values
    if (this.#rules.budget.values < 0)
      throw new YamlError('too-large', 'too many values, counted with aliases resolved', offset)
  }

  #depthProblem(): string {
    return `nested deeper than ${String(this.#rules.maxDepth)} levels`
  }

  #endFrame(): Frame | undefined {
    const frame = this.#frames.pop()
    if (frame === undefined || frame.kind === 'document') return frame
    const { kind, children, anchor, offset } = frame
    const content = kind === 'sequence' ? sequence(children, offset) : this.#mapping(children, offset)
    const values = children.reduce((sum, child) => sum + child.values, 1)
    const height = children.reduce((most, child) => Math.max(most, child.height + 1), 0)
    // The children were counted when they were added.
    this.#rules.budget.values += values - 1
    this.#add({ ...content, key: undefined, values, height, isMerge: false }, anchor)
    return frame
  }

  /**
   * A mapping of its keys and values in turn, with the entries of merged mappings where `<<` stands.
   *
   * In strict mode a key behind the `<<` wins over a merged one. A key before it would win for some readers and lose
   * for others (go-yaml 2), so it is refused like any repeated key.
   */
  #mapping(children: readonly Node[], offset: number): YamlDocument {
    const value: { [key: string]: Json } = {}
    const entries = new Map<string, YamlPlace>()
    const own = new Set<string>()
    for (let at = 0; at + 1 < children.length; at += 2) {
      const [key, item] = [children[at], children[at + 1]]
      if (key === undefined || item === undefined) break
      const name = key.isMerge ? '<<' : key.key
      if (name === undefined)
        throw new YamlError('invalid', 'unsupported map key: expected a string, number or boolean', key.place.offset)
      if (key.place.inexact !== undefined) throw new YamlError('invalid', key.place.inexact, key.place.offset)
      this.#claim(own, name, key)
      const added = key.isMerge
        ? this.#mergedEntries(key, item)
        : [{ name, value: item.value, place: { ...item.place, offset: key.place.offset } }]
      for (const entry of added) {
        if (key.isMerge && own.has(entry.name)) this.#claim(own, entry.name, key)
        entries.set(entry.name, entry.place)
        setKey(value, entry.name, entry.value)
      }
    }
    return { value, place: { offset, entries } }
  }

  #claim(own: Set<string>, name: string, { place }: Node): void {
    if (this.#strict && own.has(name))
      throw new YamlError('invalid', `key ${quoted(name)} is repeated in one mapping`, place.offset)
    own.add(name)
  }

  /** The entries that `<<` brings in; of several mappings the first wins, so it comes last. */
  *#mergedEntries(key: Node, source: Node): Generator<{ name: string; value: Json; place: YamlPlace }> {
    const sources = isJsonArray(source.value)
      ? source.value.map((value, i) => ({ value, place: source.place.items?.[i] })).reverse()
      : [source]
    for (const { value: mapping, place } of sources) {
      if (!isJsonObject(mapping)) {
        const problem = 'map merge requires map or sequence of maps as the value'
        throw new YamlError('invalid', problem, key.place.offset)
      }
      for (const [name, value] of Object.entries(mapping)) {
        this.#charge(1, key.place.offset)
        yield { name, value, place: place?.entries?.get(name) ?? key.place }
      }
    }
  }

  #slice(start: number, end: number): string | undefined {
    return start < 0 ? undefined : this.#text.slice(start, end)
  }
}

const CORE_TAG = /^(?:!!(\w+)|!<tag:yaml\.org,2002:(\w+)>)$/
const FLOW_INDICATORS: ReadonlySet<string> = new Set(',[]{}')
const COLON_BEFORE_INDICATOR = /[ \t]*:[,[\]{}]/y
const SCALAR_TAGS: readonly ScalarTag[] = ['str', 'int', 'float', 'bool', 'null', 'timestamp']

function coreTag(tag: string): string | undefined {
  const [, short, long] = CORE_TAG.exec(tag) ?? []
  return short ?? long
}

function isScalarTag(tag: string | undefined): tag is ScalarTag {
  return SCALAR_TAGS.some((each) => each === tag)
}

function sequence(children: readonly Node[], offset: number): YamlDocument {
  return {
    value: children.map(({ value }) => value),
    place: { offset, items: children.map(({ place }) => place) },
  }
}

const BEYOND = 'is an integer beyond ±9007199254740991, the largest that is exact; quote it if it is a string'

/** A decimal integer beyond the range of a double, which go-yaml takes for a string and other readers for infinity. */
const DIGITS_ONLY = /^[-+]?\d+$/

function isInexact(value: YamlScalar, text: string): boolean {
  if (typeof value !== 'number' || !Number.isInteger(value) || Number.isSafeInteger(value)) return false
  return readInteger(text) !== undefined || !/[.eE]/.test(text)
}

function startOf({ valueStart, tagStart, anchorStart, style }: ScalarEvent): number {
  // The value of a quoted scalar starts behind its quote.
  const quote = style === SCALAR_STYLE.SINGLE_QUOTED || style === SCALAR_STYLE.DOUBLE_QUOTED ? 1 : 0
  return Math.min(...[valueStart - quote, tagStart, anchorStart - 1].filter((start) => start >= 0))
}

const SHOWN_CHARACTERS = 60

/** Returns a string of the document as a message may show it: in backticks, on one line, short. */
function quoted(text: string): string {
  const plain = text.slice(0, SHOWN_CHARACTERS * 4).replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}`]/gu, '\u{FFFD}')
  return plain.length > SHOWN_CHARACTERS ? `\`${plain.slice(0, SHOWN_CHARACTERS)}…\`` : `\`${plain}\``
}
