import { createHash } from 'node:crypto'

/** The algorithms of the OCI image specification; nothing weaker is accepted. */
export type DigestAlgorithm = 'sha256' | 'sha384' | 'sha512'

declare const checked: unique symbol
/**
 * `<algorithm>:<lower-case hex>`, checked. Only {@link parseDigest}, {@link isDigest} and {@link digestOf} make one.
 */
export type Digest = `${DigestAlgorithm}:${string}` & { readonly [checked]: true }

const HEX_LENGTHS: Readonly<Record<DigestAlgorithm, number>> = { sha256: 64, sha384: 96, sha512: 128 }
const SHAPE = /^(sha256|sha384|sha512):([0-9a-f]+)$/

/**
 * Returns whether a value is a digest: a known algorithm and lower-case hex of its length.
 *
 * Upper-case digits are refused: two spellings of one digest would be two images to everything that compares strings.
 *
 * @see OCI image specification, descriptor.md, Digests
 */
export function isDigest(value: unknown): value is Digest {
  const match = typeof value === 'string' ? SHAPE.exec(value) : null
  return match !== null && match[2]?.length === HEX_LENGTHS[algorithmNamed(match[1])]
}

/**
 * Returns the string as a digest.
 *
 * @throws SyntaxError
 */
export function parseDigest(text: string): Digest {
  if (!isDigest(text)) throw new SyntaxError('expected a digest such as sha256:<64 lower-case hex digits>')
  return text
}

/** Returns the digest of bytes. */
export function digestOf(bytes: Uint8Array, algorithm: DigestAlgorithm = 'sha256'): Digest {
  return parseDigest(`${algorithm}:${createHash(algorithm).update(bytes).digest('hex')}`)
}

/** Hashes bytes that come in parts. */
export interface Digester {
  update(bytes: Uint8Array): void
  /** Returns the digest of all parts. Call it once. */
  digest(): Digest
}

export function createDigester(algorithm: DigestAlgorithm = 'sha256'): Digester {
  const hash = createHash(algorithm)
  return {
    update: (bytes) => void hash.update(bytes),
    digest: () => parseDigest(`${algorithm}:${hash.digest('hex')}`),
  }
}

export function digestAlgorithm(digest: Digest): DigestAlgorithm {
  return algorithmNamed(digest.split(':', 1)[0])
}

/** Returns the hex digits of a digest. */
export function digestHex(digest: Digest): string {
  return digest.slice(digest.indexOf(':') + 1)
}

function algorithmNamed(name: string | undefined): DigestAlgorithm {
  return name === 'sha384' || name === 'sha512' ? name : 'sha256'
}
