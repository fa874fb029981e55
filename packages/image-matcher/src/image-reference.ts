import { aBoolean, aString, findOptionFault, type OptionTable } from '@verify-images/primitives'
import { digestProblem } from './digest.ts'
import { ImageError, type ImageErrorCode } from './image-error.ts'
import { LIMITS } from './limits.ts'
import { referenceProblem, splitReference, type ReferenceParts } from './reference-grammar.ts'

/** An image reference with the defaults filled in. Parts that are missing are empty. */
export interface ImageReference {
  /** Host and port; empty where the default registry is not to be written. */
  readonly registry: string
  /** The whole repository path. */
  readonly path: string
  /** The last segment of the path. */
  readonly name: string
  /** `latest` when neither tag nor digest was written; may stand beside a digest, which then is what counts. */
  readonly tag: string
  readonly digest: string
  /** {@link canonical}; upstream's name for it in variables. */
  readonly reference: string
  /** `registry/path:tag`; ends in `:` where there is only a digest. */
  readonly referenceWithTag: string
  /** `registry/path@digest`, or `registry/path:tag` when there is no digest: what patterns are matched against. */
  readonly canonical: string
}

export interface RegistrySettings {
  /** Where images without a registry come from, possibly with a path; `docker.io` unless given. */
  readonly defaultRegistry?: string
  /** Whether that registry becomes part of the reference; true unless given. */
  readonly enableDefaultRegistryMutation?: boolean
}

/**
 * The parts of an image reference, read as Kyverno reads it.
 *
 * A digest wins: the canonical form drops a tag that stands beside it, because nobody resolves that tag. Nothing is
 * repaired: blanks, upper case and schemes are refused.
 *
 * @throws ImageError IMAGE_REFERENCE_INVALID, IMAGE_DIGEST_INVALID, with upstream's message; IMAGE_OPTIONS_INVALID
 * @see Kyverno, pkg/utils/image/infos.go
 */
export function parseImageReference(text: string, settings: RegistrySettings = {}): ImageReference {
  const { defaultRegistry, enableDefaultRegistryMutation } = readSettings(settings)
  if (typeof text !== 'string') throw new ImageError('IMAGE_REFERENCE_INVALID', 'an image reference must be a text')
  if (text.length > LIMITS.referenceCharacters) {
    throw new ImageError(
      'IMAGE_REFERENCE_INVALID',
      `an image reference of ${String(text.length)} characters is longer than ${String(LIMITS.referenceCharacters)}`,
    )
  }
  const prefixed = !namesRegistry(text)
  const full = prefixed ? `${defaultRegistry}/${text}` : text
  const refuse = (problem: string, code: ImageErrorCode = 'IMAGE_REFERENCE_INVALID'): never => {
    throw new ImageError(
      code,
      `bad image: ${full}, defaultRegistry: ${defaultRegistry}, enableDefaultRegistryMutation: ${String(enableDefaultRegistryMutation)}: ${problem}`,
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

function readSettings(settings: RegistrySettings): Required<RegistrySettings> {
  const fault = findOptionFault(settings, REGISTRY_SETTINGS)
  if (fault !== undefined) throw new ImageError('IMAGE_OPTIONS_INVALID', `\`${fault.path}\`: ${fault.problem}`)
  const { defaultRegistry = 'docker.io', enableDefaultRegistryMutation = true } = settings
  return { defaultRegistry, enableDefaultRegistryMutation }
}

/** Whether the text before the first slash is a registry rather than the first segment of a path. */
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

/** A first segment with an underscore cannot be a domain of the grammar; where there is none, upstream takes it for one. */
function withUnderscoreRegistry(registry: string, path: string): { readonly registry: string; readonly path: string } {
  const slash = path.indexOf('/')
  const first = path.slice(0, slash)
  return registry === '' && slash >= 0 && first.includes('_')
    ? { registry: first, path: path.slice(slash + 1) }
    : { registry, path }
}

/** Go's lower case: one character for one, so `İ` becomes `i`, and no letter depends on its neighbours. */
function lowerCase(text: string): string {
  return Array.from(text, (character) => (character === 'İ' ? 'i' : character.toLowerCase())).join('')
}
