import { isObject, readDescriptor } from '@verify-images/primitives'
import type { Descriptor } from '@verify-images/primitives'

/**
 * Decodes a descriptor of an index; returns undefined for an invalid one. Its digest must have a known algorithm, its
 * size must be an exact integer (beyond 2^53 a number is no longer the one that was written), its annotations must be
 * strings.
 */
export function decodeDescriptor(value: unknown): Descriptor | undefined {
  const descriptor = readDescriptor(value)
  if (descriptor === undefined || !isObject(value)) return undefined
  const own = (name: string): unknown => (Object.hasOwn(value, name) ? value[name] : undefined)
  const artifactType = own('artifactType') ?? ''
  const annotations = own('annotations') ?? {}
  if (typeof artifactType !== 'string' || !isStringRecord(annotations)) return undefined
  return {
    ...descriptor,
    ...(artifactType === '' ? {} : { artifactType }),
    ...(Object.keys(annotations).length === 0 ? {} : { annotations }),
  }
}

export function isSize(size: number): boolean {
  return Number.isSafeInteger(size) && size >= 0
}

function isStringRecord(value: unknown): value is Readonly<Record<string, string>> {
  return isObject(value) && Object.values(value).every((text) => typeof text === 'string')
}
