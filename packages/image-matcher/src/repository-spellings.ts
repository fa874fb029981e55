import type { ImageReference } from './image-reference.ts'
import { DOCKER_HUB_HOSTS } from './reference-grammar.ts'

const HTTPS_PORT = ':443'
const OFFICIAL = 'library/'

/**
 * All ways to write the repository of an image, its own first: hosts in lower case and with addresses in their normal
 * form, with and without the port of https, and for Docker Hub its other names, with and without `library/`.
 *
 * Whoever writes a Pod chooses the spelling, and each of them runs the same image.
 */
export function repositorySpellings({ registry, path }: Pick<ImageReference, 'registry' | 'path'>): readonly string[] {
  const host = normalHost(registry)
  const isHub = host === '' || DOCKER_HUB_HOSTS.includes(host)
  const hosts = isHub ? DOCKER_HUB_HOSTS : [host]
  const paths = isHub ? officialPaths(path) : [path]
  const names = hosts.flatMap(withHttpsPort).flatMap((each) => paths.map((of) => `${each}/${of}`))
  const own = registry === '' ? path : `${registry}/${path}`
  return [...new Set([own, ...names, ...(isHub ? paths : [])])]
}

/** The host as every client that connects to it ends up reading it. */
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
