import { isJsonObject, type Json, type JsonObject, ownMember } from '@verify-images/primitives'
import { ImageError } from './image-error.ts'
import { extractorsFor, hasExtractor, type CompiledExtractor, type ImageExtractors } from './image-extractors.ts'
import type { ImageCompatibility } from './image-patterns.ts'
import { toPointer, toKyvernoPointer } from './json-pointer.ts'
import { LIMITS } from './limits.ts'
import { readImage, type FoundImage, type ReadImageOptions } from './read-image.ts'
import { findHolders } from './walk-object.ts'

export interface ExtractOptions extends ReadImageOptions {
  /** Default: `strict`. */
  readonly compatibility?: ImageCompatibility
  /** Whether the {@link COMMON_KINDS} of other projects are searched, too; never with `compatibility: 'kyverno'`. */
  readonly commonKinds?: boolean
}

export interface ExtractedImage extends FoundImage {
  /** Whether Kyverno finds it. It misses volumes, PodTemplates, and all but the last image of a group and key. */
  readonly seenByKyverno: boolean
}

/** An image in Kyverno's variable `images`. */
export interface KyvernoImage {
  readonly registry?: string
  readonly name: string
  readonly path: string
  readonly tag?: string
  readonly digest?: string
  readonly reference: string
  readonly referenceWithTag: string
  /** Not escaped, as in Kyverno. */
  readonly jsonPointer: string
  readonly imagePullSecrets: readonly string[]
}

/**
 * Returns the images of an object in document order: containers by group, then image volumes.
 *
 * An invalid reference, or a value of the wrong type, throws for the whole object: skipping it would leave an image
 * unchecked. Two containers with the same name are two images. With `compatibility: 'kyverno'` returns what
 * Kyverno finds.
 *
 * @param extractors the rule's `imageExtractors`; for their kinds they replace the built-in extractors
 * @throws ImageError with the location in `pointer`
 * @see Kyverno, pkg/utils/api/image.go
 */
export function extractImages(
  resource: JsonObject,
  extractors?: ImageExtractors,
  options: ExtractOptions = {},
): readonly ExtractedImage[] {
  const compatibility = options.compatibility ?? 'strict'
  if (!isJsonObject(resource))
    throw new ImageError('IMAGE_OBJECT_INVALID', 'resource: expected an object', { pointer: '' })
  const kind = ownMember(resource, 'kind')
  if (typeof kind !== 'string') return []
  if (compatibility !== 'kyverno' && kind === 'List' && !hasExtractor(kind, extractors))
    return imagesOfList(resource, extractors, options)
  const commonGroup = options.commonKinds ? groupOf(resource) : undefined
  const found = extractorsFor({ kind, commonGroup }, extractors, compatibility).map((extractor) => ({
    extractor,
    images: imagesOf(resource, extractor, { ...options, compatibility }),
  }))
  limitImages(found.reduce((sum, { images }) => sum + images.length, 0))
  const marked = found.flatMap(({ extractor, images }, at) => {
    const groupReplaced = found
      .slice(at + 1)
      .some((later) => later.extractor.group === extractor.group && later.images.length > 0)
    const lastOfKey = new Map(images.map((image) => [image.key, image]))
    return images.map((image) => ({
      ...image,
      seenByKyverno: extractor.seenByKyverno && !groupReplaced && lastOfKey.get(image.key) === image,
    }))
  })
  return compatibility !== 'kyverno' ? marked : marked.filter(({ seenByKyverno }) => seenByKyverno)
}

/** Returns the API group of an object; that of Kubernetes' core is empty. */
function groupOf(resource: JsonObject): string {
  const apiVersion = ownMember(resource, 'apiVersion')
  return typeof apiVersion === 'string' && apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : ''
}

/**
 * Returns the content of Kyverno's variable `images`, by group and key.
 *
 * @throws ImageError if Kyverno's extraction fails
 */
export function extractKyvernoImages(
  resource: JsonObject,
  extractors?: ImageExtractors,
  options: ReadImageOptions = {},
): Readonly<Record<string, Readonly<Record<string, KyvernoImage>>>> {
  const groups = new Map<string, (readonly [string, KyvernoImage])[]>()
  for (const image of extractImages(resource, extractors, { ...options, compatibility: 'kyverno' })) {
    groups.set(image.group, [...(groups.get(image.group) ?? []), [image.key, describe(image)]])
  }
  return Object.fromEntries([...groups].map(([group, images]) => [group, Object.fromEntries(images)]))
}

function imagesOf(
  resource: JsonObject,
  extractor: CompiledExtractor,
  options: ReadImageOptions & { readonly compatibility: ImageCompatibility },
): readonly FoundImage[] {
  const images: FoundImage[] = []
  for (const holder of findHolders(resource, extractor, options.compatibility)) {
    const image = readImage(holder, extractor, options)
    if (image !== undefined) images.push(image)
    limitImages(images.length)
  }
  return images
}

function limitImages(count: number): void {
  if (count > LIMITS.images)
    throw new ImageError('IMAGE_LIMIT_EXCEEDED', `images: expected at most ${String(LIMITS.images)} in one object`)
}

/** Returns the images of the items of a List. */
function imagesOfList(
  list: JsonObject,
  extractors: ImageExtractors | undefined,
  options: ExtractOptions,
): readonly ExtractedImage[] {
  const items = ownMember(list, 'items') ?? []
  if (!Array.isArray(items))
    throw new ImageError('IMAGE_OBJECT_INVALID', '`/items`: expected an array', { pointer: '/items', difference: 'S1' })
  const images = items.flatMap((item: Json, index) => {
    const at = ['items', String(index)]
    if (!isJsonObject(item) || ownMember(item, 'kind') === 'List')
      throw new ImageError('IMAGE_OBJECT_INVALID', `\`${toPointer(at)}\`: expected an object that is not a List`, {
        pointer: toPointer(at),
        difference: 'S1',
      })
    return extractImages(item, extractors, options).map((image) => inItem(image, at))
  })
  limitImages(images.length)
  return images
}

function inItem(image: ExtractedImage, to: readonly string[]): ExtractedImage {
  const path = [...to, ...image.path]
  const key = image.key === toKyvernoPointer(image.path) ? toKyvernoPointer(path) : image.key
  return { ...image, key, path, pointer: toPointer(path), seenByKyverno: false }
}

function describe({
  path: place,
  imagePullSecrets,
  reference: { registry, name, path, tag, digest, reference, referenceWithTag },
}: ExtractedImage): KyvernoImage {
  return {
    ...(registry === '' ? {} : { registry }),
    name,
    path,
    ...(tag === '' ? {} : { tag }),
    ...(digest === '' ? {} : { digest }),
    reference,
    referenceWithTag,
    jsonPointer: toKyvernoPointer(place),
    imagePullSecrets,
  }
}
