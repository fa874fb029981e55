import type {
  ArtifactSource,
  Descriptor,
  ManifestNotFound,
  ReferrerListing,
  StoredManifest,
} from '@verify-images/attestor-evaluator'
import { type Digest, digestOf } from '@verify-images/primitives'
import { targetOf } from './signing-world.ts'

const MANIFEST = 'application/vnd.oci.image.manifest.v1+json'
export const REPOSITORY = 'registry.example.com/app'

export interface Pushed {
  readonly digest: Digest
  readonly bytes: Uint8Array
}

export interface ReferrerOptions {
  /** What the listing says, if it is not what the manifest says. */
  readonly listedAs?: string
  readonly artifactType?: string
  /** Changes the manifest before it is stored. */
  readonly manifest?: (manifest: Record<string, unknown>) => unknown
}

/** A registry in memory for one repository, into which anybody may push anything. */
export interface MemorySource extends ArtifactSource {
  readonly asked: string[]
  complete: boolean
  /** Fails instead of answering. */
  fault?: (what: 'manifest' | 'blob' | 'referrers', name: string) => Error | undefined
  pushImage(tag: string, content?: string): Pushed
  pushSignature(subject: Pushed, mediaType: string, envelope: Uint8Array, options?: ReferrerOptions): Pushed
  pushAttestation(subject: Pushed, artifactType: string, content: string, options?: ReferrerOptions): Pushed
}

export function sourceFault(networkFault: boolean): Error {
  return Object.assign(new Error('the registry is not there'), {
    code: 'REGISTRY_UNAVAILABLE',
    upstreamText: 'Get "https://registry.example.com/": connection refused',
    networkFault,
  })
}

export function createMemorySource(): MemorySource {
  const tags = new Map<string, Digest>()
  const contents = new Map<string, Uint8Array>()
  const referrers = new Map<string, Descriptor[]>()
  const put = (bytes: Uint8Array): Pushed => {
    const digest = digestOf(bytes)
    contents.set(digest, bytes)
    return { digest, bytes }
  }
  const pushReferrer = (
    subject: Pushed,
    layer: { readonly mediaType: string; readonly bytes: Uint8Array },
    artifactType: string,
    options: ReferrerOptions,
  ): Pushed => {
    const blob = put(layer.bytes)
    const honest = {
      schemaVersion: 2,
      mediaType: MANIFEST,
      artifactType: options.artifactType ?? artifactType,
      config: { mediaType: 'application/vnd.oci.empty.v1+json', digest: put(Buffer.from('{}')).digest, size: 2 },
      layers: [{ mediaType: layer.mediaType, digest: blob.digest, size: layer.bytes.length }],
      subject: targetOf(subject.bytes),
    }
    const pushed = put(Buffer.from(JSON.stringify(options.manifest ? options.manifest(honest) : honest)))
    const listed = {
      mediaType: MANIFEST,
      digest: pushed.digest,
      size: pushed.bytes.length,
      artifactType: options.listedAs ?? artifactType,
    }
    referrers.set(subject.digest, [...(referrers.get(subject.digest) ?? []), listed])
    return pushed
  }
  const source: MemorySource = {
    asked: [],
    complete: true,
    pushImage(tag, content = tag): Pushed {
      const image = put(
        Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: MANIFEST, annotations: { content } })),
      )
      tags.set(tag, image.digest)
      return image
    },
    pushSignature: (subject, mediaType, bytes, options = {}) =>
      pushReferrer(subject, { mediaType, bytes }, 'application/vnd.cncf.notary.signature', options),
    pushAttestation: (subject, artifactType, content, options = {}) =>
      pushReferrer(subject, { mediaType: 'application/json', bytes: Buffer.from(content) }, artifactType, options),
    async fetchManifest(_repository, reference): Promise<StoredManifest | ManifestNotFound> {
      note('manifest', reference)
      const digest = reference.includes(':') ? reference : tags.get(reference)
      const bytes = contents.get(digest ?? '')
      if (!bytes)
        return {
          notFound: true,
          upstreamText: `GET https://registry.example.com/v2/app/manifests/${reference}: MANIFEST_UNKNOWN: manifest unknown`,
        }
      return { digest: digestOf(bytes), mediaType: MANIFEST, bytes }
    },
    async fetchBlob(_repository, blob): Promise<Uint8Array> {
      note('blob', blob.digest)
      const bytes = contents.get(blob.digest)
      if (!bytes) throw sourceFault(false)
      return bytes
    },
    async listReferrers(_repository, subject): Promise<ReferrerListing> {
      note('referrers', subject)
      return { descriptors: referrers.get(subject) ?? [], complete: source.complete, source: 'api' }
    },
  }
  function note(what: 'manifest' | 'blob' | 'referrers', name: string): void {
    source.asked.push(`${what} ${name}`)
    const error = source.fault?.(what, name)
    if (error) throw error
  }
  return source
}
