import { aText } from '@verify-images/primitives'

import { checkValue, invalid } from './check-options.ts'
import { isDigest } from './digest.ts'
import { RegistryError } from './registry-error.ts'
import { shown } from './upstream-text.ts'

/** A repository as requests are made to it: Docker Hub's names are already written out. */
export interface Repository {
  /** `host[:port]` as upstream names it: `index.docker.io` for every spelling of Docker Hub. */
  readonly host: string
  readonly path: string
  /** `host/path`. */
  readonly name: string
}

const DOCKER_HUB = 'index.docker.io'
/** Spellings of one registry. A rule or credential for one of them is for all. */
const HUB_ALIASES: ReadonlySet<string> = new Set(['docker.io', DOCKER_HUB, 'registry-1.docker.io'])

const HOST =
  /^(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*|\[[0-9a-f:.]{2,45}\])(?::(\d{1,5}))?$/
const PATH_COMPONENT = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*$/
const TAG = /^\w[\w.-]{0,127}$/
/** The whole name; longer ones are refused by registries, too. */
const MAX_NAME_LENGTH = 255

/** `host[:port]` in lower case with Docker Hub's spellings made one; undefined if it is no host. */
export function canonicalHost(text: string): string | undefined {
  const host = text.toLowerCase()
  const match = text.length <= MAX_NAME_LENGTH ? HOST.exec(host) : null
  if (match === null || (match[1] !== undefined && (Number(match[1]) === 0 || Number(match[1]) > 65_535)))
    return undefined
  return HUB_ALIASES.has(host) ? DOCKER_HUB : host
}

/**
 * The host that an option names, in its canonical form.
 *
 * @throws RegistryError `REGISTRY_OPTIONS_INVALID`
 */
export function hostNamed(name: string, option: string): string {
  checkValue(name, aText, option)
  const host = canonicalHost(name)
  if (host === undefined) throw invalid(`\`${option}\`: \`${shown(name, 80)}\` is not \`host[:port]\``)
  return host
}

/**
 * The parts of `host[:port]/path`, by go-containerregistry's rules: a first part without a dot or colon is no host but
 * Docker Hub's, and Docker Hub's one-part names are under `library/`.
 *
 * `localhost/app` is a host here: container runtimes read it so, and what is verified must be what they run.
 *
 * @throws RegistryError `REGISTRY_REFERENCE_INVALID`
 */
export function parseRepository(text: string): Repository {
  if (typeof text !== 'string')
    throw new RegistryError('REGISTRY_REFERENCE_INVALID', 'the repository is not named by a text')
  const slash = text.indexOf('/')
  const first = text.slice(0, Math.max(slash, 0))
  const hasHost = first === 'localhost' || first.includes('.') || first.includes(':')
  const host = canonicalHost(hasHost ? first : DOCKER_HUB)
  const rest = hasHost ? text.slice(slash + 1) : text
  const path = host === DOCKER_HUB && !rest.includes('/') ? `library/${rest}` : rest
  if (
    host === undefined ||
    path.length > MAX_NAME_LENGTH ||
    !path.split('/').every((part) => PATH_COMPONENT.test(part))
  ) {
    throw new RegistryError('REGISTRY_REFERENCE_INVALID', `\`${shown(text)}\` is not a repository name`, {
      upstreamText: `could not parse reference: ${shown(text)}`,
    })
  }
  return { host, path, name: `${host}/${path}` }
}

/** @throws RegistryError `REGISTRY_REFERENCE_INVALID` unless the text is a tag or a digest of a known algorithm */
export function checkReference(reference: string): void {
  if (typeof reference !== 'string')
    throw new RegistryError('REGISTRY_REFERENCE_INVALID', 'neither a tag nor a digest was given')
  if (isDigest(reference) || TAG.test(reference)) return
  throw new RegistryError('REGISTRY_REFERENCE_INVALID', `\`${shown(reference)}\` is neither a tag nor a digest`, {
    upstreamText: `could not parse reference: ${shown(reference)}`,
  })
}

/** Whether go-containerregistry would also try plain HTTP by itself. Only used to word a fault as it would; we never do. */
export function upstreamTriesPlainHttp(host: string): boolean {
  return (
    /\.local(?:host)?(?::\d{1,5})?$/.test(host) ||
    host.startsWith('localhost:') ||
    host.includes('127.0.0.1') ||
    host.includes('::1') ||
    /^(?:10|192\.168|172\.(?:1[6-9]|2\d|3[01]))\.[\d.]+(?::\d+)?$/.test(host)
  )
}
