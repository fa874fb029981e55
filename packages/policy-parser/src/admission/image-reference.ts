/**
 * Whether a text is an image reference in the grammar of the container tools, nothing filled in.
 *
 * @see distribution/reference: Parse
 */
export function isImageReference(text: string): boolean {
  const [rest, digest, ...more] = text.split('@')
  if (rest === undefined || more.length > 0 || (digest !== undefined && !isDigest(digest))) return false
  const colon = rest.lastIndexOf(':')
  const tagged = colon > rest.lastIndexOf('/')
  if (tagged && !/^\w[\w.-]{0,127}$/.test(rest.slice(colon + 1))) return false
  return isName(tagged ? rest.slice(0, colon) : rest)
}

const PATH_COMPONENT = /^[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*$/
const DOMAIN =
  /^(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)*|\[[a-fA-F0-9:]+\])(?::\d+)?$/
const MAX_NAME_LENGTH = 255

function isName(name: string): boolean {
  const [first, ...path] = name.split('/')
  if (first === undefined || name.length > MAX_NAME_LENGTH) return false
  const domain = path.length > 0 && DOMAIN.test(first)
  return (domain || PATH_COMPONENT.test(first)) && path.every((component) => PATH_COMPONENT.test(component))
}

const DIGEST_LENGTHS: ReadonlyMap<string, number> = new Map([
  ['sha256', 64],
  ['sha384', 96],
  ['sha512', 128],
])

function isDigest(digest: string): boolean {
  const [algorithm = '', hex = '', ...more] = digest.split(':')
  return more.length === 0 && DIGEST_LENGTHS.get(algorithm) === hex.length && /^[a-f0-9]+$/.test(hex)
}
