import { shown } from '../policy-error.ts'
import { readPlainScalar } from './scalar.ts'
import type { ScalarValue } from './scalar.ts'
import { YamlFault } from './yaml-fault.ts'

/** The tags of JSON's own types. All others (`!!js/function`, `!!binary`, `!!timestamp`, local tags) are refused. */
export type CoreTag = 'str' | 'int' | 'float' | 'bool' | 'null' | 'map' | 'seq'

const TAGS: ReadonlyMap<string, CoreTag> = new Map(
  (['str', 'int', 'float', 'bool', 'null', 'map', 'seq'] as const).flatMap(
    (name) =>
      [
        [`!!${name}`, name],
        [`!<tag:yaml.org,2002:${name}>`, name],
      ] as const,
  ),
)

/** The tag of a node; a lone `!` on a collection or scalar is read as none and as `str`. @throws YamlFault */
export function tagOf(
  text: string,
  event: { readonly tagStart: number; readonly tagEnd: number; readonly style: number },
): CoreTag | undefined {
  if (event.tagStart < 0) return undefined
  const raw = text.slice(event.tagStart, event.tagEnd)
  if (raw === '!') return 'valueStart' in event ? 'str' : undefined
  const tag = TAGS.get(raw)
  if (tag === undefined)
    throw new YamlFault('POLICY_YAML_INVALID', `tag ${shown(raw)} is not supported`, event.tagStart)
  return tag
}

/** The value of a scalar with a tag; `undefined` where the two do not fit. */
export function readTaggedScalar(tag: CoreTag, text: string): ScalarValue | undefined {
  if (tag === 'str') return { kind: 'value', value: text }
  const read = readPlainScalar(text)
  if (read.kind === 'inexact') return read
  const { value } = read
  switch (tag) {
    case 'int':
      return Number.isInteger(value) ? read : undefined
    case 'float':
      return typeof value === 'number' ? read : undefined
    case 'bool':
      return typeof value === 'boolean' ? read : undefined
    case 'null':
      return value === null ? read : undefined
    case 'map':
    case 'seq':
      return undefined
  }
}
