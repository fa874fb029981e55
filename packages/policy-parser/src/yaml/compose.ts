import { EVENT_ID, SCALAR_STYLE, YAMLException, getScalarValue, parseEvents } from 'js-yaml'
import type { AliasEvent, DocumentEvent, MappingEvent, ScalarEvent, SequenceEvent } from 'js-yaml'
import type { Json } from '@verify-images/primitives'
import { LIMITS } from '../limits.ts'
import { shown } from '../policy-error.ts'
import { mappingNode, sequenceNode } from './node.ts'
import type { Node, NodeBudget } from './node.ts'
import type { Place } from './place.ts'
import { readPlainScalar } from './scalar.ts'
import { readTaggedScalar, tagOf } from './tag.ts'
import { YamlFault } from './yaml-fault.ts'

/** One document, with the places of its values. */
export interface ComposedDocument {
  readonly value: Json
  readonly place: Place
}

interface Frame {
  readonly kind: 'document' | 'sequence' | 'mapping'
  readonly offset: number
  readonly anchor: string | undefined
  readonly children: Node[]
}

/**
 * The documents of one YAML text as Kubernetes reads it: scalars of YAML 1.1, keys as text, anchors and `<<` resolved.
 *
 * Every value that an alias brings in again is counted again, so an alias bomb ends at the budget without being
 * built. A key that stands twice in one mapping is refused: two readers could disagree about it.
 *
 * @throws YamlFault
 */
export function composeYaml(text: string, budget: NodeBudget): ComposedDocument[] {
  return new Composer(text, budget).compose()
}

class Composer {
  private readonly text: string
  private readonly budget: NodeBudget
  private readonly frames: Frame[] = []
  private anchors = new Map<string, Node | 'open'>()
  private readonly documents: ComposedDocument[] = []

  constructor(text: string, budget: NodeBudget) {
    this.text = text
    this.budget = budget
  }

  compose(): ComposedDocument[] {
    for (const event of readEvents(this.text)) {
      switch (event.type) {
        case EVENT_ID.DOCUMENT:
          this.startDocument(event)
          break
        case EVENT_ID.SEQUENCE:
          this.startCollection('sequence', event)
          break
        case EVENT_ID.MAPPING:
          this.startCollection('mapping', event)
          break
        case EVENT_ID.SCALAR:
          this.add(this.scalar(event), anchorOf(this.text, event))
          break
        case EVENT_ID.ALIAS:
          this.add(this.alias(event), undefined)
          break
        case EVENT_ID.POP:
          this.endFrame()
          break
      }
    }
    return this.documents
  }

  private startDocument(event: DocumentEvent): void {
    if (event.directives.some(({ kind }) => kind === 'tag'))
      throw new YamlFault('POLICY_YAML_INVALID', '%TAG directives are not supported', 0)
    this.anchors = new Map()
    this.frames.push({ kind: 'document', offset: 0, anchor: undefined, children: [] })
  }

  private startCollection(kind: 'sequence' | 'mapping', event: SequenceEvent | MappingEvent): void {
    const tag = tagOf(this.text, event)
    if (tag !== undefined && tag !== (kind === 'sequence' ? 'seq' : 'map')) {
      throw new YamlFault(
        'POLICY_YAML_INVALID',
        `tag ${shown(this.text.slice(event.tagStart, event.tagEnd))} does not fit a ${kind}`,
        event.tagStart,
      )
    }
    const anchor = anchorOf(this.text, event)
    if (anchor !== undefined) this.anchors.set(anchor, 'open')
    this.frames.push({ kind, offset: event.start, anchor, children: [] })
  }

  private scalar(event: ScalarEvent): Node {
    const text = getScalarValue(this.text, event)
    const tag = tagOf(this.text, event)
    const plain = event.style === SCALAR_STYLE.PLAIN && tag === undefined
    const read =
      tag !== undefined
        ? readTaggedScalar(tag, text)
        : plain
          ? readPlainScalar(text)
          : ({ kind: 'value', value: text } as const)
    if (read === undefined)
      throw new YamlFault(
        'POLICY_YAML_INVALID',
        `${shown(text)} does not fit its tag ${shown(this.text.slice(event.tagStart, event.tagEnd))}`,
        event.valueStart,
      )
    if (read.kind === 'inexact')
      throw new YamlFault(
        'POLICY_NUMBER_INEXACT',
        `${shown(text)} is beyond the whole numbers that are exact (±9007199254740991); quote it if it is text`,
        event.valueStart,
      )
    return { value: read.value, place: { offset: startOf(event) }, nodes: 1, height: 0, merge: plain && text === '<<' }
  }

  private alias(event: AliasEvent): Node {
    const name = this.text.slice(event.anchorStart, event.anchorEnd)
    const node = this.anchors.get(name)
    if (node === undefined)
      throw new YamlFault(
        'POLICY_YAML_INVALID',
        `there is no anchor ${shown(name)} before this alias`,
        event.anchorStart,
      )
    if (node === 'open')
      throw new YamlFault('POLICY_YAML_INVALID', `anchor ${shown(name)} contains itself`, event.anchorStart)
    return { ...node, place: { ...node.place, offset: event.anchorStart - 1 }, merge: false }
  }

  private add(node: Node, anchor: string | undefined): void {
    this.budget.nodes -= node.nodes
    if (this.budget.nodes < 0)
      throw new YamlFault('POLICY_TOO_LARGE', `more than ${LIMITS.nodes} values, aliases resolved`, node.place.offset)
    if (this.frames.length + node.height > LIMITS.depth)
      throw new YamlFault('POLICY_TOO_LARGE', `nested deeper than ${LIMITS.depth} levels`, node.place.offset)
    if (anchor !== undefined) this.anchors.set(anchor, node)
    this.frames.at(-1)?.children.push(node)
  }

  private endFrame(): void {
    const frame = this.frames.pop()
    if (frame === undefined) return
    if (frame.kind === 'document') {
      const [root] = frame.children
      if (root !== undefined) this.documents.push({ value: root.value, place: root.place })
      return
    }
    const node =
      frame.kind === 'sequence'
        ? sequenceNode(frame.children, frame.offset)
        : mappingNode(frame.children, frame.offset, this.budget)
    // The children were counted when they were added.
    this.budget.nodes += node.nodes - 1
    this.add(node, frame.anchor)
  }
}

function readEvents(text: string): ReturnType<typeof parseEvents> {
  try {
    return parseEvents(text, { maxDepth: LIMITS.depth })
  } catch (error) {
    if (error instanceof YAMLException)
      throw new YamlFault(
        error.reason.includes('maxDepth') ? 'POLICY_TOO_LARGE' : 'POLICY_YAML_INVALID',
        error.reason,
        error.mark?.position ?? 0,
      )
    throw error
  }
}

function anchorOf(
  text: string,
  event: { readonly anchorStart: number; readonly anchorEnd: number },
): string | undefined {
  return event.anchorStart < 0 ? undefined : text.slice(event.anchorStart, event.anchorEnd)
}

function startOf({ valueStart, tagStart, anchorStart, style }: ScalarEvent): number {
  // The value of a quoted scalar starts behind its quote.
  const quote = style === SCALAR_STYLE.SINGLE_QUOTED || style === SCALAR_STYLE.DOUBLE_QUOTED ? 1 : 0
  return Math.min(...[valueStart - quote, tagStart, anchorStart - 1].filter((start) => start >= 0))
}
