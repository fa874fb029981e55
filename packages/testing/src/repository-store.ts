import { OCI_INDEX, type Content, type Descriptor, type Digest } from './content.ts'

/** What one repository of the loopback registry holds. */
export class RepositoryStore {
  readonly #tags = new Map<string, Digest>()
  readonly #manifests = new Map<Digest, Content>()
  readonly #blobs = new Map<Digest, Content>()

  /** Adds a manifest, and points the tags at it. */
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
    const digest = reference.includes(':') ? (reference as Digest) : this.#tags.get(reference)
    return digest === undefined ? undefined : this.#manifests.get(digest)
  }

  blob(digest: string): Content | undefined {
    return this.#blobs.get(digest as Digest)
  }

  /** The manifests that name the subject, in the order they came. */
  referringTo(subject: string): readonly Content[] {
    return [...this.#manifests.values()].filter((manifest) => referrerOf(manifest, subject) !== undefined)
  }

  /** The index that the referrers API answers with: manifests that name the subject, in the order they came. */
  referrers(subject: string, artifactType?: string): { readonly mediaType: string; readonly body: Uint8Array } {
    const manifests = [...this.#manifests.values()].flatMap((manifest) => referrerOf(manifest, subject) ?? [])
    const wanted =
      artifactType === undefined ? manifests : manifests.filter((each) => each.artifactType === artifactType)
    return {
      mediaType: OCI_INDEX,
      body: Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: OCI_INDEX, manifests: wanted })),
    }
  }
}

/** @see OCI distribution specification 1.1, "Listing Referrers": where `artifactType` comes from */
function referrerOf({ mediaType, bytes, digest }: Content, subject: string): Descriptor | undefined {
  const document = JSON.parse(Buffer.from(bytes).toString('utf8')) as {
    subject?: { digest?: string }
    artifactType?: string
    config?: { mediaType?: string }
    annotations?: Record<string, string>
  }
  if (document.subject?.digest !== subject) return undefined
  const artifactType = document.artifactType ?? document.config?.mediaType
  return {
    mediaType,
    digest,
    size: bytes.length,
    ...(artifactType === undefined ? {} : { artifactType }),
    ...(document.annotations === undefined ? {} : { annotations: document.annotations }),
  }
}
