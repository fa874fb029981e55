import { isDigest } from '@verify-images/primitives'
import { ImageError } from './image-error.ts'

/*
 * Kyverno parses image references with two Go libraries: distribution/reference for the images of a resource, and
 * go-containerregistry's `name` for registry requests. They can parse one string as two different images. The README
 * lists the differences; reference-grammar.test.ts tests each row.
 */

const TAG = /^\w[\w.-]{0,127}$/
const DIGEST = /^[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9A-Fa-f]{32,}$/
const PATH_COMPONENT = /^[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*$/
const DOMAIN_LABEL = /^[a-zA-Z0-9-]+$/
const IPV6 = /^\[[a-fA-F0-9:]+\]$/
const HOST_AND_PORT = /^(\[[^\]]*\]|[^:]*)(?::(\d+))?$/

/** Characters that go-containerregistry accepts in a repository path, in any order. */
const REPOSITORY_CHARACTERS = 'abcdefghijklmnopqrstuvwxyz0123456789_-./'
const MAX_PATH_CHARACTERS = 255
const MAX_PORT = 65_535

/** Docker Hub's host in go-containerregistry. */
export const DOCKER_HUB = 'index.docker.io'
/** Aliases of Docker Hub. A pattern or a credential for one of them applies to all. */
export const DOCKER_HUB_HOSTS: readonly string[] = [
  'docker.io',
  DOCKER_HUB,
  'registry-1.docker.io',
  'registry.hub.docker.com',
]

/** Returns whether `text` is a tag. */
export function isTag(text: string): boolean {
  return TAG.test(text)
}

/** Returns whether `text` is a repository path with valid components. */
export function isRepositoryPath(text: string): boolean {
  return text.length <= MAX_PATH_CHARACTERS && hasValidComponents(text)
}

function hasValidComponents(path: string): boolean {
  return path.split('/').every((component) => PATH_COMPONENT.test(component))
}

/** Returns whether both libraries accept `text` as `host[:port]`, in any letter case. */
export function isRegistryHost(text: string): boolean {
  const port = HOST_AND_PORT.exec(text)?.[2]
  return isDomain(text) && (port === undefined || (Number(port) > 0 && Number(port) <= MAX_PORT))
}

function isDomain(text: string): boolean {
  const host = HOST_AND_PORT.exec(text)?.[1]
  if (host === undefined) return false
  return (
    IPV6.test(host) ||
    host.split('.').every((label) => DOMAIN_LABEL.test(label) && !label.startsWith('-') && !label.endsWith('-'))
  )
}

/** The parts of a reference, without defaults and with an unchecked digest. Missing parts are empty strings. */
export interface ReferenceParts {
  readonly domain: string
  readonly path: string
  readonly tag: string
  readonly digest: string
}

/**
 * Splits `[domain/]path[:tag][@digest]` as distribution/reference does; returns undefined if the syntax is invalid.
 *
 * The split is unambiguous: `@` only precedes a digest, and `:` after the last `/` only precedes a tag. Each part is
 * validated separately, in linear time.
 *
 * @see github.com/distribution/reference, the grammar in reference.go
 */
export function splitReference(text: string): ReferenceParts | undefined {
  const [beforeDigest, digest] = cut(text, text.indexOf('@'))
  if (digest !== undefined && !DIGEST.test(digest)) return undefined
  const [name, tag] = cut(beforeDigest, beforeDigest.indexOf(':', beforeDigest.lastIndexOf('/') + 1))
  if (tag !== undefined && !isTag(tag)) return undefined
  const [first, rest] = cut(name, name.indexOf('/'))
  // A first component that is a valid domain is the domain, even if it would be valid in the path.
  const hasDomain = rest !== undefined && isDomain(first)
  const path = hasDomain ? rest : name
  if (!hasValidComponents(path)) return undefined
  return { domain: hasDomain ? first : '', path, tag: tag ?? '', digest: digest ?? '' }
}

/** Returns whether distribution/reference parses `text`. No defaults are filled in. */
export function isImageReference(text: string): boolean {
  const parts = splitReference(text)
  return parts !== undefined && referenceProblem(parts) === undefined && (parts.digest === '' || isDigest(parts.digest))
}

/** Returns why a reference that {@link splitReference} accepts is invalid nevertheless; undefined if it is valid. */
export function referenceProblem({ path }: ReferenceParts): string | undefined {
  return path.length > MAX_PATH_CHARACTERS
    ? `repository name must not be more than ${String(MAX_PATH_CHARACTERS)} characters`
    : undefined
}

function cut(text: string, at: number): readonly [string, string?] {
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)]
}

/** A repository in go-containerregistry's form: every alias of Docker Hub is `index.docker.io`. */
export interface RepositoryName {
  /** `host[:port]` in lower case. */
  readonly host: string
  readonly path: string
}

/**
 * Parses `[host[:port]/]path` by go-containerregistry's rules: a first component without a dot or colon is part of the
 * path, the default registry is Docker Hub, and its one-component paths are under `library/`.
 *
 * `localhost/app` has the host `localhost`, because container runtimes parse it that way and the verified image must be
 * the one that runs. Path components are not checked against the stricter grammar of distribution/reference; use
 * {@link isRepositoryPath}.
 *
 * @throws ImageError IMAGE_REFERENCE_INVALID, with the library's message
 * @see github.com/google/go-containerregistry, pkg/name
 */
export function parseRepositoryName(text: string): RepositoryName {
  const slash = text.indexOf('/')
  const first = slash < 0 ? '' : text.slice(0, slash)
  const hasHost = first === 'localhost' || first.includes('.') || first.includes(':')
  const path = hasHost ? text.slice(slash + 1) : text
  if (path.length < 2 || path.length > MAX_PATH_CHARACTERS)
    throw invalid(`repository must be between 2 and ${String(MAX_PATH_CHARACTERS)} characters in length: ${path}`)
  const invalidCharacters = Array.from(path).filter((character) => !REPOSITORY_CHARACTERS.includes(character))
  if (invalidCharacters.length > 0)
    throw invalid(
      `repository can only contain the characters \`${REPOSITORY_CHARACTERS}\`: ${invalidCharacters.join('')}`,
    )
  const host = hasHost ? canonicalHost(first) : DOCKER_HUB
  if (host === undefined) throw invalid(`registries must be valid RFC 3986 URI authorities: ${first}`)
  return { host, path: host === DOCKER_HUB && !path.includes('/') ? `library/${path}` : path }
}

/** Returns `host[:port]` in lower case, `index.docker.io` for all of Docker Hub; undefined if `text` is not a host. */
export function canonicalHost(text: string): string | undefined {
  if (text.length > MAX_PATH_CHARACTERS || !isRegistryHost(text)) return undefined
  const host = text.toLowerCase()
  return DOCKER_HUB_HOSTS.includes(host) ? DOCKER_HUB : host
}

function invalid(problem: string): ImageError {
  return new ImageError('IMAGE_REFERENCE_INVALID', problem)
}
