import {
  aBoolean,
  aString,
  isDigest,
  optionChecker,
  type CheckOptions,
  type OptionTable,
} from '@verify-images/primitives'
import { ImageError, type ImageErrorCode } from './image-error.ts'
import { LIMITS } from './limits.ts'
import { referenceProblem, splitReference, type ReferenceParts } from './reference-grammar.ts'

/** An image reference with the defaults filled in. Missing parts are empty strings. */
export interface ImageReference {
  /** Host and port; empty for the default registry if `enableDefaultRegistryMutation` is false. */
  readonly registry: string
  /** The complete repository path. */
  readonly path: string
  /** The last segment of the path. */
  readonly name: string
  /** `latest` if the reference has neither tag nor digest. If there is a digest as well, the digest decides. */
  readonly tag: string
  readonly digest: string
  /** Same as {@link canonical}, under the name it has in Kyverno's variables. */
  readonly reference: string
  /** `registry/path:tag`; ends in `:` if there is only a digest. */
  readonly referenceWithTag: string
  /** `registry/path@digest`, or `registry/path:tag` without a digest. Patterns are matched against it. */
  readonly canonical: string
}

export interface RegistrySettings {
  /** Registry, optionally with a path, of references without one. Default: `docker.io`. */
  readonly defaultRegistry?: string
  /** Whether the default registry becomes part of the reference. Default: true. */
  readonly enableDefaultRegistryMutation?: boolean
}

/**
 * Parses an image reference as Kyverno does.
 *
 * The canonical form of a reference with tag and digest has only the digest, because runtimes do not resolve the tag.
 * White space, upper case and URL schemes are rejected, never repaired.
 *
 * @throws ImageError IMAGE_REFERENCE_INVALID, IMAGE_DIGEST_INVALID, with Kyverno's message; IMAGE_OPTIONS_INVALID
 * @see Kyverno, pkg/utils/image/infos.go
 */
export function parseImageReference(text: string, settings: RegistrySettings = {}): ImageReference {
  const { defaultRegistry, enableDefaultRegistryMutation } = readSettings(settings)
  if (typeof text !== 'string') throw new ImageError('IMAGE_REFERENCE_INVALID', 'image reference: expected a string')
  if (text.length > LIMITS.referenceCharacters) {
    throw new ImageError(
      'IMAGE_REFERENCE_INVALID',
      `image reference: expected at most ${String(LIMITS.referenceCharacters)} characters, got ${String(text.length)}`,
    )
  }
  const prefixed = !namesRegistry(text)
  const full = prefixed ? `${defaultRegistry}/${text}` : text
  const refuse = (problem: string, code: ImageErrorCode = 'IMAGE_REFERENCE_INVALID'): never => {
    throw new ImageError(
      code,
      `bad image: ${full}, defaultRegistry: ${defaultRegistry}, enableDefaultRegistryMutation: ` +
        `${String(enableDefaultRegistryMutation)}: ${problem}`,
    )
  }
  const parts = splitReference(full)
  if (parts === undefined)
    return refuse(
      splitReference(lowerCase(full)) === undefined ? 'invalid reference format' : 'repository name must be lowercase',
    )
  const problem = referenceProblem(parts)
  if (problem !== undefined) return refuse(problem)
  const digestFault = parts.digest === '' ? undefined : digestProblem(parts.digest)
  if (digestFault !== undefined) return refuse(digestFault, 'IMAGE_DIGEST_INVALID')
  return compose(prefixed && !enableDefaultRegistryMutation ? { ...parts, domain: '' } : parts)
}

const REGISTRY_SETTINGS: OptionTable<RegistrySettings> = {
  defaultRegistry: aString,
  enableDefaultRegistryMutation: aBoolean,
}

const checkOptions: CheckOptions = optionChecker((message) => new ImageError('IMAGE_OPTIONS_INVALID', message))

function readSettings(settings: RegistrySettings): Required<RegistrySettings> {
  checkOptions(settings, REGISTRY_SETTINGS)
  const { defaultRegistry = 'docker.io', enableDefaultRegistryMutation = true } = settings
  return { defaultRegistry, enableDefaultRegistryMutation }
}

/** Returns whether the text before the first slash is a registry rather than a path component. */
function namesRegistry(text: string): boolean {
  const slash = text.indexOf('/')
  if (slash < 0) return false
  const first = text.slice(0, slash)
  return /[.:]/.test(first) || first === 'localhost' || lowerCase(first) !== first
}

function compose({ domain, path, digest, ...written }: ReferenceParts): ImageReference {
  const tag = written.tag === '' && digest === '' ? 'latest' : written.tag
  const repository = domain === '' ? path : `${domain}/${path}`
  const canonical = digest === '' ? `${repository}:${tag}` : `${repository}@${digest}`
  return {
    ...withUnderscoreRegistry(domain, path),
    name: path.slice(path.lastIndexOf('/') + 1),
    tag,
    digest,
    reference: canonical,
    referenceWithTag: `${repository}:${tag}`,
    canonical,
  }
}

/** Splits off a registry with an underscore: Kyverno accepts one, although no domain may have it. */
function withUnderscoreRegistry(registry: string, path: string): { readonly registry: string; readonly path: string } {
  const slash = path.indexOf('/')
  const first = path.slice(0, slash)
  return registry === '' && slash >= 0 && first.includes('_')
    ? { registry: first, path: path.slice(slash + 1) }
    : { registry, path }
}

/** Lower-cases as Go does, one character at a time: `İ` becomes `i`, and final sigma is not special. */
function lowerCase(text: string): string {
  return Array.from(text, (character) => (character === 'İ' ? 'i' : character.toLowerCase())).join('')
}

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
