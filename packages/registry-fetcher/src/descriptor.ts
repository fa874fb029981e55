import { isObject, readDescriptor } from '@verify-images/primitives'
import type { Descriptor } from '@verify-images/primitives'

/**
 * A descriptor of an index, or undefined where it is none: digests must be checkable, sizes exact whole numbers (beyond
 * 2^53 a number is no longer the one that was written), annotations text.
 */
export function decodeDescriptor(value: unknown): Descriptor | undefined {
  const descriptor = readDescriptor(value)
  if (descriptor === undefined || !isObject(value)) return undefined
  const own = (name: string): unknown => (Object.hasOwn(value, name) ? value[name] : undefined)
  const artifactType = own('artifactType') ?? ''
  const annotations = own('annotations') ?? {}
  if (typeof artifactType !== 'string' || !isTextMap(annotations)) return undefined
  return {
    ...descriptor,
    ...(artifactType === '' ? {} : { artifactType }),
    ...(Object.keys(annotations).length === 0 ? {} : { annotations }),
  }
}

export function isSize(size: number): boolean {
  return Number.isSafeInteger(size) && size >= 0
}

function isTextMap(value: unknown): value is Readonly<Record<string, string>> {
  return isObject(value) && Object.values(value).every((text) => typeof text === 'string')
}
