/** What is wrong with a certificate; the words are Go's as far as they say more than the place. */
export class X509Fault extends Error {
  override readonly name = 'X509Fault'
}

/** Tags of DER elements as they stand in the first byte. */
export const TAG = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  objectIdentifier: 0x06,
  utf8String: 0x0c,
  numericString: 0x12,
  printableString: 0x13,
  t61String: 0x14,
  ia5String: 0x16,
  utcTime: 0x17,
  generalizedTime: 0x18,
  bmpString: 0x1e,
  sequence: 0x30,
  set: 0x31,
} as const

/** A tag of the context, `[number]`. */
export function contextTag(number: number, constructed = false): number {
  return (constructed ? 0xa0 : 0x80) + number
}

export interface DerElement {
  readonly tag: number
  readonly content: Buffer
  /** With tag and length. */
  readonly whole: Buffer
}

/** An arc of an object identifier may have 31 bits, as in Go. */
const LARGEST_ARC = 0x7fff_ffff

/** Reads DER elements one after the other. Lengths have to be written in the one shortest form. */
export class DerReader {
  readonly #bytes: Buffer
  #at = 0

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  get isEmpty(): boolean {
    return this.#at >= this.#bytes.length
  }

  /** Whether the next element has this tag. */
  isNext(tag: number): boolean {
    return this.#bytes[this.#at] === tag
  }

  /** @throws X509Fault */
  readAny(what: string): DerElement {
    const start = this.#at
    const tag = this.#bytes[start]
    const short = this.#bytes[start + 1]
    if (tag === undefined || short === undefined || (tag & 0x1f) === 0x1f) throw malformed(what)
    const lengthBytes = short < 0x80 ? 0 : short & 0x7f
    if (short >= 0x80 && (lengthBytes === 0 || lengthBytes > 4 || start + 2 + lengthBytes > this.#bytes.length))
      throw malformed(what)
    const length = lengthBytes === 0 ? short : this.#bytes.readUIntBE(start + 2, lengthBytes)
    if (lengthBytes > 0 && (length < 0x80 || length < 256 ** (lengthBytes - 1))) throw malformed(what)
    const contentStart = start + 2 + lengthBytes
    const end = contentStart + length
    if (end > this.#bytes.length) throw malformed(what)
    this.#at = end
    return { tag, content: this.#bytes.subarray(contentStart, end), whole: this.#bytes.subarray(start, end) }
  }

  /** @throws X509Fault if the next element has another tag */
  read(tag: number, what: string): DerElement {
    if (!this.isNext(tag)) throw malformed(what)
    return this.readAny(what)
  }

  /** The element with this tag, if it is next. */
  readOptional(tag: number, what: string): DerElement | undefined {
    return this.isNext(tag) ? this.readAny(what) : undefined
  }

  /** A reader of what is inside the next element. */
  enter(tag: number, what: string): DerReader {
    return new DerReader(this.read(tag, what).content)
  }

  readInteger(what: string, tag: number = TAG.integer): bigint {
    return integerOf(this.read(tag, what).content, what)
  }

  readBoolean(what: string): boolean {
    const { content } = this.read(TAG.boolean, what)
    if (content.length !== 1 || (content[0] !== 0 && content[0] !== 0xff)) throw malformed(what)
    return content[0] === 0xff
  }

  readObjectIdentifier(what: string): readonly number[] {
    return arcsOf(this.read(TAG.objectIdentifier, what).content, what)
  }

  readBitString(what: string): BitString {
    return bitStringOf(this.read(TAG.bitString, what).content, what)
  }
}

export interface BitString {
  readonly bytes: Buffer
  readonly unusedBits: number
}

/** The bits as a number's bytes: the unused ones are shifted out. */
export function rightAligned({ bytes, unusedBits }: BitString): Buffer {
  if (unusedBits === 0) return bytes
  return Buffer.from(
    bytes.map((byte, at) => (byte >> unusedBits) | ((at === 0 ? 0 : (bytes[at - 1] ?? 0)) << (8 - unusedBits))),
  )
}

export function integerOf(content: Buffer, what: string): bigint {
  const [first, second] = content
  if (first === undefined) throw malformed(what)
  if (second !== undefined && ((first === 0 && second < 0x80) || (first === 0xff && second >= 0x80)))
    throw malformed(what)
  return BigInt.asIntN(content.length * 8, BigInt(`0x${content.toString('hex')}`))
}

export function bitStringOf(content: Buffer, what: string): BitString {
  const [unusedBits] = content
  const bytes = content.subarray(1)
  if (unusedBits === undefined || unusedBits > 7 || (bytes.length === 0 && unusedBits > 0)) throw malformed(what)
  if (((bytes.at(-1) ?? 0) & ((1 << unusedBits) - 1)) !== 0) throw malformed(what)
  return { bytes, unusedBits }
}

/** The arcs of an identifier: `[1, 2, 840]`. */
export function arcsOf(content: Buffer, what: string): readonly number[] {
  const arcs = bigArcsOf(content, what)
  if (arcs.some((arc) => arc > LARGEST_ARC)) throw malformed(what)
  return arcs.map(Number)
}

/** As {@link arcsOf}, for identifiers of any size. */
export function bigArcsOf(content: Buffer, what: string): readonly bigint[] {
  if (content.length === 0 || ((content.at(-1) ?? 0) & 0x80) !== 0) throw malformed(what)
  const values: bigint[] = []
  let value = 0n
  let begins = true
  for (const byte of content) {
    if (begins && byte === 0x80) throw malformed(what)
    value = (value << 7n) | BigInt(byte & 0x7f)
    begins = byte < 0x80
    if (!begins) continue
    values.push(value)
    value = 0n
  }
  const [first = 0n, ...others] = values
  const root = first < 80n ? first / 40n : 2n
  return [root, first - root * 40n, ...others]
}

export function malformed(what: string): X509Fault {
  return new X509Fault(`x509: malformed ${what}`)
}
