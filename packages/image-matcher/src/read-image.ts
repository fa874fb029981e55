import { type JsonObject, ownMember } from '@verify-images/primitives'
import { ImageError } from './image-error.ts'
import type { CompiledExtractor } from './image-extractors.ts'
import type { Reading } from './image-patterns.ts'
import { parseImageReference, type ImageReference, type RegistrySettings } from './image-reference.ts'
import { toPointer, toUpstreamPointer } from './json-pointer.ts'
import type { ImageHolder } from './walk-object.ts'

/** The value of a JMESPath expression for a text. What it throws counts as a syntax error if it has `kind: 'syntax'`. */
export type EvaluateExpression = (expression: string, text: string) => unknown

export interface ReadOptions {
  readonly settings?: RegistrySettings
  /** JMESPath, for extractors that have a `jmesPath`. */
  readonly evaluate?: EvaluateExpression
}

/** An image where it stands in an object. */
export interface FoundImage {
  /** `containers`, `initContainers`, `ephemeralContainers`, `volumes`, or the extractor's name. */
  readonly group: string
  /** The container's name, or what the extractor's `key` says; Kyverno's pointer where it says nothing. Need not be unique. */
  readonly key: string
  readonly path: readonly string[]
  /** RFC 6901. */
  readonly pointer: string
  /** As it stands in the object. */
  readonly text: string
  readonly jmesPath?: string
  readonly reference: ImageReference
  readonly imagePullSecrets: readonly string[]
}

/** @throws ImageError */
export function readImage(
  holder: ImageHolder,
  extractor: CompiledExtractor,
  options: ReadOptions & { readonly reading: Reading },
): FoundImage | undefined {
  const path = [...holder.path, extractor.value]
  const pointer = toPointer(path)
  const key = extractor.key === undefined ? toUpstreamPointer(path) : ownMember(holder.object, extractor.key)
  if (typeof key !== 'string')
    throw new ImageError('IMAGE_KEY_INVALID', 'invalid key', { pointer: toPointer(holder.path) })
  const text = textOf(holder.object, extractor.value, pointer, options.reading)
  if (text === undefined) return undefined
  const { jmesPath } = extractor
  return {
    group: extractor.group,
    key,
    path,
    pointer,
    text,
    reference: readReference(text, jmesPath, pointer, options),
    imagePullSecrets: holder.imagePullSecrets,
    ...(jmesPath === undefined ? {} : { jmesPath }),
  }
}

/**
 * Whether an object that has `text` in the place of the image would be read as the very image that `text` names.
 *
 * An extractor may transform what it finds. The reference that was verified must not be written back where the
 * transformation makes another image of it.
 */
export function reextracts(
  { jmesPath, pointer }: Pick<FoundImage, 'jmesPath' | 'pointer'>,
  text: string,
  options: ReadOptions = {},
): boolean {
  try {
    return (
      readReference(text, jmesPath, pointer, options).canonical ===
      parseImageReference(text, options.settings).canonical
    )
  } catch (error) {
    if (error instanceof ImageError) return false
    throw error
  }
}

function textOf(object: JsonObject, field: string, pointer: string, reading: Reading): string | undefined {
  const text = ownMember(object, field)
  if (text === undefined || text === null) return undefined
  // A blank image names nothing that could run; Kyverno skips it and still sees the others.
  if (typeof text === 'string') return isBlank(text) ? undefined : text
  if (reading === 'upstream') return undefined
  throw new ImageError('IMAGE_OBJECT_INVALID', `\`${pointer}\` is not a text`, { pointer, difference: 'S1' })
}

/** Go's notion of white space. */
function isBlank(text: string): boolean {
  return /^[\t\n\v\f\r \u0085\u00A0\u1680\u2000-\u200A\u2028\u2029\u202F\u205F\u3000]*$/.test(text)
}

function readReference(
  text: string,
  jmesPath: string | undefined,
  pointer: string,
  { evaluate, settings }: ReadOptions,
): ImageReference {
  const image = jmesPath === undefined ? text : transform(text, jmesPath, pointer, evaluate)
  try {
    return parseImageReference(image, settings)
  } catch (error) {
    if (!(error instanceof ImageError)) throw error
    throw new ImageError(error.code, `invalid image '${image}' (${error.message})`, { pointer, cause: error })
  }
}

function transform(
  text: string,
  expression: string,
  pointer: string,
  evaluate: EvaluateExpression | undefined,
): string {
  if (evaluate === undefined)
    throw new ImageError(
      'IMAGE_EXTRACTOR_INVALID',
      `nothing was given to evaluate the jmesPath \`${expression}\` with`,
      { pointer },
    )
  const result = attempt(text, expression, pointer, evaluate)
  if (typeof result === 'string') return result
  throw new ImageError(
    'IMAGE_EXPRESSION_FAILED',
    `jmespath ${expression} must produce a string, but produced ${describe(result)}`,
    { pointer },
  )
}

function attempt(text: string, expression: string, pointer: string, evaluate: EvaluateExpression): unknown {
  try {
    return evaluate(expression, text)
  } catch (error) {
    const isSyntax = error instanceof Error && 'kind' in error && error.kind === 'syntax'
    const message = error instanceof Error ? error.message : String(error)
    throw new ImageError(
      'IMAGE_EXPRESSION_FAILED',
      `${isSyntax ? 'invalid' : 'failed to apply'} jmespath ${expression}: ${message}`,
      { pointer, cause: error },
    )
  }
}

/** A value as Go prints it. */
function describe(value: unknown): string {
  if (value === null || value === undefined) return '<nil>'
  if (Array.isArray(value)) return `[${value.map(describe).join(' ')}]`
  if (typeof value !== 'object') return String(value)
  return `map[${Object.entries(value)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, member]) => `${key}:${describe(member)}`)
    .join(' ')}]`
}
