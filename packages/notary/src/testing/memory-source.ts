import type { Descriptor } from '@verify-images/attestor-evaluator'
import type { Digest } from '@verify-images/primitives'
import {
  contentOf,
  createMemorySource as createSource,
  descriptorOf,
  makeReferrer,
  type MemorySource,
  OCI_MANIFEST,
} from '@verify-images/testing/internal'

export const REPOSITORY = 'registry.example.com/app'

export interface Pushed {
  readonly digest: Digest
  readonly bytes: Uint8Array
}

export interface ReferrerOptions {
  /** The artifact type in the listing, if it differs from that in the manifest. */
  readonly listedAs?: string
  readonly artifactType?: string
  /** Changes the manifest before it is stored. */
  readonly manifest?: (manifest: Record<string, unknown>) => unknown
}

/** A source with one repository, into which tests push images, signatures and signed documents. */
export interface NotarySource extends MemorySource {
  pushImage(tag: string, content?: string): Pushed
  pushSignature(subject: Pushed, mediaType: string, envelope: Uint8Array, options?: ReferrerOptions): Pushed
  pushAttestation(subject: Pushed, artifactType: string, content: string, options?: ReferrerOptions): Pushed
  /** The digests of what refers to a subject. */
  listed(subject: Digest): readonly Digest[]
}

export function createMemorySource(): NotarySource {
  const source = createSource()
  const listed = new Map<string, readonly Descriptor[]>()
  function put(manifest: unknown, tag?: string): Pushed {
    const bytes = Buffer.from(JSON.stringify(manifest))
    return { digest: source.putManifest(REPOSITORY, tag, bytes), bytes }
  }
  function pushReferrer(
    subject: Pushed,
    layer: { readonly mediaType: string; readonly bytes: Uint8Array },
    artifactType: string,
    options: ReferrerOptions,
  ): Pushed {
    const { manifest, blobs } = makeReferrer(
      descriptorOf(contentOf(OCI_MANIFEST, subject.bytes)),
      options.artifactType ?? artifactType,
      contentOf(layer.mediaType, layer.bytes),
    )
    for (const { bytes } of blobs) source.putBlob(bytes)
    const honest = JSON.parse(Buffer.from(manifest.bytes).toString()) as Record<string, unknown>
    const pushed = put(options.manifest ? options.manifest(honest) : honest)
    const descriptors = [
      ...(listed.get(subject.digest) ?? []),
      {
        mediaType: OCI_MANIFEST,
        digest: pushed.digest,
        size: pushed.bytes.length,
        artifactType: options.listedAs ?? artifactType,
      },
    ]
    listed.set(subject.digest, descriptors)
    source.putReferrers(subject.digest, descriptors)
    return pushed
  }
  return Object.assign(source, {
    listed: (subject: Digest): readonly Digest[] => (listed.get(subject) ?? []).map(({ digest }) => digest),
    pushImage: (tag: string, content = tag): Pushed =>
      put({ schemaVersion: 2, mediaType: OCI_MANIFEST, annotations: { content } }, tag),
    pushSignature: (subject: Pushed, mediaType: string, bytes: Uint8Array, options: ReferrerOptions = {}): Pushed =>
      pushReferrer(subject, { mediaType, bytes }, 'application/vnd.cncf.notary.signature', options),
    pushAttestation: (subject: Pushed, artifactType: string, content: string, options: ReferrerOptions = {}): Pushed =>
      pushReferrer(subject, { mediaType: 'application/json', bytes: Buffer.from(content) }, artifactType, options),
  })
}
