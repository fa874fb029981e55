import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { Digest } from '@verify-images/primitives'
import type { ArtifactSource, Descriptor, ManifestNotFound, ReferrerListing, StoredManifest } from '../ports.ts'

const corpus = new URL('../../../../conformance/corpus/', import.meta.url)

interface Repository {
  readonly tags: Readonly<Record<string, Digest>>
  readonly manifests: Readonly<Record<Digest, { readonly mediaType: string; readonly size: number }>>
}

type Index = Readonly<
  Record<string, { readonly referrersApi: boolean; readonly repositories: Readonly<Record<string, Repository>> }>
>

const index = JSON.parse(readCorpusText('registry/index.json')) as Index

/** Returns a file of the corpus, as text. */
export function readCorpusText(path: string): string {
  return readFileSync(new URL(path, corpus), 'utf8')
}

/**
 * Creates a source over the files of the corpus, without a registry between: for tests of what is verified, not of how
 * it is fetched.
 */
export function createCorpusSource(): ArtifactSource & { readonly asked: string[] } {
  const asked: string[] = []
  const note = (what: string, name: string): void => void asked.push(`${what} ${name}`)
  return {
    asked,
    async fetchManifest(repository, reference): Promise<StoredManifest | ManifestNotFound> {
      note('manifest', reference)
      const { tags, manifests } = lookUp(repository)
      const digest = reference.includes(':') ? (reference as Digest) : tags[reference]
      const stored = digest === undefined ? undefined : manifests[digest]
      if (digest === undefined || stored === undefined) {
        return {
          notFound: true,
          detail: {
            kind: 'registry-answer',
            method: 'GET',
            url: `https://${repository.replace('/', '/v2/')}/manifests/${reference}`,
            status: 404,
            errors: [{ code: 'MANIFEST_UNKNOWN', message: 'manifest unknown' }],
          },
        }
      }
      return { digest, mediaType: stored.mediaType, bytes: readBlob(digest) }
    },
    async fetchBlob(_repository, blob, maxBytes): Promise<Uint8Array> {
      note('blob', blob.digest)
      const bytes = readBlob(blob.digest)
      if (bytes.length !== blob.size || bytes.length > maxBytes)
        throw fault('REGISTRY_SIZE_MISMATCH', 'the blob has another size')
      return bytes
    },
    async listReferrers(repository, subject): Promise<ReferrerListing> {
      note('referrers', subject)
      return { descriptors: referrersOf(repository).get(subject) ?? [], complete: true, source: 'api' }
    },
  }
}

function lookUp(repository: string): Repository {
  const slash = repository.indexOf('/')
  const found = index[repository.slice(0, slash)]?.repositories[repository.slice(slash + 1)]
  if (found === undefined) throw fault('REGISTRY_NOT_FOUND', `no repository ${repository}`)
  return found
}

const referrers = new Map<string, ReadonlyMap<Digest, readonly Descriptor[]>>()

function referrersOf(repository: string): ReadonlyMap<Digest, readonly Descriptor[]> {
  const known = referrers.get(repository)
  if (known !== undefined) return known
  const bySubject = new Map<Digest, Descriptor[]>()
  for (const [digest, { mediaType }] of Object.entries(lookUp(repository).manifests)) {
    const [subject, descriptor] = referrer(digest as Digest, mediaType) ?? []
    if (subject !== undefined && descriptor !== undefined)
      bySubject.set(subject, [...(bySubject.get(subject) ?? []), descriptor])
  }
  referrers.set(repository, bySubject)
  return bySubject
}

function referrer(digest: Digest, mediaType: string): readonly [Digest, Descriptor] | undefined {
  let manifest: { subject?: { digest?: Digest }; artifactType?: string; config?: { mediaType?: string } } | null
  const bytes = readBlob(digest)
  try {
    manifest = JSON.parse(Buffer.from(bytes).toString()) as typeof manifest
  } catch {
    return undefined
  }
  const subject = manifest?.subject?.digest
  if (manifest === null || subject === undefined) return undefined
  const artifactType = manifest.artifactType ?? manifest.config?.mediaType
  return [subject, { digest, mediaType, size: bytes.length, ...(artifactType !== undefined && { artifactType }) }]
}

function readBlob(digest: Digest): Uint8Array {
  let bytes: Buffer
  try {
    bytes = readFileSync(new URL(`registry/blobs/sha256/${digest.slice('sha256:'.length)}`, corpus))
  } catch {
    throw fault('REGISTRY_NOT_FOUND', `no blob ${digest}`)
  }
  if (createHash('sha256').update(bytes).digest('hex') !== digest.slice('sha256:'.length))
    throw fault('REGISTRY_DIGEST_MISMATCH', 'other content')
  return bytes
}

function fault(code: string, message: string): Error {
  return Object.assign(new Error(message), { code })
}
