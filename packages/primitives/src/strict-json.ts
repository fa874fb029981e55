import { isUtf8 } from 'node:buffer'
import { isJsonObject, type Json } from './json.ts'
import { checkJsonShape, JsonShapeScan } from './json-shape.ts'
import { MAX_JSON_DEPTH, MAX_JSON_TOKENS } from './limits.ts'
import { yieldIfDue } from './scheduler.ts'

export interface StrictJsonOptions {
  /** Refuses integers that a double cannot hold: another reader would see another number. */
  readonly exactIntegers?: boolean
  /** Refuses integers that are written with a fraction or an exponent: Go reads `1.0` into no field of an integer. */
  readonly plainIntegers?: boolean
  /** Refuses lone surrogates in values too: some readers fail at them, others replace them by U+FFFD. */
  readonly wellFormedStrings?: boolean
  /** See {@link JsonShape}. The default of 100 000 is for documents of few members, such as manifests and bundles. */
  readonly maxTokens?: number
}

/**
 * Parses a JSON document, and refuses it where two readers could disagree about it.
 *
 * Tokens and depth are counted before anything is built. The document must be UTF-8 without a byte order mark, and each
 * key well-formed Unicode and unique in its object, and each number finite. At the top level keys must also differ
 * under {@link foldKey}, because Go reads `Subject` as `subject`.
 *
 * @throws SyntaxError whose message is a short reason, fit to follow `cannot parse <what>: `
 */
export function parseStrictJson(
  document: Uint8Array | string,
  { maxTokens = MAX_JSON_TOKENS, ...options }: StrictJsonOptions = {},
): Json {
  checkJsonShape(typeof document === 'string' ? Buffer.from(document) : document, {
    maxTokens,
    maxDepth: MAX_JSON_DEPTH,
  })
  return parseCountedJson(document, options)
}

/** Bytes that are counted between two looks at the clock. */
const SLICE_BYTES = 256 * 1024

/**
 * Does the same for the bytes of a manifest, with plain integers, and lets the event loop turn while tokens are counted
 * and before the rest. What is parsed in one step has 8 MiB at most.
 *
 * @throws SyntaxError; the reason of the signal, when it was aborted
 */
export async function parseStrictJsonInSlices(document: Uint8Array, signal?: AbortSignal): Promise<Json> {
  const scan = new JsonShapeScan(document, { maxTokens: MAX_JSON_TOKENS, maxDepth: MAX_JSON_DEPTH })
  for (let end = 0; end < document.length;) {
    await yieldIfDue(signal)
    end = Math.min(document.length, end + SLICE_BYTES)
    scan.readTo(end)
  }
  await yieldIfDue(signal)
  const text = decodeUtf8(document)
  const value = parseText(text)
  await yieldIfDue(signal)
  checkTokens(text, { exactIntegers: false, plainIntegers: true, wellFormedStrings: false })
  return value
}

/**
 * Does the same for a document whose tokens and depth have been counted.
 *
 * @throws SyntaxError
 */
export function parseCountedJson(
  document: Uint8Array | string,
  { exactIntegers = false, plainIntegers = false, wellFormedStrings = false }: Omit<StrictJsonOptions, 'maxTokens'>,
): Json {
  const text = typeof document === 'string' ? document : decodeUtf8(document)
  const value = parseText(text)
  checkTokens(text, { exactIntegers, plainIntegers, wellFormedStrings: wellFormedStrings && SURROGATE.test(text) })
  return value
}

function parseText(text: string): Json {
  try {
    // The declared type of JSON.parse says less than what it returns.
    return JSON.parse(text) as Json
  } catch {
    throw new SyntaxError('not JSON')
  }
}

/**
 * Returns the key as Go's `encoding/json` compares it with the name of a field: in one case, and `ſ` is an `s`, `K`
 * (Kelvin) a `k`.
 */
export function foldKey(key: string): string {
  return key.replaceAll('ſ', 's').toLowerCase()
}

/**
 * Returns whether two keys of an object name one field to Go's `encoding/json`, which takes the later one.
 *
 * {@link parseStrictJson} refuses such keys at the top level only: further down, objects may be maps, whose keys Go
 * does not fold. Ask it of each nested object that Go decodes into a struct.
 */
export function hasFoldedTwins(value: Json | undefined): boolean {
  const keys = isJsonObject(value) ? Object.keys(value) : []
  return new Set(keys.map(foldKey)).size < keys.length
}

/** Reads shared memory too, which not every TextDecoder does. */
function decodeUtf8(bytes: Uint8Array): string {
  if (!isUtf8(bytes)) throw new SyntaxError('not UTF-8')
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString()
}

