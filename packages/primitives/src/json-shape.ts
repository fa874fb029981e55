/** How much a JSON document may hold, whatever its size in bytes. */
export interface JsonShape {
  /** Strings (keys included), numbers, literals, objects and arrays. */
  readonly maxTokens: number
  /** Objects and arrays inside each other. */
  readonly maxDepth: number
}

const QUOTE = 0x22
const COMMA = 0x2c
const COLON = 0x3a
const OPEN_ARRAY = 0x5b
const BACKSLASH = 0x5c
const CLOSE_ARRAY = 0x5d
const OPEN_OBJECT = 0x7b
const CLOSE_OBJECT = 0x7d

/**
 * Counts tokens and nesting of what should be JSON, over its bytes and without building anything, and returns the
 * number of tokens.
 *
 * Parsing is cheap per byte and dear per token: 32 MB of `{},{},…` take seconds and gigabytes to parse, one string of
 * 32 MB a few milliseconds. A document from a registry therefore passes here before it is parsed, and the scan ends at
 * the first token too many. Whether it is JSON is left to the parser.
 *
 * @throws SyntaxError whose message is a short reason, fit to follow `cannot parse <what>: `
 */
export function checkJsonShape(document: Uint8Array, shape: JsonShape): number {
  const scan = new JsonShapeScan(document, shape)
  scan.readTo(document.length)
  return scan.tokens
}

/** A part of a document: from its first byte to the one behind its last. */
export interface Span {
  readonly start: number
  readonly end: number
}

/** Most strings are shorter; a call into native code costs more than reading them byte by byte. */
const SHORT_STRING = 64
/** Bytes of a long string that are searched at once. */
const STRING_CHUNK = 16 * 1024

/** The scan of {@link checkJsonShape}, which may pause anywhere. It also finds the longest string. */
export class JsonShapeScan {
  readonly #document: Uint8Array
  readonly #shape: JsonShape
  #tokens = 0
  #depth = 0
  #inScalar = false
  /** Where the open string starts. */
  #string: number | undefined
  #longest: Span = { start: 0, end: 0 }
  /** The next byte to be read; an escape may reach beyond what has been read. */
  #at = 0

  constructor(document: Uint8Array, shape: JsonShape) {
    this.#document = document
    this.#shape = shape
  }

  get tokens(): number {
    return this.#tokens
  }

  /** The content of the longest string so far, with its escapes. */
  get longest(): Span {
    const open = { start: this.#string ?? this.#at, end: this.#at }
    return lengthOf(open) > lengthOf(this.#longest) ? open : this.#longest
  }

  /**
   * Reads on, up to a byte of the document.
   *
   * @throws SyntaxError as {@link checkJsonShape}
   */
  readTo(end: number): void {
    const { maxTokens, maxDepth } = this.#shape
    let i = this.#string === undefined ? this.#at : this.#readString(this.#at, end)
    while (i < end) {
      const byte = this.#document[i++]
      if (byte === QUOTE) {
        this.#tokens++
        this.#inScalar = false
        this.#string = i
        i = this.#readString(i, end)
      } else if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) {
        this.#tokens++
        this.#inScalar = false
        if (++this.#depth > maxDepth) throw new SyntaxError(`nested deeper than ${String(maxDepth)} levels`)
      } else if (byte === CLOSE_OBJECT || byte === CLOSE_ARRAY) {
        this.#inScalar = false
        this.#depth--
      } else if (byte === COMMA || byte === COLON || isSpace(byte)) {
        this.#inScalar = false
      } else if (!this.#inScalar) {
        this.#tokens++
        this.#inScalar = true
      }
      if (this.#tokens > maxTokens) throw new SyntaxError(`more than ${String(maxTokens)} JSON tokens`)
    }
    this.#at = i
  }

  /** Returns the index behind the closing quote, or that of the next byte to be read. */
  #readString(start: number, end: number): number {
    let i = start
    for (let stop = Math.min(end, i + SHORT_STRING); ; stop = Math.min(end, i + STRING_CHUNK)) {
      if (stop - i === STRING_CHUNK && isPlain(this.#document.subarray(i, stop))) i = stop
      while (i < stop) {
        const byte = this.#document[i]
        if (byte === QUOTE) {
          this.#endString(i)
          return i + 1
        }
        i += byte === BACKSLASH ? 2 : 1
      }
      if (i >= end) return i
    }
  }

  #endString(end: number): void {
    const span = { start: this.#string ?? end, end }
    this.#string = undefined
    if (lengthOf(span) > lengthOf(this.#longest)) this.#longest = span
  }
}

function isPlain(part: Uint8Array): boolean {
  return !part.includes(QUOTE) && !part.includes(BACKSLASH)
}

function lengthOf({ start, end }: Span): number {
  return end - start
}

function isSpace(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09
}
