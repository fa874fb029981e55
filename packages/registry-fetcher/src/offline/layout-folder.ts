import { lstat, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { digestAlgorithm, digestHex, digestOf, type Descriptor, type Digest } from '@verify-images/primitives'
import { decodeDescriptor } from '../descriptor.ts'
import { MAX_LAYOUT_MANIFESTS } from '../limits.ts'
import { isIndexType, OCI_INDEX, parseManifest } from '../manifest.ts'
import { RegistryError } from '../registry-error.ts'

/** A folder in the format of an OCI image layout. */
export interface LayoutFolder {
  /** Returns the descriptors of `index.json`, and of the indexes in it, with their annotations. */
  descriptors(): Promise<readonly Descriptor[]>
  /**
   * Returns content with its digest; undefined if the folder does not have it.
   *
   * @throws RegistryError when the file is too large, is no file, or has other bytes
   */
  read(digest: Digest, maxBytes: number): Promise<Uint8Array | undefined>
}

/** @see OCI image specification, image-layout.md */
export function openLayoutFolder(folder: string, maxManifestBytes: number): LayoutFolder {
  let listed: Promise<readonly Descriptor[]> | undefined
  const read = async (digest: Digest, maxBytes: number): Promise<Uint8Array | undefined> => {
    // A digest is checked to be hex, so it cannot lead out of the folder.
    const bytes = await readIfPresent(join(folder, 'blobs', digestAlgorithm(digest), digestHex(digest)), maxBytes)
    if (bytes === undefined || digestOf(bytes, digestAlgorithm(digest)) === digest) return bytes
    throw new RegistryError('REGISTRY_DIGEST_MISMATCH', `the file of \`${digest}\` in the layout has another digest`)
  }
  const list = async (): Promise<readonly Descriptor[]> => {
    const index = await readIfPresent(join(folder, 'index.json'), maxManifestBytes)
    if (index === undefined)
      throw new RegistryError('REGISTRY_UNAVAILABLE', 'expected an OCI image layout, got a folder without `index.json`')
    const found = entriesOf(index)
    // Indexes in the index are read, too: tools write multi-platform images so.
    for (let i = 0; i < found.length; i++) {
      const each = found[i]
      if (each === undefined || !isIndexType(each.mediaType)) continue
      const bytes = await read(each.digest, maxManifestBytes)
      if (bytes !== undefined) found.push(...entriesOf(bytes).map(withoutName))
      if (found.length > MAX_LAYOUT_MANIFESTS)
        throw new RegistryError(
          'REGISTRY_LIMIT_EXCEEDED',
          `the layout has too many manifests: expected at most ${MAX_LAYOUT_MANIFESTS}`,
        )
    }
    return found
  }
  return { descriptors: () => (listed ??= list()), read }
}

function entriesOf(bytes: Uint8Array): Descriptor[] {
  const { manifest } = parseManifest(bytes, OCI_INDEX)
  const entries = manifest['manifests']
  return Array.isArray(entries) ? entries.flatMap((entry) => decodeDescriptor(entry) ?? []) : []
}

/** A name in an image's own index is its publisher's; only `index.json` names what the layout has. */
function withoutName({ annotations: _, ...descriptor }: Descriptor): Descriptor {
  return descriptor
}

async function readIfPresent(path: string, maxBytes: number): Promise<Uint8Array | undefined> {
  try {
    const status = await lstat(path)
    if (!status.isFile())
      throw new RegistryError('REGISTRY_RESPONSE_INVALID', 'a file of the layout is no regular file')
    if (status.size > maxBytes)
      throw new RegistryError(
        'REGISTRY_RESPONSE_TOO_LARGE',
        `a file of the layout is too large: expected at most ${maxBytes} bytes, got ${status.size}`,
      )
    return new Uint8Array(await readFile(path))
  } catch (error) {
    if (error instanceof RegistryError) throw error
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw new RegistryError('REGISTRY_UNAVAILABLE', 'a file of the layout cannot be read', { cause: error })
  }
}
