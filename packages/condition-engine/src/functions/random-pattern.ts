/**
 * Regular expressions as recipes for texts: the syntax of POSIX, which is what Kyverno's generator reads. Classes such as
 * `\d` are no part of it.
 */

export type Recipe =
  | { readonly kind: 'literal'; readonly text: string }
  /** Inclusive ranges of code points. */
  | { readonly kind: 'class'; readonly ranges: readonly (readonly [first: number, last: number])[] }
  | { readonly kind: 'sequence'; readonly parts: readonly Recipe[] }
  | { readonly kind: 'choice'; readonly options: readonly Recipe[] }
  | { readonly kind: 'repeat'; readonly part: Recipe; readonly least: number; readonly most: number }

/** What is wrong with a pattern, in the words of Go's parser. */
export class PatternFault extends Error {
  override readonly name = 'PatternFault'
  constructor(problem: string, where: string) {
    super(`error parsing regexp: ${problem}: \`${where.slice(0, 200)}\``)
  }
}

const MOST_REPEATS = 1_000
/** `*`, `+` and `{n,}` go on for at most so long. */
const UNBOUNDED_REPEATS = 4_096
const MOST_DEPTH = 200
const PRINTABLE = [[0x20, 0x7e]] as const
const EMPTY: Recipe = { kind: 'sequence', parts: [] }
const COUNTED = /\{(\d{1,9})(?:(,)(\d{0,9}))?\}/y
const NAMED_CLASS = /\[:(\^?)([a-z]+):\]/y
const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['a', '\x07'],
  ['f', '\f'],
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
  ['v', '\v'],
])
const CLASSES: ReadonlyMap<string, readonly (readonly [number, number])[]> = new Map([
  [
    'alnum',
    [
      [0x30, 0x39],
      [0x41, 0x5a],
      [0x61, 0x7a],
    ],
  ],
  [
    'alpha',
    [
      [0x41, 0x5a],
      [0x61, 0x7a],
    ],
  ],
  ['ascii', [[0, 0x7f]]],
  [
    'blank',
    [
      [9, 9],
      [0x20, 0x20],
    ],
  ],
  [
    'cntrl',
    [
      [0, 0x1f],
      [0x7f, 0x7f],
    ],
  ],
  ['digit', [[0x30, 0x39]]],
  ['graph', [[0x21, 0x7e]]],
  ['lower', [[0x61, 0x7a]]],
  ['print', [[0x20, 0x7e]]],
  [
    'punct',
    [
      [0x21, 0x2f],
      [0x3a, 0x40],
      [0x5b, 0x60],
      [0x7b, 0x7e],
    ],
  ],
  [
    'space',
    [
      [9, 13],
      [0x20, 0x20],
    ],
  ],
  ['upper', [[0x41, 0x5a]]],
  [
    'word',
    [
      [0x30, 0x39],
      [0x41, 0x5a],
      [0x5f, 0x5f],
      [0x61, 0x7a],
    ],
  ],
  [
    'xdigit',
    [
      [0x30, 0x39],
      [0x41, 0x46],
      [0x61, 0x66],
    ],
  ],
])

/** @throws PatternFault */
export function parsePattern(pattern: string): Recipe {
  return new PatternParser(pattern).parse()
}

class PatternParser {
  readonly #pattern: string
  #at = 0
  #depth = 0

  constructor(pattern: string) {
    this.#pattern = pattern
  }

  parse(): Recipe {
    const recipe = this.#choice()
    if (this.#at < this.#pattern.length) throw new PatternFault('unexpected )', this.#pattern)
    return recipe
  }

  #peek(): string {
    return String.fromCodePoint(this.#pattern.codePointAt(this.#at) ?? 0)
  }

  #done(): boolean {
    return this.#at >= this.#pattern.length
  }

