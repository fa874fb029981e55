/** Placeholders for data, from the private use area. Policy text that contains them is sealed, too. */
const OPEN = '\uE000'
const CLOSE = '\uE001'
const MARK = /[\uE000\uE001]/
const MARKS = /[\uE000\uE001]/g
const LAST_SEAL = /\uE000(\d+)\uE001$/
const SEALS = /\uE000(\d+)\uE001/g

export interface SealedItem {
  readonly text: string
  /** Whether the value is a string, and not JSON that we encoded. */
  readonly isString: boolean
}

/**
 * Hides data inside policy text from everything that searches the text: each piece is replaced by a seal, and restored
 * at the end. So braces, quotes and backslashes of data are never mistaken for those of the policy.
 */
export class SealedData {
  readonly #items: SealedItem[] = []

  seal(text: string, isString: boolean): string {
    this.#items.push({ text, isString })
    return `${OPEN}${this.#items.length - 1}${CLOSE}`
  }

  /** Policy text in which every seal is ours. */
  sealMarks(text: string): string {
    return MARK.test(text) ? text.replace(MARKS, (mark) => this.seal(mark, true)) : text
  }

  open(text: string): string {
    return MARK.test(text) ? text.replace(SEALS, (_, index: string) => this.#items[Number(index)]?.text ?? '') : text
  }

  /** Yields the pieces of policy text and data in order. */
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

  /** Returns the last character, whether it is policy text or data. */
  lastCharacter(text: string): string {
    const index = LAST_SEAL.exec(text)?.[1]
    return index === undefined ? text.slice(-1) : (this.#items[Number(index)]?.text.slice(-1) ?? '')
  }

  holdsData(text: string): boolean {
    return MARK.test(text)
  }
}
