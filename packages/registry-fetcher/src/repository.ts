import {
  canonicalHost,
  isRepositoryPath,
  isTag,
  parseRepositoryName,
  type RepositoryName,
} from '@verify-images/image-matcher'
import { aString, isDigest } from '@verify-images/primitives'

import { checkValue, invalid } from './check-options.ts'
import { RegistryError } from './registry-error.ts'
import { shown } from './shown.ts'

/** A repository as requests are made to it: Docker Hub's names are already written out. */
export interface Repository {
  /** `host[:port]` as requests name it: `index.docker.io` for every spelling of Docker Hub. */
  readonly host: string
  readonly path: string
  /** `host/path`. */
  readonly name: string
}

/**
 * The host that an option names, in its canonical form.
 *
 * @throws RegistryError `REGISTRY_OPTIONS_INVALID`
 */
export function hostNamed(name: string, option: string): string {
  checkValue(name, aString, option)
  const host = canonicalHost(name)
  if (host === undefined) throw invalid(`\`${option}\`: \`${shown(name, 80)}\` is not \`host[:port]\``)
  return host
}

/**
 * Parses `[host[:port]/]path` as go-containerregistry does, and refuses path components that no registry serves.
 *
 * @throws RegistryError `REGISTRY_REFERENCE_INVALID`
 */
export function parseRepository(text: string): Repository {
  if (typeof text !== 'string')
    throw new RegistryError('REGISTRY_REFERENCE_INVALID', 'the repository is not named by a text')
  const { host, path } = repositoryName(text)
  if (!isRepositoryPath(path)) throw notARepository(text)
  return { host, path, name: `${host}/${path}` }
}

function repositoryName(text: string): RepositoryName {
  try {
    return parseRepositoryName(text)
  } catch (cause) {
    throw notARepository(text, cause)
  }
}

function notARepository(text: string, cause?: unknown): RegistryError {
  return new RegistryError('REGISTRY_REFERENCE_INVALID', `\`${shown(text)}\` is not a repository name`, {
    detail: { kind: 'registry-reference-invalid', reference: shown(text) },
    cause,
  })
}

/** @throws RegistryError `REGISTRY_REFERENCE_INVALID` unless the text is a tag or a digest of a known algorithm */
export function checkReference(reference: string): void {
  if (typeof reference !== 'string')
    throw new RegistryError('REGISTRY_REFERENCE_INVALID', 'neither a tag nor a digest was given')
  if (isDigest(reference) || isTag(reference)) return
  throw new RegistryError('REGISTRY_REFERENCE_INVALID', `\`${shown(reference)}\` is neither a tag nor a digest`, {
    detail: { kind: 'registry-reference-invalid', reference: shown(reference) },
  })
}
