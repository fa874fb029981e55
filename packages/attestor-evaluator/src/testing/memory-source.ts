import { type Digest, digestOf } from '@verify-images/primitives'
import type { ArtifactSource, Descriptor, ManifestNotFound, ReferrerListing, StoredManifest } from '../ports.ts'

/** A registry in memory, with a log of what was asked of it. */
export interface MemorySource extends ArtifactSource {
  readonly asked: string[]
  putManifest(repository: string, tag: string | undefined, manifest: unknown, mediaType?: string): Digest
  putBlob(bytes: Uint8Array): Descriptor
  putReferrers(subject: Digest, descriptors: readonly Descriptor[]): void
  /** Makes the next and all later requests for this reference or digest fail. */
  breakAt(reference: string, fault: Error): void
}

export const imageManifestType = 'application/vnd.oci.image.manifest.v1+json'

export function createMemorySource(): MemorySource {
  const manifests = new Map<string, StoredManifest>()
  const blobs = new Map<Digest, Uint8Array>()
  const referrers = new Map<Digest, readonly Descriptor[]>()
  const faults = new Map<string, Error>()
  const asked: string[] = []
  const ask = (what: string, name: string): void => {
    asked.push(`${what} ${name}`)
    const fault = faults.get(name)
    if (fault !== undefined) throw fault
  }
  return {
    asked,
    putManifest(repository, tag, manifest, mediaType = imageManifestType) {
      const bytes = manifest instanceof Uint8Array ? manifest : Buffer.from(JSON.stringify(manifest))
      const digest = digestOf(bytes)
      for (const reference of [digest, ...(tag === undefined ? [] : [tag])])
        manifests.set(`${repository} ${reference}`, { digest, mediaType, bytes })
      return digest
    },
    putBlob(bytes) {
      const digest = digestOf(bytes)
      blobs.set(digest, bytes)
      return { mediaType: 'application/octet-stream', digest, size: bytes.length }
    },
    putReferrers: (subject, descriptors) => void referrers.set(subject, descriptors),
    breakAt: (reference, fault) => void faults.set(reference, fault),
    async fetchManifest(repository, reference): Promise<StoredManifest | ManifestNotFound> {
      ask('manifest', reference)
      return (
        manifests.get(`${repository} ${reference}`) ?? {
          notFound: true,
          upstreamText: `GET https://${repository}/manifests/${reference}: MANIFEST_UNKNOWN: Unknown manifest`,
        }
      )
    },
    async fetchBlob(_repository, blob): Promise<Uint8Array> {
      ask('blob', blob.digest)
      const bytes = blobs.get(blob.digest)
      if (bytes === undefined) throw sourceFault('REGISTRY_NOT_FOUND', false)
      return bytes
    },
    async listReferrers(_repository, subject): Promise<ReferrerListing> {
      ask('referrers', subject)
      return { descriptors: referrers.get(subject) ?? [], complete: true, source: 'api' }
    },
  }
}

export function sourceFault(code: string, networkFault: boolean, upstreamText = 'the registry is gone'): Error {
  return Object.assign(new Error('the registry is gone'), { code, networkFault, upstreamText })
}
