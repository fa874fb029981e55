import type { Digest } from '@verify-images/primitives'
import type { Content, Descriptor } from './content.ts'
import { attachmentTag, signatureManifest, type SignatureLayer } from './cosign-artifacts.ts'
import { redirectReferrer, type Referrer } from './formats/referrer.ts'
import type { RepositoryStore } from './repository-store.ts'

/** The signatures and attestations of one image: layers at the `.sig` and `.att` tags, and referrers. */
export class Attachments {
  readonly #store: RepositoryStore
  readonly #image: Descriptor
  /** Where clients keep the referrers listing of a registry without the referrers API. */
  readonly #fallbackTag: string | undefined

  constructor(store: RepositoryStore, image: Descriptor, { referrersApi }: { readonly referrersApi: boolean }) {
    this.#store = store
    this.#image = image
    this.#fallbackTag = referrersApi ? undefined : image.digest.replace(':', '-')
  }

  addLayer(suffix: 'sig' | 'att', { blob, descriptor }: SignatureLayer): void {
    this.#store.putBlob(blob)
    this.#putLayers(suffix, [...this.#layers(suffix), descriptor])
  }

  addReferrer({ manifest, blobs }: Referrer): void {
    for (const blob of blobs) this.#store.putBlob(blob)
    this.#store.putManifest(manifest)
    this.#writeFallback()
  }

  /** Adds the attachments of another image, in their order; referrers get this image as their subject. */
  copyFrom(other: Attachments): void {
    for (const suffix of ['sig', 'att'] as const) {
      const layers = other.#layers(suffix)
      for (const { digest } of layers) this.#store.putBlob(other.#blob(digest))
      if (layers.length > 0) this.#putLayers(suffix, [...this.#layers(suffix), ...layers])
    }
    for (const manifest of other.#referrers()) {
      this.addReferrer({
        manifest: redirectReferrer(manifest, this.#image),
        blobs: blobsOf(manifest).map((digest) => other.#blob(digest)),
      })
    }
  }

  clear(): void {
    for (const suffix of ['sig', 'att'] as const) {
      const present = this.#store.manifest(attachmentTag(this.#image.digest, suffix))
      if (present) this.#store.removeManifest(present.digest)
    }
    for (const { digest } of this.#referrers()) this.#store.removeManifest(digest)
    this.#writeFallback()
  }

  #layers(suffix: 'sig' | 'att'): readonly Descriptor[] {
    const present = this.#store.manifest(attachmentTag(this.#image.digest, suffix))
    return present === undefined
      ? []
      : (JSON.parse(textOf(present)) as { readonly layers: readonly Descriptor[] }).layers
  }

  #putLayers(suffix: 'sig' | 'att', layers: readonly Descriptor[]): void {
    const { manifest, config } = signatureManifest(layers)
    this.#store.putBlob(config)
    this.#store.putManifest(manifest, attachmentTag(this.#image.digest, suffix))
  }

  #referrers(): readonly Content[] {
    return this.#store.referringTo(this.#image.digest)
  }

  #blob(digest: Digest): Content {
    const blob = this.#store.blob(digest)
    if (blob === undefined) throw new RangeError(`the repository holds no blob ${digest}`)
    return blob
  }

  #writeFallback(): void {
    if (this.#fallbackTag === undefined) return
    this.#store.putManifest(this.#store.referrers(this.#image.digest), this.#fallbackTag)
  }
}

function blobsOf(manifest: Content): readonly Digest[] {
  const { config, layers } = JSON.parse(textOf(manifest)) as {
    readonly config: Descriptor
    readonly layers: readonly Descriptor[]
  }
  return [config, ...layers].map(({ digest }) => digest)
}

function textOf({ bytes }: Content): string {
  return Buffer.from(bytes).toString('utf8')
}
