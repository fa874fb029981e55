import { randomUUID } from 'node:crypto'
import { decodeGoBase64, decodeProtobufBase64, PayloadDecoder, type PayloadDialect } from './base64.ts'
import { isJsonObject, type Json, ownMember, setKey } from './json.ts'
import { JsonShapeScan, type Span } from './json-shape.ts'
import { MAX_JSON_DEPTH } from './limits.ts'
import { parseDocument } from './parse-document.ts'
import { CheckError } from './reasons/check-error.ts'
import type { AttestorCode } from './reasons/codes.ts'
import { yieldIfDue } from './scheduler.ts'
import type { StrictJsonOptions } from './strict-json.ts'

/** An envelope, or a document that holds one: few members, of which one has a payload of any size in base64. */
export interface PayloadDocument {
  /** The document, with `AAAA` in place of its payload, unless that is empty. */
  readonly document: Json
  /** Undefined if the payload is not a base64 string. Large ones are in shared memory, which workers read. */
  readonly payload: Buffer | undefined
}

export interface PayloadDocumentOptions extends StrictJsonOptions {
  /** The members that lead to the payload. */
  readonly path: readonly string[]
  readonly dialect: PayloadDialect
  readonly maxTokens: number
  /** Bytes of all but the payload. */
  readonly maxOtherBytes: number
  /** Names the document in messages. */
  readonly what: string
  readonly code: AttestorCode
  readonly signal: AbortSignal | undefined
}

/** Readers of the document refuse a payload that is missing or not base64. */
export const SOME_BASE64 = 'AAAA'

/** Bytes that are read between two checks of the clock: about 0.1 ms of base64, 1 ms of escapes. */
const SLICE_BYTES = 64 * 1024

/** Replaces the payload while the rest is parsed. Random, so that no author of a document can know it. */
const STAND_IN = randomUUID()

/**
 * Parses a document by the strict rules, and decodes its payload, in slices between which the event loop turns.
 *
 * Of a large document, everything but its longest string is parsed, and that string must be the payload. Nothing
 * touches the whole document in one step.
 *
 * @throws CheckError with the given code; ATTESTOR_LIMIT_EXCEEDED if there is too much beside the payload; the reason
 *   of the signal, when it was aborted
 */
export async function parsePayloadDocument(
  bytes: Uint8Array,
  options: PayloadDocumentOptions,
): Promise<PayloadDocument> {
  const { path, dialect, what, code, signal } = options
  await yieldIfDue(signal)
  if (bytes.length <= options.maxOtherBytes) {
    const document = parseDocument(bytes, what, code, options)
    const text = memberAt(document, path)
    const decode = dialect === 'go' ? decodeGoBase64 : decodeProtobufBase64
    const payload = typeof text === 'string' ? decode(text) : undefined
    return {
      document: typeof text === 'string' && text !== '' ? withMember(document, path, SOME_BASE64) : document,
      payload,
    }
  }
  const { rest, longest } = await cutLongest(bytes, options)
  const document = parseDocument(rest, what, code, options)
  if (memberAt(document, path) !== STAND_IN) throw tooLarge(options)
  return {
    document: withMember(document, path, SOME_BASE64),
    payload: await decodePayload(bytes, longest, dialect, signal),
  }
}

function memberAt(document: Json, path: readonly string[]): Json | undefined {
  return path.reduce<Json | undefined>(ownMember, document)
}

/** Returns a copy with another value for an existing member. */
function withMember(document: Json, [name, ...path]: readonly string[], value: string): Json {
  if (name === undefined) return value
  const copy = isJsonObject(document) ? { ...document } : {}
  setKey(copy, name, withMember(copy[name] ?? null, path, value))
  return copy
}

async function cutLongest(
  bytes: Uint8Array,
  options: PayloadDocumentOptions,
): Promise<{ readonly rest: Uint8Array; readonly longest: Span }> {
  const { what, code, signal, maxTokens, maxOtherBytes } = options
  const scan = new JsonShapeScan(bytes, { maxTokens, maxDepth: MAX_JSON_DEPTH })
  for (let end = 0; end < bytes.length;) {
    await yieldIfDue(signal)
    end = Math.min(bytes.length, end + SLICE_BYTES)
    try {
      scan.readTo(end)
    } catch (cause) {
      throw new CheckError(code, `cannot parse ${what}: ${cause instanceof SyntaxError ? cause.message : 'not JSON'}`)
    }
    if (end - (scan.longest.end - scan.longest.start) > maxOtherBytes) throw tooLarge(options)
  }
  const { longest } = scan
  const rest = Buffer.concat([bytes.subarray(0, longest.start), Buffer.from(STAND_IN), bytes.subarray(longest.end)])
  return { rest, longest }
}

async function decodePayload(
  bytes: Uint8Array,
  { start, end }: Span,
  dialect: PayloadDialect,
  signal: AbortSignal | undefined,
): Promise<Buffer | undefined> {
  const decoder = new PayloadDecoder(dialect, Buffer.from(new SharedArrayBuffer(Math.ceil((end - start) / 4) * 3)))
  for (let from = start; from < end;) {
    await yieldIfDue(signal)
    const to = endOfSlice(bytes, from, end)
    const text = textOf(bytes.subarray(from, to))
    if (text === undefined || !decoder.add(text)) return undefined
    from = to
  }
  return decoder.end()
}

const BACKSLASH = 0x5c
/** The longest escape is `\uXXXX`. */
const ESCAPE_LENGTH = 6

/** Returns where the next slice ends: not inside an escape. */
function endOfSlice(bytes: Uint8Array, from: number, end: number): number {
  const to = from + SLICE_BYTES
  if (to >= end) return end
  const last = bytes.subarray(to - ESCAPE_LENGTH, to).lastIndexOf(BACKSLASH) + to - ESCAPE_LENGTH
  if (last < to - ESCAPE_LENGTH) return to
  let first = last
  while (first > from && bytes[first - 1] === BACKSLASH) first--
  // Each pair of backslashes is an escape by itself; one that is left over begins another.
  return (last - first) % 2 === 0 ? last : to
}

/** Returns the text of a part of a JSON string that is base64; undefined if it cannot be. */
function textOf(part: Uint8Array): string | undefined {
  const text = Buffer.from(part.buffer, part.byteOffset, part.length).toString('latin1')
  if (!text.includes('\\')) return /[\r\n]/.test(text) ? undefined : text
  try {
    return String(JSON.parse(`"${text}"`))
  } catch {
    return undefined
  }
}

function tooLarge({ what, maxOtherBytes }: PayloadDocumentOptions): CheckError {
  return new CheckError(
    'ATTESTOR_LIMIT_EXCEEDED',
    `${what}: expected at most ${String(maxOtherBytes)} bytes beside its payload`,
  )
}
