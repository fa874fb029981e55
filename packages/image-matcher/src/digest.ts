import { ImageError } from './image-error.ts'

/** A checked digest, such as `sha256:` and 64 lower-case hexadecimal digits. */
export type Digest = `${DigestAlgorithm}:${string}`
export type DigestAlgorithm = 'sha256' | 'sha384' | 'sha512'

const HEX_LENGTHS: ReadonlyMap<string, number> = new Map([
  ['sha256', 64],
  ['sha384', 96],
  ['sha512', 128],
])
const WELL_FORMED = /^[a-z0-9]+(?:[.+_-][a-z0-9]+)*:[a-zA-Z0-9=_-]+$/

/**
 * The text, once it is known to be a digest of an algorithm that everyone in this field computes.
 *
 * Hexadecimal digits are lower case: two spellings of one digest would be two images to everything that compares text.
 *
 * @throws ImageError IMAGE_DIGEST_INVALID
 * @see OCI image specification, descriptor.md, Digests
 */
export function parseDigest(text: string): Digest {
  const problem = digestProblem(text)
  if (problem !== undefined) throw new ImageError('IMAGE_DIGEST_INVALID', problem)
  return text as Digest // what digestProblem has just checked
}

export function isDigest(text: string): text is Digest {
  return digestProblem(text) === undefined
}

/** What is wrong with a digest, in the words of opencontainers/go-digest; undefined when nothing is. */
export function digestProblem(text: string): string | undefined {
  if (typeof text !== 'string') return 'a digest must be a text'
  const colon = text.indexOf(':')
  const hex = text.slice(colon + 1)
  if (colon <= 0 || hex === '') return 'invalid checksum digest format'
  const length = HEX_LENGTHS.get(text.slice(0, colon))
  if (length === undefined)
    return WELL_FORMED.test(text) ? 'unsupported digest algorithm' : 'invalid checksum digest format'
  if (hex.length !== length) return 'invalid checksum digest length'
  return /^[a-f0-9]+$/.test(hex) ? undefined : 'invalid checksum digest format'
}
