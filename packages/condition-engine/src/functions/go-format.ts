import { formatGoFloat } from '@verify-images/primitives'
import { ExpressionReference, GoInteger, isArray, MapArray } from '../expression/value.ts'
import type { Value } from '../expression/value.ts'
import { compareStrings } from '../values/compare-strings.ts'

/** Characters of a value in an error message: values may be large and are not trusted. */
const SHOWN_LENGTH = 200
/** Members of an object that are sorted for a message. */
const SHOWN_MEMBERS = 100

/** Formats a value like Go's `%v` for an error message, truncated. */
export function formatGoValue(value: Value): string {
  const writer = new Writer()
  writer.write(value)
  return writer.text()
}

/** Formats values until the limit is reached. */
class Writer {
  #text = ''

  text(): string {
    return this.#isFull() ? `${this.#text.slice(0, SHOWN_LENGTH).toWellFormed()}…` : this.#text
  }

  #isFull(): boolean {
    return this.#text.length > SHOWN_LENGTH
  }

  write(value: Value): void {
    if (this.#isFull()) return
    if (value === null) this.#text += '<nil>'
    else if (typeof value === 'string') this.#text += value.slice(0, SHOWN_LENGTH + 1)
    else if (typeof value === 'number') this.#text += formatGoFloat(value)
    else if (typeof value === 'boolean') this.#text += String(value)
    else if (value instanceof GoInteger) this.#text += String(value.value)
    else if (value instanceof ExpressionReference) this.#text += '&expression'
    else if (value instanceof MapArray) this.#writeArray(value.maps)
    else if (isArray(value)) this.#writeArray(value)
    else this.#writeMembers(Object.entries(value))
  }

  #writeArray(items: readonly Value[]): void {
    this.#text += '['
    for (const [index, item] of items.entries()) {
      if (this.#isFull()) return
      if (index > 0) this.#text += ' '
      this.write(item)
    }
    this.#text += ']'
  }

  #writeMembers(members: readonly [string, Value][]): void {
    this.#text += 'map['
    for (const [index, [key, item]] of members
      .slice(0, SHOWN_MEMBERS)
      .sort(([left], [right]) => compareStrings(left, right))
      .entries()) {
      if (this.#isFull()) return
      this.#text += `${index > 0 ? ' ' : ''}${key.slice(0, SHOWN_LENGTH + 1)}:`
      this.write(item)
    }
    this.#text += ']'
  }
}
