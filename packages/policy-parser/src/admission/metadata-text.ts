import { isJsonObject, ownValue, valueAt } from '../json-value.ts'
import type { Json } from '../model.ts'

/** Whether labels and annotations in the metadata of a pattern, and of the template in it, are text. */
export function metadataIsText(pattern: Json): boolean {
  return [ownValue(pattern, 'metadata'), valueAt(pattern, 'spec', 'template', 'metadata')].every((metadata) =>
    ['labels', 'annotations'].every((key) => {
      const map = ownValue(metadata, key)
      return !isJsonObject(map) || Object.values(map).every((value) => typeof value === 'string')
    }),
  )
}
