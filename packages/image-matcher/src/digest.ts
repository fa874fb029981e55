import { isDigest } from '@verify-images/primitives'

const ALGORITHMS: readonly string[] = ['sha256', 'sha384', 'sha512']
const WELL_FORMED = /^[a-z0-9]+(?:[.+_-][a-z0-9]+)*:[a-zA-Z0-9=_-]+$/

/** Returns why a digest is invalid, with the message of opencontainers/go-digest; undefined if it is valid. */
export function digestProblem(text: string): string | undefined {
  if (isDigest(text)) return undefined
  const colon = text.indexOf(':')
  const hex = text.slice(colon + 1)
  if (colon <= 0 || hex === '') return 'invalid checksum digest format'
  if (!ALGORITHMS.includes(text.slice(0, colon)))
    return WELL_FORMED.test(text) ? 'unsupported digest algorithm' : 'invalid checksum digest format'
  const lengths: readonly number[] = [64, 96, 128]
  return lengths[ALGORITHMS.indexOf(text.slice(0, colon))] === hex.length
    ? 'invalid checksum digest format'
    : 'invalid checksum digest length'
}
