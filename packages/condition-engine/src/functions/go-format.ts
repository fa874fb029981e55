import { formatGoFloat } from '@verify-images/primitives'
import { ExpressionReference, GoInteger, isList, MapList } from '../expression/value.ts'
import type { Value } from '../expression/value.ts'
import { compareText } from '../values/compare-text.ts'

/** Error messages show values only so far: they may be large, and they come from outside. */
const SHOWN_LENGTH = 200
/** More members than this are not even sorted. */
const SHOWN_MEMBERS = 100

/** A value as Go's `%v` prints it, for error messages: cut after a few hundred characters. */
export function formatGoValue(value: Value): string {
  const writer = new Writer()
  writer.write(value)
  return writer.text()
}

/** Writes until there is enough. */
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
    else if (value instanceof MapList) this.#writeList(value.maps)
    else if (isList(value)) this.#writeList(value)
    else this.#writeMembers(Object.entries(value))
  }

  #writeList(items: readonly Value[]): void {
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
      .sort(([left], [right]) => compareText(left, right))
      .entries()) {
      if (this.#isFull()) return
      this.#text += `${index > 0 ? ' ' : ''}${key.slice(0, SHOWN_LENGTH + 1)}:`
      this.write(item)
    }
    this.#text += ']'
  }
}