/** A surrogate, lone or not, as an escape or in a text that was not decoded here. */
const SURROGATE = /\\u[dD][89a-fA-F]|[\uD800-\uDFFF]/

const NUMBER = /-?\d[\d.eE+-]*/y

const QUOTE = 0x22
const COMMA = 0x2c
const MINUS = 0x2d
const ZERO = 0x30
const NINE = 0x39
const OPEN_ARRAY = 0x5b
const BACKSLASH = 0x5c
const CLOSE_ARRAY = 0x5d
const OPEN_OBJECT = 0x7b
const CLOSE_OBJECT = 0x7d
/** Most strings are shorter; a call into native code costs more than reading them one by one. */
const SHORT_STRING = 64

/** Walks the tokens of a document that is known to be JSON. */
function checkTokens(
  text: string,
  { exactIntegers, plainIntegers, wellFormedStrings }: Required<Omit<StrictJsonOptions, 'maxTokens'>>,
): void {
  // The keys of each open object; undefined for an open array.
  const open: (SeenKeys | undefined)[] = []
  let expectKey = false
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code === QUOTE) {
      const start = i
      i = endOfString(text, i + 1)
      if (expectKey) checkKey(open, text.slice(start, i + 1))
      else if (wellFormedStrings && !decodeString(text.slice(start, i + 1)).isWellFormed())
        throw new SyntaxError('a string with a lone surrogate')
      expectKey = false
    } else if (code === OPEN_OBJECT || code === OPEN_ARRAY) {
      open.push(code === OPEN_OBJECT ? new SeenKeys() : undefined)
      expectKey = code === OPEN_OBJECT
    } else if (code === CLOSE_OBJECT || code === CLOSE_ARRAY) {
      open.pop()
      expectKey = false
    } else if (code === COMMA) {
      expectKey = open.at(-1) !== undefined
    } else if (code === MINUS || (code >= ZERO && code <= NINE)) {
      NUMBER.lastIndex = i
      const token = NUMBER.exec(text)?.[0] ?? '0'
      if (exactIntegers && !isExact(token)) throw new SyntaxError('an integer that a double cannot hold')
      if (plainIntegers && /[.e]/i.test(token) && Number.isInteger(Number(token)))
        throw new SyntaxError('an integer with a fraction or an exponent')
      if (!Number.isFinite(Number(token))) throw new SyntaxError('a number that is too large for a double')
      i += token.length - 1
    }
  }
}

/** Returns the index of the closing quote, which is there. */
function endOfString(text: string, start: number): number {
  const short = start + SHORT_STRING
  let i = start
  while (i < short) {
    const code = text.charCodeAt(i)
    if (code === QUOTE) return i
    i += code === BACKSLASH ? 2 : 1
  }
  for (let from = i; ;) {
    const quote = text.indexOf('"', from)
    let backslashes = 0
    while (quote - backslashes > from && text.charCodeAt(quote - backslashes - 1) === BACKSLASH) backslashes++
    if (backslashes % 2 === 0) return quote
    from = quote + 1
  }
}

/** Objects with more keys than this are rare, and a set for each of the others would take most of the memory. */
const FEW_KEYS = 12

/** The keys of one object so far. */
class SeenKeys {
  readonly #few: string[] = []
  #many: Set<string> | undefined

  /** Returns false if the key was there. */
  add(key: string): boolean {
    if (this.#many !== undefined) return this.#many.size < this.#many.add(key).size
    if (this.#few.includes(key)) return false
    this.#few.push(key)
    if (this.#few.length > FEW_KEYS) this.#many = new Set(this.#few)
    return true
  }
}

function checkKey(open: readonly (SeenKeys | undefined)[], token: string): void {
  const decoded = decodeString(token)
  // Other readers replace each lone surrogate by U+FFFD, which makes different keys equal.
  if (!decoded.isWellFormed()) throw new SyntaxError('a key with a lone surrogate')
  const key = open.length === 1 ? foldKey(decoded) : decoded
  if (open.at(-1)?.add(key) === false) throw new SyntaxError('the same key twice in one object')
}

/** Returns the text of a string token. Parsing each key by itself would take most of the time of a large document. */
function decodeString(token: string): string {
  return token.includes('\\') ? String(JSON.parse(token)) : token.slice(1, -1)
}

/** Fractions and exponents are approximate in every reader; only integers are expected to be exact. */
function isExact(token: string): boolean {
  if (token.length <= 15 || /[.e]/i.test(token)) return true
  return token.length <= 40 && BigInt(Number(token)) === BigInt(token)
}
