import { createHash } from 'node:crypto'

/** `sha256:<hex>` and friends, in canonical lower-case form. */
export type Digest = `${string}:${string}`

/** Hex digits of the digests of the OCI image specification; nothing weaker is accepted. */
const HEX_LENGTHS: ReadonlyMap<string, number> = new Map([
  ['sha256', 64],
  ['sha384', 96],
  ['sha512', 128],
])

/** Whether the text is a digest this package can check: a known algorithm, lower-case hex of its length. */
export function isDigest(text: string): text is Digest {
  if (typeof text !== 'string') return false
  const colon = text.indexOf(':')
  const length = HEX_LENGTHS.get(text.slice(0, colon))
  return length !== undefined && text.length === colon + 1 + length && /^[0-9a-f]+$/.test(text.slice(colon + 1))
}

/** The digest of bytes, by the algorithm of a digest or by name. */
export function digestOf(bytes: Uint8Array, like: string = 'sha256'): Digest {
  const algorithm = like.split(':', 1)[0] ?? ''
  return `${algorithm}:${createHash(algorithm).update(bytes).digest('hex')}`
}
