import type { Json, JsonObject } from '../../values/json.ts'
import { DerReader, TAG } from './der-reader.ts'
import { readText } from './der-text.ts'

/** The last arc of `2.5.4.n` → the field of Go's `pkix.Name`. */
const LISTS: ReadonlyMap<number, string> = new Map([
  [6, 'Country'],
  [7, 'Locality'],
  [8, 'Province'],
  [9, 'StreetAddress'],
  [10, 'Organization'],
  [11, 'OrganizationalUnit'],
  [17, 'PostalCode'],
])
const SINGLES: ReadonlyMap<number, string> = new Map([
  [3, 'CommonName'],
  [5, 'SerialNumber'],
])
const WHAT = 'RDNSequence'

/** A distinguished name as the JSON of Go's `pkix.Name`. Of several common names the last one stays. */
export function readName(element: Buffer): JsonObject {
  const names: Json[] = []
  const lists = new Map<string, string[]>()
  const singles = new Map<string, string>()
  const sequence = new DerReader(element).enter(TAG.sequence, WHAT)
  while (!sequence.isEmpty) {
    const set = sequence.enter(TAG.set, WHAT)
    while (!set.isEmpty) {
      const attribute = set.enter(TAG.sequence, WHAT)
      const type = attribute.readObjectIdentifier(WHAT)
      const value = readText(attribute.readAny(WHAT))
      names.push({ Type: [...type], Value: value })
      const arc = type.length === 4 && type[0] === 2 && type[1] === 5 && type[2] === 4 ? type[3] : undefined
      const single = arc === undefined ? undefined : SINGLES.get(arc)
      const list = arc === undefined ? undefined : LISTS.get(arc)
      if (single !== undefined) singles.set(single, value)
      if (list !== undefined) lists.set(list, [...(lists.get(list) ?? []), value])
    }
  }
  return {
    ...Object.fromEntries([...LISTS.values()].map((field) => [field, lists.get(field) ?? null])),
    ...Object.fromEntries([...SINGLES.values()].map((field) => [field, singles.get(field) ?? ''])),
    Names: names.length === 0 ? null : names,
    ExtraNames: null,
  }
}
