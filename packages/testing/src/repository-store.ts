import type { Digest } from '@verify-images/primitives'
import { descriptorOf, jsonContent, OCI_INDEX, type Content, type Descriptor } from './content.ts'

/** The content of one repository of the loopback registry. */
export class RepositoryStore {
  readonly #tags = new Map<string, Digest>()
  readonly #manifests = new Map<string, Content>()
  readonly #blobs = new Map<string, Content>()

  /** Stores a manifest and points the tags at it. */
  putManifest(manifest: Content, ...tags: readonly string[]): void {
    this.#manifests.set(manifest.digest, manifest)
    for (const tag of tags) this.#tags.set(tag, manifest.digest)
  }

  removeManifest(digest: Digest): void {
    this.#manifests.delete(digest)
    for (const [tag, target] of this.#tags) if (target === digest) this.#tags.delete(tag)
  }

  putBlob(blob: Content): void {
    this.#blobs.set(blob.digest, blob)
  }

  /** The manifest at a tag or a digest. */
  manifest(reference: string): Content | undefined {
    return this.#manifests.get(reference.includes(':') ? reference : (this.#tags.get(reference) ?? ''))
  }

  blob(digest: string): Content | undefined {
    return this.#blobs.get(digest)
  }

  /** The manifests whose `subject` this is, in the order in which they were stored. */
  referringTo(subject: string): readonly Content[] {
    return [...this.#manifests.values()].filter((manifest) => referrerDescriptor(manifest, subject) !== undefined)
  }

  /** The index with which the referrers API answers. */
  referrers(subject: string, artifactType?: string): Content {
    const manifests = [...this.#manifests.values()]
      .flatMap((manifest) => referrerDescriptor(manifest, subject) ?? [])
      .filter((descriptor) => artifactType === undefined || descriptor.artifactType === artifactType)
    return jsonContent(OCI_INDEX, { schemaVersion: 2, mediaType: OCI_INDEX, manifests })
  }
}

interface ReferringManifest {
  readonly subject?: { readonly digest?: string }
  readonly artifactType?: string
  readonly config?: { readonly mediaType?: string }
  readonly annotations?: Readonly<Record<string, string>>
}

/** @see OCI distribution specification 1.1, "Listing Referrers", for where `artifactType` comes from */
function referrerDescriptor(manifest: Content, subject: string): Descriptor | undefined {
  const { subject: named, artifactType: ownType, config, annotations } = parseManifest(manifest)
  if (named?.digest !== subject) return undefined
  const artifactType = ownType ?? config?.mediaType
  return { ...descriptorOf(manifest, annotations), ...(artifactType !== undefined && { artifactType }) }
}

/** A manifest that is not JSON, which a test may store, refers to nothing. */
function parseManifest({ bytes }: Content): ReferringManifest {
  try {
    return Object(JSON.parse(Buffer.from(bytes).toString('utf8')))
  } catch {
    return {}
  }
}
