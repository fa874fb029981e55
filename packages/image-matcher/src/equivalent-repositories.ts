import type { ImageReference } from './image-reference.ts'
import { DOCKER_HUB_HOSTS } from './reference-grammar.ts'

const HTTPS_PORT = ':443'
const OFFICIAL = 'library/'

/**
 * Returns all names of the repository of an image, its own first: the host in lower case with a normalized
 * address, with and without port 443, and for Docker Hub every alias of the host, with and without `library/`.
 *
 * The author of a Pod chooses among these names, and all of them run the same image.
 */
export function equivalentRepositories({
  registry,
  path,
}: Pick<ImageReference, 'registry' | 'path'>): readonly string[] {
  const host = normalHost(registry)
  const isHub = host === '' || DOCKER_HUB_HOSTS.includes(host)
  const hosts = isHub ? DOCKER_HUB_HOSTS : [host]
  const paths = isHub ? officialPaths(path) : [path]
  const names = hosts.flatMap(withHttpsPort).flatMap((each) => paths.map((of) => `${each}/${of}`))
  const own = registry === '' ? path : `${registry}/${path}`
  return [...new Set([own, ...names, ...(isHub ? paths : [])])]
}

/** Returns the host as a URL parser normalizes it, which is what clients connect to. */
function normalHost(registry: string): string {
  return URL.parse(`https://${registry}`)?.host ?? registry.toLowerCase()
}

function withHttpsPort(host: string): readonly string[] {
  return /:\d+$/.test(host) ? [host] : [host, `${host}${HTTPS_PORT}`]
}

function officialPaths(path: string): readonly string[] {
  if (!path.includes('/')) return [path, `${OFFICIAL}${path}`]
  const name = path.slice(OFFICIAL.length)
  return path.startsWith(OFFICIAL) && !name.includes('/') ? [path, name] : [path]
}
