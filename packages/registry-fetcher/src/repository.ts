import {
  canonicalHost,
  isRepositoryPath,
  isTag,
  parseRepositoryName,
  type RepositoryName,
} from '@verify-images/image-matcher'
import { aString, isDigest, printableText } from '@verify-images/primitives'

import { checkValue, invalid } from './check-options.ts'
import { MAX_PRINTED_LENGTH } from './limits.ts'
import { RegistryError } from './registry-error.ts'

/** A repository as requests name it: short names of Docker Hub are expanded. */
export interface Repository {
  /** `host[:port]`; `index.docker.io` for every name of Docker Hub. */
  readonly host: string
  readonly path: string
  /** `host/path`. */
  readonly name: string
}

/**
 * Returns the canonical form of a host in the options.
 *
 * @throws RegistryError `REGISTRY_OPTIONS_INVALID`
 */
export function hostNamed(name: string, option: string): string {
  checkValue(name, aString, option)
  const host = canonicalHost(name)
  if (host === undefined) throw invalid(`\`${option}\`: expected \`host[:port]\`, got \`${printableText(name, 80)}\``)
  return host
}

/**
 * Parses `[host[:port]/]path` as go-containerregistry does, and refuses path components that no registry serves.
 *
 * @throws RegistryError `REGISTRY_REFERENCE_INVALID`
 */
export function parseRepository(text: string): Repository {
  if (typeof text !== 'string')
    throw new RegistryError('REGISTRY_REFERENCE_INVALID', 'invalid repository: expected a string')
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
  return new RegistryError(
    'REGISTRY_REFERENCE_INVALID',
    `invalid repository: expected \`host[:port]/path\`, got \`${printable(text)}\``,
    {
      detail: { kind: 'registry-reference-invalid', reference: printable(text) },
      cause,
    },
  )
}

/** @throws RegistryError `REGISTRY_REFERENCE_INVALID` unless the string is a tag or a digest of a known algorithm */
export function checkReference(reference: string): void {
  if (typeof reference !== 'string')
    throw new RegistryError('REGISTRY_REFERENCE_INVALID', 'invalid reference: expected a tag or a digest')
  if (isDigest(reference) || isTag(reference)) return
  throw new RegistryError(
    'REGISTRY_REFERENCE_INVALID',
    `invalid reference: expected a tag or a digest, got \`${printable(reference)}\``,
    {
      detail: { kind: 'registry-reference-invalid', reference: printable(reference) },
    },
  )
}

function printable(text: string): string {
  return printableText(text, MAX_PRINTED_LENGTH)
}
