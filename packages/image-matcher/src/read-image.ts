import { type JsonObject, ownMember, messageOf } from '@verify-images/primitives'
import { ImageError } from './image-error.ts'
import type { CompiledExtractor } from './image-extractors.ts'
import type { ImageCompatibility } from './image-patterns.ts'
import { parseImageReference, type ImageReference, type RegistrySettings } from './image-reference.ts'
import { toPointer, toKyvernoPointer } from './json-pointer.ts'
import type { ImageHolder } from './walk-object.ts'

/** Evaluates a JMESPath expression on a string. An error with `kind: 'syntax'` is reported as a syntax error. */
export type EvaluateExpression = (expression: string, text: string) => unknown

export interface ReadImageOptions {
  readonly settings?: RegistrySettings
  /** Required for extractors with a `jmesPath`. */
  readonly evaluate?: EvaluateExpression
}

/** An image and its location in an object. */
export interface FoundImage {
  /** `containers`, `initContainers`, `ephemeralContainers`, `volumes`, or the `name` of the extractor. */
  readonly group: string
  /** The container name or the field that the extractor's `key` names, else Kyverno's pointer. Not always unique. */
  readonly key: string
  readonly path: readonly string[]
  /** RFC 6901. */
  readonly pointer: string
  /** The unparsed value of the field. */
  readonly text: string
  readonly jmesPath?: string
  readonly reference: ImageReference
  readonly imagePullSecrets: readonly string[]
}

/**
 * Returns the image of a holder; undefined if the field is missing or blank.
 *
 * @throws ImageError
 */
export function readImage(
  holder: ImageHolder,
  extractor: CompiledExtractor,
  options: ReadImageOptions & { readonly compatibility: ImageCompatibility },
): FoundImage | undefined {
  const path = [...holder.path, extractor.value]
  const pointer = toPointer(path)
  const key = extractor.key === undefined ? toKyvernoPointer(path) : ownMember(holder.object, extractor.key)
  if (typeof key !== 'string')
    throw new ImageError('IMAGE_KEY_INVALID', 'invalid key', { pointer: toPointer(holder.path) })
  const text = imageText(holder.object, extractor.value, pointer, options.compatibility)
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
 * Returns whether extraction yields the image that `text` names once `text` is written to the image field.
 *
 * An extractor can transform the field with a `jmesPath`. A pinned reference must not be written back if the
 * transformation turns it into another image.
 */
export function reextracts(
  { jmesPath, pointer }: Pick<FoundImage, 'jmesPath' | 'pointer'>,
  text: string,
  options: ReadImageOptions = {},
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

function imageText(
  object: JsonObject,
  field: string,
  pointer: string,
  compatibility: ImageCompatibility,
): string | undefined {
  const text = ownMember(object, field)
  if (text === undefined || text === null) return undefined
  // A blank image cannot run. Kyverno skips it and extracts the others.
  if (typeof text === 'string') return isBlank(text) ? undefined : text
  if (compatibility === 'kyverno') return undefined
  throw new ImageError('IMAGE_OBJECT_INVALID', `\`${pointer}\`: expected a string`, { pointer, difference: 'S1' })
}

/** Returns whether a string has only white space, as defined by Go's unicode.IsSpace. */
function isBlank(text: string): boolean {
  return /^[\t\n\v\f\r \u0085\u00A0\u1680\u2000-\u200A\u2028\u2029\u202F\u205F\u3000]*$/.test(text)
}

function readReference(
  text: string,
  jmesPath: string | undefined,
  pointer: string,
  { evaluate, settings }: ReadImageOptions,
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
      `image extractor: the jmesPath \`${expression}\` needs the option \`evaluate\``,
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
    const message = messageOf(error)
    throw new ImageError(
      'IMAGE_EXPRESSION_FAILED',
      `${isSyntax ? 'invalid' : 'failed to apply'} jmespath ${expression}: ${message}`,
      { pointer, cause: error },
    )
  }
}

/** Formats a value as Go's `%v` does. */
function describe(value: unknown): string {
  if (value === null || value === undefined) return '<nil>'
  if (Array.isArray(value)) return `[${value.map(describe).join(' ')}]`
  if (typeof value !== 'object') return String(value)
  return `map[${Object.entries(value)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, member]) => `${key}:${describe(member)}`)
    .join(' ')}]`
}
