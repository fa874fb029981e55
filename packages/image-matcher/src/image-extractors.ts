import { commonKindOf, type CommonKinds } from './common-kinds.ts'
import { ImageError } from './image-error.ts'
import type { ImageCompatibility } from './image-patterns.ts'
import { LIMITS } from './limits.ts'

/** One element of a policy's `imageExtractors.<kind>`. */
export interface ImageExtractor {
  /** Keys from the root, separated by `/`; `*` is every member. The last one holds the image unless `value` is set. */
  readonly path: string
  readonly value?: string
  readonly name?: string
  readonly key?: string
  readonly jmesPath?: string
}

export type ImageExtractors = Readonly<Record<string, readonly ImageExtractor[]>>

/** An extractor with its path split and its defaults filled in. */
export interface CompiledExtractor {
  readonly group: string
  readonly path: readonly string[]
  readonly value: string
  readonly key?: string
  readonly jmesPath?: string
  /** The Kubernetes API defines the shape, so any other type on the path is an error. */
  readonly builtIn: boolean
  /** Whether Kyverno has this extractor. */
  readonly seenByKyverno: boolean
}

/** The path of the Pod spec in the kinds that Kyverno supports. */
const TEMPLATE = ['spec', 'template', 'spec']
const POD_SPECS: ReadonlyMap<string, readonly string[]> = new Map([
  ['Pod', ['spec']],
  ['DaemonSet', TEMPLATE],
  ['Deployment', TEMPLATE],
  ['ReplicaSet', TEMPLATE],
  ['ReplicationController', TEMPLATE],
  ['StatefulSet', TEMPLATE],
  ['Job', TEMPLATE],
  ['CronJob', ['spec', 'jobTemplate', ...TEMPLATE]],
])
/** The path of the Pod spec in the kinds that Kyverno ignores. */
const POD_SPECS_IGNORED_BY_KYVERNO: ReadonlyMap<string, readonly string[]> = new Map([
  ['PodTemplate', ['template', 'spec']],
])
const CONTAINER_GROUPS: readonly string[] = ['initContainers', 'containers', 'ephemeralContainers']

/** The kind of an object, with its API group where the common kinds of other projects count, too. */
export interface ObjectKind {
  readonly kind: string
  readonly commonGroup?: string | undefined
}

/**
 * Returns whether the image fields of a kind are known. If not, its images are not verified, which deserves a warning.
 *
 * Only the kind counts, not the API group, as in Kyverno: a custom resource of kind `Job` is treated as a Job. With
 * `commonGroup`, the common kinds of that API group are known, too.
 */
export function hasExtractor(kind: string, configured?: ImageExtractors, commonGroup?: string): boolean {
  return (
    isConfigured(kind, configured) ||
    POD_SPECS.has(kind) ||
    POD_SPECS_IGNORED_BY_KYVERNO.has(kind) ||
    (commonGroup !== undefined && commonKindOf(commonGroup, kind) !== undefined)
  )
}

/**
 * Returns the extractors of a kind: those of the policy, otherwise the built-in ones.
 *
 * @throws ImageError IMAGE_EXTRACTOR_INVALID
 */
export function extractorsFor(
  { kind, commonGroup }: ObjectKind,
  configured: ImageExtractors | undefined,
  compatibility: ImageCompatibility,
): readonly CompiledExtractor[] {
  const custom = isConfigured(kind, configured) ? (configured?.[kind] ?? []) : undefined
  if (custom !== undefined) {
    if (custom.length === 0) throw new ImageError('IMAGE_EXTRACTOR_INVALID', `no extractors found for ${kind}`)
    if (custom.length > LIMITS.extractors)
      throw new ImageError(
        'IMAGE_EXTRACTOR_INVALID',
        `image extractors for ${kind}: expected at most ${String(LIMITS.extractors)}, got ${String(custom.length)}`,
      )
    return custom.map(compileExtractor)
  }
  const known = POD_SPECS.get(kind)
  if (compatibility === 'kyverno') return known === undefined ? [] : containersAt(known, true)
  const podSpec = known ?? POD_SPECS_IGNORED_BY_KYVERNO.get(kind)
  const common = commonGroup === undefined ? undefined : commonKindOf(commonGroup, kind)
  return [
    ...(podSpec === undefined ? [] : [...containersAt(podSpec, known !== undefined), imageVolumesAt(podSpec)]),
    ...(common === undefined ? [] : extractorsOf(common, podSpec)),
  ]
}

/**
 * Returns the extractors of a common kind, but for the Pod spec that is known by the kind alone. They have no key: some
 * of these containers need no name.
 */
function extractorsOf(
  { podSpecs = [], images = [] }: CommonKinds,
  known: readonly string[] | undefined,
): readonly CompiledExtractor[] {
  const others = podSpecs.filter((path) => path !== known?.join('/'))
  const fields = [
    ...others.flatMap((path) => [
      ...CONTAINER_GROUPS.map((group) => `${path}/${group}/*/image`),
      `${path}/volumes/*/image/reference`,
    ]),
    ...images,
  ]
  return fields.map((path) => ({ ...compileExtractor({ path }), seenByKyverno: false }))
}

function isConfigured(kind: string, configured: ImageExtractors | undefined): boolean {
  return configured ? Object.hasOwn(configured, kind) : false
}

function compileExtractor({ path, value = '', name = '', key = '', jmesPath = '' }: ImageExtractor): CompiledExtractor {
  const steps = path
    .split('/')
    .map(trimSpaces)
    .filter((step) => step !== '')
  const field = value === '' ? steps.pop() : value
  if (field === undefined)
    throw new ImageError(
      'IMAGE_EXTRACTOR_INVALID',
      `image extractor: expected a path that names a field, got \`${path}\``,
    )
  if (steps.length > LIMITS.pathSegments)
    throw new ImageError(
      'IMAGE_EXTRACTOR_INVALID',
      `image extractor: expected a path of at most ${String(LIMITS.pathSegments)} segments, got ` +
        `${String(steps.length)}`,
    )
  return {
    group: name === '' ? 'custom' : name,
    path: steps,
    value: field,
    builtIn: false,
    seenByKyverno: true,
    ...(key === '' ? {} : { key }),
    ...(jmesPath === '' ? {} : { jmesPath }),
  }
}

/** Trims spaces only; other white space is part of a key. */
function trimSpaces(text: string): string {
  let start = 0
  let end = text.length
  while (text[start] === ' ') start++
  while (end > start && text[end - 1] === ' ') end--
  return text.slice(start, end)
}

function containersAt(podSpec: readonly string[], seenByKyverno: boolean): readonly CompiledExtractor[] {
  return CONTAINER_GROUPS.map((group) => ({
    group,
    path: [...podSpec, group, '*'],
    value: 'image',
    key: 'name',
    builtIn: true,
    seenByKyverno,
  }))
}

/** Volumes can be mounted from images, and containers run programs from them. */
function imageVolumesAt(podSpec: readonly string[]): CompiledExtractor {
  return {
    group: 'volumes',
    path: [...podSpec, 'volumes', '*', 'image'],
    value: 'reference',
    builtIn: true,
    seenByKyverno: false,
  }
}
