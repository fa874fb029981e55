import { isJsonObject, type Json, type JsonObject, ownMember } from '@verify-images/primitives'
import { ImageError } from './image-error.ts'
import { extractorsFor, hasExtractor, type CompiledExtractor, type ImageExtractors } from './image-extractors.ts'
import type { Reading } from './image-patterns.ts'
import { toPointer, toUpstreamPointer } from './json-pointer.ts'
import { LIMITS } from './limits.ts'
import { readImage, type FoundImage, type ReadOptions } from './read-image.ts'
import { findHolders } from './walk-object.ts'

export interface ExtractOptions extends ReadOptions {
  /** `strict` unless given. */
  readonly reading?: Reading
}

export interface ExtractedImage extends FoundImage {
  /** Whether Kyverno finds it: not in volumes, not in a PodTemplate, not behind another image of the same group and key. */
  readonly upstreamSees: boolean
}

/** What Kyverno's variables know of an image. */
export interface UpstreamImage {
  readonly registry?: string
  readonly name: string
  readonly path: string
  readonly tag?: string
  readonly digest?: string
  readonly reference: string
  readonly referenceWithTag: string
  /** Not escaped, as upstream. */
  readonly jsonPointer: string
  readonly imagePullSecrets: readonly string[]
}

/**
 * The images of an object, in document order: containers by kind, then image volumes.
 *
 * Nothing is passed over: a name that cannot be parsed, a list that is none, a text that is a number is an error of the
 * whole object, since a container beside it would otherwise go unchecked. Two containers of one name are two images.
 * With `reading: 'upstream'` the result is what Kyverno finds.
 *
 * @param extractors the rule's `imageExtractors`; those of a kind replace what is known of it
 * @throws ImageError with the place in `pointer`
 * @see Kyverno, pkg/utils/api/image.go
 */
export function extractImages(
  resource: JsonObject,
  extractors?: ImageExtractors,
  options: ExtractOptions = {},
): readonly ExtractedImage[] {
  const reading = options.reading ?? 'strict'
  if (!isJsonObject(resource))
    throw new ImageError('IMAGE_OBJECT_INVALID', 'the resource is not an object', { pointer: '' })
  const kind = ownMember(resource, 'kind')
  if (typeof kind !== 'string') return []
  if (reading !== 'upstream' && kind === 'List' && !hasExtractor(kind, extractors))
    return imagesOfList(resource, extractors, options)
  const found = extractorsFor(kind, extractors, reading).map((extractor) => ({
    extractor,
    images: imagesOf(resource, extractor, { ...options, reading }),
  }))
  refuseTooMany(found.reduce((sum, { images }) => sum + images.length, 0))
  const marked = found.flatMap(({ extractor, images }, at) => {
    const groupReplaced = found
      .slice(at + 1)
      .some((later) => later.extractor.group === extractor.group && later.images.length > 0)
    const lastOfKey = new Map(images.map((image) => [image.key, image]))
    return images.map((image) => ({
      ...image,
      upstreamSees: extractor.upstreamSees && !groupReplaced && lastOfKey.get(image.key) === image,
    }))
  })
  return reading !== 'upstream' ? marked : marked.filter(({ upstreamSees }) => upstreamSees)
}

/**
 * The images as Kyverno's variable `images` has them: group, then key.
 *
 * @throws ImageError where Kyverno's extraction fails
 */
export function extractImagesAsUpstream(
  resource: JsonObject,
  extractors?: ImageExtractors,
  options: ReadOptions = {},
): Readonly<Record<string, Readonly<Record<string, UpstreamImage>>>> {
  const groups = new Map<string, (readonly [string, UpstreamImage])[]>()
  for (const image of extractImages(resource, extractors, { ...options, reading: 'upstream' })) {
    groups.set(image.group, [...(groups.get(image.group) ?? []), [image.key, describe(image)]])
  }
  return Object.fromEntries([...groups].map(([group, images]) => [group, Object.fromEntries(images)]))
}

function imagesOf(
  resource: JsonObject,
  extractor: CompiledExtractor,
  options: ReadOptions & { readonly reading: Reading },
): readonly FoundImage[] {
  const images: FoundImage[] = []
  for (const holder of findHolders(resource, extractor, options.reading)) {
    const image = readImage(holder, extractor, options)
    if (image !== undefined) images.push(image)
    refuseTooMany(images.length)
  }
  return images
}

function refuseTooMany(count: number): void {
  if (count > LIMITS.images)
    throw new ImageError('IMAGE_LIMIT_EXCEEDED', `the object has more than ${String(LIMITS.images)} images`)
}

/** A List is not an object of its own: what it holds is. */
function imagesOfList(
  list: JsonObject,
  extractors: ImageExtractors | undefined,
  options: ExtractOptions,
): readonly ExtractedImage[] {
  const items = ownMember(list, 'items') ?? []
  if (!Array.isArray(items))
    throw new ImageError('IMAGE_OBJECT_INVALID', '`/items` is not a list', { pointer: '/items', difference: 'S1' })
  const images = items.flatMap((item: Json, index) => {
    const at = ['items', String(index)]
    if (!isJsonObject(item) || ownMember(item, 'kind') === 'List')
      throw new ImageError('IMAGE_OBJECT_INVALID', `\`${toPointer(at)}\` is not an object`, {
        pointer: toPointer(at),
        difference: 'S1',
      })
    return extractImages(item, extractors, options).map((image) => moved(image, at))
  })
  refuseTooMany(images.length)
  return images
}

function moved(image: ExtractedImage, to: readonly string[]): ExtractedImage {
  const path = [...to, ...image.path]
  const key = image.key === toUpstreamPointer(image.path) ? toUpstreamPointer(path) : image.key
  return { ...image, key, path, pointer: toPointer(path), upstreamSees: false }
}

function describe({
  path: place,
  imagePullSecrets,
  reference: { registry, name, path, tag, digest, reference, referenceWithTag },
}: ExtractedImage): UpstreamImage {
  return {
    ...(registry === '' ? {} : { registry }),
    name,
    path,
    ...(tag === '' ? {} : { tag }),
    ...(digest === '' ? {} : { digest }),
    reference,
    referenceWithTag,
    jsonPointer: toUpstreamPointer(place),
    imagePullSecrets,
  }
}
