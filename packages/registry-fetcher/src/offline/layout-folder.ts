import { constants, open, type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import { digestAlgorithm, digestHex, hashInSlices, type Descriptor, type Digest } from '@verify-images/primitives'
import { decodeDescriptor } from '../descriptor.ts'
import { MAX_LAYOUT_MANIFESTS } from '../limits.ts'
import { isIndexType, OCI_INDEX, parseManifest } from '../manifest.ts'
import { RegistryError } from '../registry-error.ts'

/** What a layout lists. */
export interface LayoutListing {
  /** Those of `index.json` with their annotations, and those of the indexes in it. */
  readonly descriptors: readonly Descriptor[]
  /** False if an index in it is missing, or has an invalid descriptor. */
  readonly complete: boolean
}

/** A folder in the format of an OCI image layout. */
export interface LayoutFolder {
  /** @throws RegistryError when `index.json` is missing, or has an invalid descriptor */
  list(): Promise<LayoutListing>
  /**
   * Returns content with its digest; undefined if the folder does not have it.
   *
   * @throws RegistryError when the file is too large, not a regular file, or has other bytes
   */
  read(digest: Digest, maxBytes: number): Promise<Uint8Array | undefined>
}

/** @see OCI image specification, image-layout.md */
export function openLayoutFolder(folder: string, maxManifestBytes: number): LayoutFolder {
  let listed: Promise<LayoutListing> | undefined
  const read = async (digest: Digest, maxBytes: number): Promise<Uint8Array | undefined> => {
    // A digest is checked to be hex, so it cannot lead out of the folder.
    const bytes = await readIfPresent(join(folder, 'blobs', digestAlgorithm(digest), digestHex(digest)), maxBytes)
    if (bytes === undefined) return undefined
    const hash = await hashInSlices(digestAlgorithm(digest), bytes, unending)
    if (hash.toString('hex') === digestHex(digest)) return bytes
    throw new RegistryError('REGISTRY_DIGEST_MISMATCH', `the file of \`${digest}\` in the layout has another digest`)
  }
  const list = async (): Promise<LayoutListing> => {
    const index = await readIfPresent(join(folder, 'index.json'), maxManifestBytes)
    if (index === undefined)
      throw new RegistryError('REGISTRY_UNAVAILABLE', 'expected an OCI image layout, got a folder without `index.json`')
    const own = entriesOf(index)
    // What cannot be read may be the tag that is asked for.
    if (!own.complete)
      throw new RegistryError('REGISTRY_RESPONSE_INVALID', 'invalid `index.json`: expected descriptors')
    const found = [...own.descriptors]
    let complete = true
    // Indexes in the index are read, too: tools write multi-platform images so.
    for (let i = 0; i < found.length; i++) {
      if (found.length > MAX_LAYOUT_MANIFESTS)
        throw new RegistryError(
          'REGISTRY_LIMIT_EXCEEDED',
          `the layout has too many manifests: expected at most ${MAX_LAYOUT_MANIFESTS}`,
        )
      const each = found[i]
      if (each === undefined || !isIndexType(each.mediaType)) continue
      const bytes = await read(each.digest, maxManifestBytes)
      const nested = bytes === undefined ? { descriptors: [], complete: false } : entriesOf(bytes)
      complete &&= nested.complete
      found.push(...nested.descriptors.map(withoutName))
    }
    return { descriptors: found, complete }
  }
  return { list: () => (listed ??= list()), read }
}

const unending = new AbortController().signal

function entriesOf(bytes: Uint8Array): LayoutListing {
  const { manifest } = parseManifest(bytes, OCI_INDEX)
  const entries = manifest['manifests']
  if (!Array.isArray(entries)) return { descriptors: [], complete: false }
  const descriptors = entries.flatMap((entry) => decodeDescriptor(entry) ?? [])
  return { descriptors, complete: descriptors.length === entries.length }
}

/** A name in an image's own index is its publisher's; only `index.json` names what the layout has. */
function withoutName({ annotations: _, ...descriptor }: Descriptor): Descriptor {
  return descriptor
}

/** A link is not followed, nor is a pipe waited for; what a file gains meanwhile is not read. */
async function readIfPresent(path: string, maxBytes: number): Promise<Uint8Array | undefined> {
  let file: FileHandle | undefined
  try {
    file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
    const status = await file.stat()
    if (!status.isFile()) throw noFile()
    if (status.size > maxBytes)
      throw new RegistryError(
        'REGISTRY_RESPONSE_TOO_LARGE',
        `a file of the layout is too large: expected at most ${maxBytes} bytes, got ${status.size}`,
      )
    const bytes = new Uint8Array(status.size)
    const { bytesRead } = await file.read(bytes)
    return bytes.subarray(0, bytesRead)
  } catch (error) {
    if (error instanceof RegistryError) throw error
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    if (code === 'ENOENT') return undefined
    if (code === 'ELOOP') throw noFile()
    throw new RegistryError('REGISTRY_UNAVAILABLE', 'a file of the layout cannot be read', { cause: error })
  } finally {
    await file?.close()
  }
}

function noFile(): RegistryError {
  return new RegistryError('REGISTRY_RESPONSE_INVALID', 'a file of the layout is not a regular file')
}
