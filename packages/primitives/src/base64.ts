/**
 * Decoders of base64, one for each dialect. None is Node's, which skips what it does not know, mixes alphabets, and
 * ends at the first padding.
 *
 * | dialect | readers | why |
 * | --- | --- | --- |
 * | canonical | log entries (body, keys, hashes, checkpoints), trusted roots, JWS certificates and timestamps, PEM of certificates | the writer is one program, and signatures are over the string, so it must be canonical |
 * | canonical URL-safe | JWS | RFC 7515 |
 * | Go's standard | the signature of a `.sig` layer, payload of a DSSE envelope, inclusion promise, timestamp annotation, Secrets, `cert` and PEM keys of policies, YAML `!!binary`, `base64_decode()` | cosign and Kyverno decode with `base64.StdEncoding` |
 * | DSSE signature | signatures of a DSSE envelope | go-securesystemslib tries the standard alphabet, then the URL-safe one. It does so for the payload, too, but then cosign and Kyverno decode that again with the standard alphabet |
 * | protobuf JSON | bytes of a Sigstore bundle | protojson takes either alphabet, padded or not |
 *
 * In the last three, several strings decode to the same bytes: compare bytes, never strings. The vectors in
 * conformance/go-readers were recorded with the Go programs themselves.
 */

// One loop over one class of characters each: a pattern with groups of four overflows the stack on a payload of 64 MB.
const STANDARD = /^[A-Za-z0-9+/]*={0,2}$/
const URL_SAFE_PADDED = /^[\w-]*={0,2}$/
const URL_SAFE = /^[\w-]*$/
const LINE_BREAKS = /[\r\n]+/g

/**
 * Returns the bytes of canonical base64: standard alphabet, padded, no white space, unused bits zero. Undefined for
 * anything else.
 */
export function decodeCanonicalBase64(text: string): Buffer | undefined {
  if (text.length % 4 !== 0 || !STANDARD.test(text)) return undefined
  const bytes = Buffer.from(text, 'base64')
  return bytes.toString('base64') === text ? bytes : undefined
}

/**
 * Returns the bytes of canonical base64url: no padding, no white space, unused bits zero. Undefined for anything else.
 *
 * @see RFC 7515, 2
 */
export function decodeCanonicalBase64Url(text: string): Buffer | undefined {
  if (!URL_SAFE.test(text)) return undefined
  const bytes = Buffer.from(text, 'base64url')
  return bytes.toString('base64url') === text ? bytes : undefined
}

/**
 * Returns the bytes of padded standard base64 as Go's `base64.StdEncoding` does: line breaks are skipped and unused
 * bits ignored. Undefined for anything else.
 */
export function decodeGoBase64(text: string): Buffer | undefined {
  const encoded = text.replace(LINE_BREAKS, '')
  return isPadded(encoded, STANDARD) ? Buffer.from(encoded, 'base64') : undefined
}

/**
 * Returns the bytes of a signature in a DSSE envelope: as {@link decodeGoBase64}, or the same with the URL-safe
 * alphabet. Undefined for anything else, such as both alphabets in one string.
 *
 * @see https://github.com/secure-systems-lab/dsse/blob/master/envelope.md
 */
export function decodeDsseSignature(text: string): Buffer | undefined {
  const encoded = text.replace(LINE_BREAKS, '')
  return isPadded(encoded, STANDARD) || isPadded(encoded, URL_SAFE_PADDED) ? Buffer.from(encoded, 'base64') : undefined
}

/**
 * Returns the bytes of a `bytes` field in protobuf's JSON: one alphabet, padded or not. Undefined for anything else.
 *
 * Line breaks are skipped, but their number counts where padding is decided: so does Go.
 *
 * @see google.golang.org/protobuf/encoding/protojson, unmarshalBytes
 */
export function decodeProtobufBase64(text: string): Buffer | undefined {
  const encoded = text.replace(LINE_BREAKS, '')
  const alphabet = /[-_]/.test(encoded) ? URL_SAFE_PADDED : STANDARD
  return endsAsProtobuf(encoded, text.length, alphabet) ? Buffer.from(encoded, 'base64') : undefined
}

/**
 * Returns whether protojson reads the end of a text of this length, with all line breaks, of which whole groups are cut
 * off.
 */
function endsAsProtobuf(end: string, length: number, alphabet: RegExp): boolean {
  return length % 4 === 0 ? isPadded(end, alphabet) : alphabet.test(end) && !end.endsWith('=') && end.length % 4 !== 1
}

/** The dialects in which payloads of any size are written. */
export type PayloadDialect = 'go' | 'protobuf'

/**
 * Decodes a base64 string that comes in pieces, as {@link decodeGoBase64} or {@link decodeProtobufBase64} decode the
 * whole.
 */
export class PayloadDecoder {
  readonly #dialect: PayloadDialect
  readonly #bytes: Buffer
  #written = 0
  #length = 0
  #isUrlSafe = false
  #isStandard = false
  /** The last characters, of which any may be padding. */
  #held = ''

  /** @param bytes where the decoded bytes go; three quarters of the text's length are enough */
  constructor(dialect: PayloadDialect, bytes: Buffer) {
    this.#dialect = dialect
    this.#bytes = bytes
  }

  /** Returns false if no base64 can begin like this. */
  add(piece: string): boolean {
    this.#length += piece.length
    const text = this.#held + piece.replace(LINE_BREAKS, '')
    this.#isUrlSafe ||= text.includes('-') || text.includes('_')
    this.#isStandard ||= text.includes('+') || text.includes('/')
    const whole = Math.max(0, Math.ceil(text.length / 4) * 4 - 4)
    this.#held = text.slice(whole)
    if (this.#isUrlSafe && (this.#isStandard || this.#dialect === 'go')) return false
    return this.#write(text.slice(0, whole))
  }

  /** Returns the bytes of the whole string; undefined if it is not base64. */
  end(): Buffer | undefined {
    const end = this.#held
    const alphabet = this.#isUrlSafe ? URL_SAFE_PADDED : STANDARD
    const isRead = this.#dialect === 'go' ? isPadded(end, STANDARD) : endsAsProtobuf(end, this.#length, alphabet)
    if (!isRead) return undefined
    this.#written += this.#bytes.write(end, this.#written, 'base64')
    return this.#bytes.subarray(0, this.#written)
  }

  /** Node skips what it does not know, so that fewer bytes come out; of two-byte characters it reads the lower byte. */
  #write(groups: string): boolean {
    const length = this.#bytes.write(groups, this.#written, 'base64')
    this.#written += length
    return length === (groups.length / 4) * 3 && Buffer.byteLength(groups) === groups.length
  }
}

function isPadded(encoded: string, alphabet: RegExp): boolean {
  return encoded.length % 4 === 0 && alphabet.test(encoded)
}