  #next(): string {
    const character = this.#peek()
    this.#at += character.length
    return character
  }

  #choice(): Recipe {
    if (++this.#depth > MOST_DEPTH) throw new PatternFault('expression nests too deeply', this.#pattern)
    const options = [this.#sequence()]
    while (!this.#done() && this.#peek() === '|') {
      this.#at++
      options.push(this.#sequence())
    }
    this.#depth--
    return options.length === 1 ? (options[0] ?? EMPTY) : { kind: 'choice', options }
  }

  #sequence(): Recipe {
    const parts: Recipe[] = []
    while (!this.#done() && this.#peek() !== '|' && this.#peek() !== ')') {
      const bounds = this.#bounds()
      if (bounds === undefined) parts.push(this.#atom())
      else {
        const part = parts.pop()
        if (part === undefined) throw new PatternFault('missing argument to repetition operator', bounds.text)
        parts.push({ kind: 'repeat', part, least: bounds.least, most: bounds.most })
      }
    }
    return { kind: 'sequence', parts }
  }

  /** A repetition operator at this place, taken. A `{` that begins none is a literal. */
  #bounds(): { readonly least: number; readonly most: number; readonly text: string } | undefined {
    const character = this.#peek()
    if ('*+?'.includes(character)) {
      this.#at++
      return { least: character === '+' ? 1 : 0, most: character === '?' ? 1 : UNBOUNDED_REPEATS, text: character }
    }
    COUNTED.lastIndex = this.#at
    const counted = COUNTED.exec(this.#pattern)
    if (counted === null) return undefined
    const [text, leastText = '', comma, mostText = ''] = counted
    const least = Number(leastText)
    const most = comma === undefined ? least : mostText === '' ? Math.max(least, UNBOUNDED_REPEATS) : Number(mostText)
    if (least > MOST_REPEATS || (mostText !== '' && most > MOST_REPEATS) || most < least)
      throw new PatternFault('invalid repeat count', text)
    this.#at += text.length
    return { least, most, text }
  }

  #atom(): Recipe {
    const start = this.#at
    const character = this.#next()
    switch (character) {
      case '(':
        return this.#group()
      case '[':
        return this.#class(start)
      case '.':
        return { kind: 'class', ranges: PRINTABLE }
      case '^':
      case '$':
        return EMPTY
      case '\\':
        return { kind: 'literal', text: this.#escape(start) }
      default:
        return { kind: 'literal', text: character }
    }
  }

  #group(): Recipe {
    if (this.#peek() === '?') throw new PatternFault('missing argument to repetition operator', '?')
    const recipe = this.#choice()
    if (this.#done() || this.#next() !== ')') throw new PatternFault('missing closing )', this.#pattern)
    return recipe
  }

  #escape(start: number): string {
    if (this.#done()) throw new PatternFault('trailing backslash at end of expression', '')
    const character = this.#next()
    const escaped = ESCAPES.get(character)
    if (escaped !== undefined) return escaped
    const hex = /^x(?:([\da-fA-F]{2})|\{([\da-fA-F]{1,6})\})/.exec(this.#pattern.slice(start + 1))
    if (hex !== null) {
      const codePoint = Number.parseInt(hex[1] ?? hex[2] ?? '', 16)
      this.#at = start + 1 + hex[0].length
      if (codePoint <= 0x10ffff) return String.fromCodePoint(codePoint)
    }
    if (hex !== null || /\w/.test(character) || character.charCodeAt(0) > 0x7f)
      throw new PatternFault('invalid escape sequence', this.#pattern.slice(start, this.#at))
    return character
  }

  #class(start: number): Recipe {
    const negated = this.#peek() === '^'
    if (negated) this.#at++
    const ranges: (readonly [number, number])[] = []
    for (let first = true; first || this.#peek() !== ']'; first = false) {
      if (this.#done()) throw new PatternFault('missing closing ]', this.#pattern.slice(start))
      ranges.push(...(this.#namedClass() ?? [this.#range()]))
    }
    this.#at++
    return { kind: 'class', ranges: negated ? printableOutside(ranges) : ranges }
  }

  #namedClass(): readonly (readonly [number, number])[] | undefined {
    NAMED_CLASS.lastIndex = this.#at
    const named = NAMED_CLASS.exec(this.#pattern)
    if (named === null) return undefined
    const ranges = CLASSES.get(named[2] ?? '')
    if (ranges === undefined) throw new PatternFault('invalid character class range', named[0])
    this.#at += named[0].length
    return named[1] === '^' ? printableOutside(ranges) : ranges
  }

  #range(): readonly [number, number] {
    const start = this.#at
    const first = this.#classCharacter()
    if (this.#peek() !== '-' || this.#pattern[this.#at + 1] === ']' || this.#at + 1 >= this.#pattern.length)
      return [first, first]
    this.#at++
    const last = this.#classCharacter()
    if (last < first) throw new PatternFault('invalid character class range', this.#pattern.slice(start, this.#at))
    return [first, last]
  }

  #classCharacter(): number {
    const start = this.#at
    const character = this.#next()
    return (character === '\\' ? this.#escape(start) : character).codePointAt(0) ?? 0
  }
}

/** The printable characters of ASCII that are in none of the ranges; where that leaves none, any beyond ASCII letters. */
function printableOutside(ranges: readonly (readonly [number, number])[]): readonly (readonly [number, number])[] {
  const outside: (readonly [number, number])[] = []
  for (let code = 0x20; code <= 0x7e; code++)
    if (!ranges.some(([first, last]) => code >= first && code <= last)) outside.push([code, code])
  return outside
}
