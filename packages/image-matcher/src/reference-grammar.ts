import { isDigest } from '@verify-images/primitives'
import { ImageError } from './image-error.ts'

/*
 * Two Go libraries read image references, and Kyverno uses both: distribution/reference for the images of a resource, and
 * go-containerregistry's `name` for everything that it asks of a registry. Where they differ, the same text can name two
 * images; the README lists the differences, and reference-grammar.test.ts has a test for each row.
 */

const TAG = /^\w[\w.-]{0,127}$/
const DIGEST = /^[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9A-Fa-f]{32,}$/
const PATH_COMPONENT = /^[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*$/
const DOMAIN_LABEL = /^[a-zA-Z0-9-]+$/
const IPV6 = /^\[[a-fA-F0-9:]+\]$/
const HOST_AND_PORT = /^(\[[^\]]*\]|[^:]*)(?::(\d+))?$/

/** Characters that go-containerregistry allows in a repository path, in any order. */
const REPOSITORY_CHARACTERS = 'abcdefghijklmnopqrstuvwxyz0123456789_-./'
const MAX_PATH_CHARACTERS = 255
const MAX_PORT = 65_535

/** The name that go-containerregistry gives to Docker Hub. */
export const DOCKER_HUB = 'index.docker.io'
/** Hosts under which Docker Hub answers. A rule or a credential for one of them is for all. */
export const DOCKER_HUB_HOSTS: readonly string[] = [
  'docker.io',
  DOCKER_HUB,
  'registry-1.docker.io',
  'registry.hub.docker.com',
]

/** Whether `text` is a tag. */
export function isTag(text: string): boolean {
  return TAG.test(text)
}

/** Whether `text` is a repository path whose components are all well-formed. */
export function isRepositoryPath(text: string): boolean {
  return text.length <= MAX_PATH_CHARACTERS && hasValidComponents(text)
}

function hasValidComponents(path: string): boolean {
  return path.split('/').every((component) => PATH_COMPONENT.test(component))
}

/** Whether `text` is `host[:port]` in the grammar that both libraries accept, in any case. */
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

/** The parts of a reference as written; the digest is not checked yet. Missing parts are empty. */
export interface ReferenceParts {
  readonly domain: string
  readonly path: string
  readonly tag: string
  readonly digest: string
}

/**
 * Splits `[domain/]path[:tag][@digest]` as distribution/reference does; returns undefined if `text` is not of this form.
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
  if (tag !== undefined && !isTag(tag)) return undefined
  const [first, rest] = cut(name, name.indexOf('/'))
  // A first component that can be a domain is one, even where it could be part of the path.
  const hasDomain = rest !== undefined && isDomain(first)
  const path = hasDomain ? rest : name
  if (!hasValidComponents(path)) return undefined
  return { domain: hasDomain ? first : '', path, tag: tag ?? '', digest: digest ?? '' }
}

/** Whether `text` is an image reference that distribution/reference parses. Nothing is filled in. */
export function isImageReference(text: string): boolean {
  const parts = splitReference(text)
  return parts !== undefined && referenceProblem(parts) === undefined && (parts.digest === '' || isDigest(parts.digest))
}

/** Why a reference that {@link splitReference} accepts is refused all the same; undefined if it is not. */
export function referenceProblem({ path }: ReferenceParts): string | undefined {
  return path.length > MAX_PATH_CHARACTERS
    ? `repository name must not be more than ${String(MAX_PATH_CHARACTERS)} characters`
    : undefined
}

function cut(text: string, at: number): readonly [string, string?] {
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)]
}

/** A repository as go-containerregistry names it: every host of Docker Hub is `index.docker.io`. */
export interface RepositoryName {
  /** `host[:port]` in lower case. */
  readonly host: string
  readonly path: string
}

/**
 * Parses `[host[:port]/]path` by go-containerregistry's rules: a first component without a dot or colon is part of the
 * path, the default registry is Docker Hub, and its one-component paths are under `library/`.
 *
 * `localhost/app` names a host here, because container runtimes read it that way and the image that is verified must be
 * the image that runs. Path components follow the stricter grammar of distribution/reference only in
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
  const strange = Array.from(path).filter((character) => !REPOSITORY_CHARACTERS.includes(character))
  if (strange.length > 0)
    throw invalid(`repository can only contain the characters \`${REPOSITORY_CHARACTERS}\`: ${strange.join('')}`)
  const host = hasHost ? canonicalHost(first) : DOCKER_HUB
  if (host === undefined) throw invalid(`registries must be valid RFC 3986 URI authorities: ${first}`)
  return { host, path: host === DOCKER_HUB && !path.includes('/') ? `library/${path}` : path }
}

/** `host[:port]` in lower case with every host of Docker Hub as `index.docker.io`; undefined if `text` is not a host. */
export function canonicalHost(text: string): string | undefined {
  if (text.length > MAX_PATH_CHARACTERS || !isRegistryHost(text)) return undefined
  const host = text.toLowerCase()
  return DOCKER_HUB_HOSTS.includes(host) ? DOCKER_HUB : host
}

function invalid(problem: string): ImageError {
  return new ImageError('IMAGE_REFERENCE_INVALID', problem)
}
