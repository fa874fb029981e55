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
export function checkJsonShape(document: Uint8Array, { maxTokens, maxDepth }: JsonShape): number {
  let tokens = 0
  let depth = 0
  let inScalar = false
  for (let i = 0; i < document.length; i++) {
    const byte = document[i]
    if (byte === QUOTE) {
      tokens++
      inScalar = false
      i = endOfString(document, i + 1)
    } else if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) {
      tokens++
      inScalar = false
      if (++depth > maxDepth) throw new SyntaxError(`nested deeper than ${String(maxDepth)} levels`)
    } else if (byte === CLOSE_OBJECT || byte === CLOSE_ARRAY) {
      inScalar = false
      depth--
    } else if (byte === COMMA || byte === COLON || isSpace(byte)) {
      inScalar = false
    } else if (!inScalar) {
      tokens++
      inScalar = true
    }
    if (tokens > maxTokens) throw new SyntaxError(`more than ${String(maxTokens)} JSON tokens`)
  }
  return tokens
}

/** Most strings are shorter; a call into native code costs more than reading them byte by byte. */
const SHORT_STRING = 64

/** Returns the index of the closing quote, or the end of the document. */
function endOfString(document: Uint8Array, start: number): number {
  const short = Math.min(document.length, start + SHORT_STRING)
  let i = start
  while (i < short) {
    const byte = document[i]
    if (byte === QUOTE) return i
    i += byte === BACKSLASH ? 2 : 1
  }
  return i >= document.length ? document.length : endOfLongString(document, i)
}

function endOfLongString(document: Uint8Array, start: number): number {
  for (let from = start; ;) {
    const quote = document.indexOf(QUOTE, from)
    if (quote < 0) return document.length
    let backslashes = 0
    while (quote - backslashes > from && document[quote - backslashes - 1] === BACKSLASH) backslashes++
    if (backslashes % 2 === 0) return quote
    from = quote + 1
  }
}

function isSpace(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09
}
