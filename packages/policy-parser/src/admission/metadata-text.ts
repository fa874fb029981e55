import { isJsonObject, type Json, ownMember } from '@verify-images/primitives'
import { valueAt } from '../json-value.ts'

/** Whether labels and annotations in the metadata of a pattern, and of the template in it, are text. */
export function metadataIsText(pattern: Json): boolean {
  return [ownMember(pattern, 'metadata'), valueAt(pattern, 'spec', 'template', 'metadata')].every((metadata) =>
    ['labels', 'annotations'].every((key) => {
      const map = ownMember(metadata, key)
      return !isJsonObject(map) || Object.values(map).every((value) => typeof value === 'string')
    }),
  )
}
