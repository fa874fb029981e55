/** The parts of a reference as written; the digest is not checked yet. Missing parts are empty. */
export interface ReferenceParts {
  readonly domain: string
  readonly path: string
  readonly tag: string
  readonly digest: string
}

const TAG = /^\w[\w.-]{0,127}$/
const DIGEST = /^[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9A-Fa-f]{32,}$/
const PATH_COMPONENT = /^[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*$/
const IPV6 = /^\[[a-fA-F0-9:]+\]$/
const HOST_AND_PORT = /^(\[[^\]]*\]|[^:]*)(?::\d+)?$/

/**
 * The parts of `[domain/]path[:tag][@digest]`, or undefined for text that is not of this form.
 *
 * Only one split is possible: `@` occurs before a digest only, and after the last `/` a `:` occurs before a tag only. So
 * the text is cut at those places and each part is tested by itself, in linear time.
 *
 * @see github.com/distribution/reference, the grammar in reference.go
 */
export function splitReference(text: string): ReferenceParts | undefined {
  const [beforeDigest, digest] = cut(text, text.indexOf('@'))
  if (digest !== undefined && !DIGEST.test(digest)) return undefined
  const [name, tag] = cut(beforeDigest, beforeDigest.indexOf(':', beforeDigest.lastIndexOf('/') + 1))
  if (tag !== undefined && !TAG.test(tag)) return undefined
  const components = name.split('/')
  // A first component that can be a domain is one, also where it could be part of the path.
  const [first = '', ...others] = components
  const hasDomain = others.length > 0 && isDomain(first)
  const path = hasDomain ? others : components
  if (!path.every((component) => PATH_COMPONENT.test(component))) return undefined
  return { domain: hasDomain ? first : '', path: path.join('/'), tag: tag ?? '', digest: digest ?? '' }
}

function cut(text: string, at: number): readonly [string, string?] {
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)]
}

function isDomain(text: string): boolean {
  const host = HOST_AND_PORT.exec(text)?.[1]
  if (host === undefined) return false
  return (
    IPV6.test(host) ||
    host.split('.').every((label) => /^[a-zA-Z0-9-]+$/.test(label) && !label.startsWith('-') && !label.endsWith('-'))
  )
}
