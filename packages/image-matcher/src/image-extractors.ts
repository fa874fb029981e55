import { ImageError } from './image-error.ts'
import type { Reading } from './image-patterns.ts'
import { LIMITS } from './limits.ts'

/** One element of a policy's `imageExtractors.<kind>`. */
export interface ImageExtractor {
  /** Steps through the object, separated by `/`; `*` is every member. The last one is the image, unless `value` names it. */
  readonly path: string
  readonly value?: string
  readonly name?: string
  readonly key?: string
  readonly jmesPath?: string
}

export type ImageExtractors = Readonly<Record<string, readonly ImageExtractor[]>>

/** An extractor in the form the walk takes. */
export interface CompiledExtractor {
  readonly group: string
  readonly path: readonly string[]
  readonly value: string
  readonly key?: string
  readonly jmesPath?: string
  /** Of a shape that Kubernetes fixes, so that anything else than the right types is an error. */
  readonly builtIn: boolean
  /** Whether Kyverno has it, too. */
  readonly upstreamSees: boolean
}

/** Where the Pod is in the kinds that Kyverno knows. */
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
/** Kinds that hold a Pod as well, and that Kyverno passes over. */
const OVERLOOKED_POD_SPECS: ReadonlyMap<string, readonly string[]> = new Map([['PodTemplate', ['template', 'spec']]])
const CONTAINER_GROUPS: readonly string[] = ['initContainers', 'containers', 'ephemeralContainers']

/**
 * Whether anyone knows where a kind keeps its images. If not, nothing in it is looked at, which is worth a warning.
 *
 * Only the name of the kind counts, as upstream: a custom resource that is called `Job` is read like a Job.
 */
export function hasExtractor(kind: string, configured?: ImageExtractors): boolean {
  return isConfigured(kind, configured) || POD_SPECS.has(kind) || OVERLOOKED_POD_SPECS.has(kind)
}

/**
 * How to find the images of a kind: as the policy says, else as is known of the kind.
 *
 * @throws ImageError IMAGE_EXTRACTOR_INVALID
 */
export function extractorsFor(
  kind: string,
  configured: ImageExtractors | undefined,
  reading: Reading,
): readonly CompiledExtractor[] {
  const custom = isConfigured(kind, configured) ? (configured?.[kind] ?? []) : undefined
  if (custom !== undefined) {
    if (custom.length === 0) throw new ImageError('IMAGE_EXTRACTOR_INVALID', `no extractors found for ${kind}`)
    if (custom.length > LIMITS.extractors)
      throw new ImageError(
        'IMAGE_EXTRACTOR_INVALID',
        `${String(custom.length)} extractors for ${kind} are more than ${String(LIMITS.extractors)}`,
      )
    return custom.map(compileExtractor)
  }
  const known = POD_SPECS.get(kind)
  if (reading === 'upstream') return known === undefined ? [] : containersAt(known, true)
  const podSpec = known ?? OVERLOOKED_POD_SPECS.get(kind)
  return podSpec === undefined ? [] : [...containersAt(podSpec, known !== undefined), imageVolumesAt(podSpec)]
}

function isConfigured(kind: string, configured: ImageExtractors | undefined): boolean {
  return configured ? Object.hasOwn(configured, kind) : false
}

function compileExtractor({ path, value = '', name = '', key = '', jmesPath = '' }: ImageExtractor): CompiledExtractor {
  const steps = path
    .split('/')
    .map(withoutOuterSpaces)
    .filter((step) => step !== '')
  const field = value === '' ? steps.pop() : value
  if (field === undefined)
    throw new ImageError('IMAGE_EXTRACTOR_INVALID', `the path \`${path}\` of an image extractor names no field`)
  if (steps.length > LIMITS.pathSegments)
    throw new ImageError(
      'IMAGE_EXTRACTOR_INVALID',
      `the path of an image extractor has ${String(steps.length)} steps, more than ${String(LIMITS.pathSegments)}`,
    )
  return {
    group: name === '' ? 'custom' : name,
    path: steps,
    value: field,
    builtIn: false,
    upstreamSees: true,
    ...(key === '' ? {} : { key }),
    ...(jmesPath === '' ? {} : { jmesPath }),
  }
}

/** Spaces only; other white space is part of a name. */
function withoutOuterSpaces(text: string): string {
  let start = 0
  let end = text.length
  while (text[start] === ' ') start++
  while (end > start && text[end - 1] === ' ') end--
  return text.slice(start, end)
}

function containersAt(podSpec: readonly string[], upstreamSees: boolean): readonly CompiledExtractor[] {
  return CONTAINER_GROUPS.map((group) => ({
    group,
    path: [...podSpec, group, '*'],
    value: 'image',
    key: 'name',
    builtIn: true,
    upstreamSees,
  }))
}

/** Volumes may be filled from images; what is in them runs as readily as what is in the container's own image. */
function imageVolumesAt(podSpec: readonly string[]): CompiledExtractor {
  return {
    group: 'volumes',
    path: [...podSpec, 'volumes', '*', 'image'],
    value: 'reference',
    builtIn: true,
    upstreamSees: false,
  }
}
