/** Stand in for the data; characters of the private use area, which policy text that has them is sealed for, too. */
const OPEN = '\uE000'
const CLOSE = '\uE001'
const MARK = /[\uE000\uE001]/
const MARKS = /[\uE000\uE001]/g
const LAST_SEAL = /\uE000(\d+)\uE001$/
const SEALS = /\uE000(\d+)\uE001/g

export interface SealedItem {
  readonly text: string
  /** Whether the value is a text, and not JSON that we wrote. */
  readonly isText: boolean
}

/**
 * Data inside policy text, out of sight of everything that searches the text: each piece is replaced by a seal, and put
 * back at the end. So braces, quotes and backslashes that came from data are never taken for the policy's.
 */
export class SealedData {
  readonly #items: SealedItem[] = []

  seal(text: string, isText: boolean): string {
    this.#items.push({ text, isText })
    return `${OPEN}${this.#items.length - 1}${CLOSE}`
  }

  /** Policy text in which every mark is one of ours. */
  sealMarks(text: string): string {
    return MARK.test(text) ? text.replace(MARKS, (mark) => this.seal(mark, true)) : text
  }

  open(text: string): string {
    return MARK.test(text) ? text.replace(SEALS, (_, index: string) => this.#items[Number(index)]?.text ?? '') : text
  }

  /** The pieces of policy text and data, in order. */
  *pieces(text: string): Generator<string | SealedItem> {
    let end = 0
    for (const seal of text.matchAll(SEALS)) {
      yield text.slice(end, seal.index)
      const item = this.#items[Number(seal[1])]
      if (item !== undefined) yield item
      end = seal.index + seal[0].length
    }
    yield text.slice(end)
  }

  /** The last character of a text, be it the policy's or data. */
  lastCharacter(text: string): string {
    const index = LAST_SEAL.exec(text)?.[1]
    return index === undefined ? text.slice(-1) : (this.#items[Number(index)]?.text.slice(-1) ?? '')
  }

  holdsData(text: string): boolean {
    return MARK.test(text)
  }
}
