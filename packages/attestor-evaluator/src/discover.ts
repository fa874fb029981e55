import { signatureTag } from './cosign/signature-location.ts'
import { readSignatureManifest } from './cosign/signature-manifest.ts'
import type { ArtifactSource, Digest, ImageSubject, StoredManifest } from './ports.ts'
import { resolveImage } from './resolve-image.ts'

/** One thing that is stored beside an image. What it says of itself has not been verified. */
export interface DiscoveredArtifact {
  readonly kind: 'signature' | 'attestation' | 'sbom' | 'bundle' | 'notary-signature' | 'other'
  readonly digest: Digest
  /** How it was found: the tag, or the listing of referrers. */
  readonly found: { readonly by: 'tag'; readonly tag: string } | { readonly by: 'referrers'; readonly source: 'api' | 'fallback-tag' }
  readonly artifactType?: string
  /** Of a tag each signature or statement it holds. */
  readonly layers: readonly { readonly digest: Digest; readonly mediaType: string; readonly size: number; readonly predicateType?: string }[]
  /** Why it could not be read further. */
  readonly problem?: string
}

export interface Discovery {
  readonly digest: Digest
  /** In the order they were looked for: tags, then referrers. */
  readonly artifacts: readonly DiscoveredArtifact[]
  /** False when something could not be looked at or was cut short: then absence proves nothing. */
  readonly complete: boolean
  /** What was asked, in words: `tag sha256-….sig`, `referrers of sha256:…`. */
  readonly asked: readonly string[]
  readonly problems: readonly string[]
}

const tagKinds = [['sig', 'signature'], ['att', 'attestation'], ['sbom', 'sbom']] as const

/** By the beginning of the artifact type. */
const referrerKinds: readonly (readonly [string, DiscoveredArtifact['kind']])[] = [
  ['application/vnd.dev.sigstore.bundle', 'bundle'],
  ['application/vnd.dev.cosign.artifact.sig', 'signature'],
  ['application/vnd.dev.cosign.artifact.att', 'attestation'],
  ['application/vnd.dev.cosign.artifact.sbom', 'sbom'],
  ['application/vnd.cncf.notary.signature', 'notary-signature'],
]

/**
 * Everything that the ways of signing known here could have stored beside an image, whatever a policy asks for.
 *
 * Nothing is verified: this is a list of candidates for people to look at. What cannot be looked at makes the list
 * incomplete and hides nothing else.
 *
 * @throws AttestorError ATTESTOR_IMAGE_NOT_FOUND; whatever the source throws for the image itself, and the reason of
 *   the signal
 */
export async function discover(image: ImageSubject, source: ArtifactSource, signal: AbortSignal): Promise<Discovery> {
  const digest = await resolveImage(image, { source, signal })
  const asked: string[] = []
  const problems: string[] = []
  const attempt = async <Value>(what: string, look: () => Promise<Value>): Promise<Value | undefined> => {
    asked.push(what)
    try {
      return await look()
    } catch (error) {
      signal.throwIfAborted()
      problems.push(`${what}: ${error instanceof Error ? error.message : 'could not be looked at'}`)
      return undefined
    }
  }
  const artifacts: DiscoveredArtifact[] = []
  for (const [suffix, kind] of tagKinds) {
    const tag = signatureTag(digest, suffix)
    const manifest = await attempt(`tag ${tag}`, async () => source.fetchManifest(image.repository, tag, signal))
    if (manifest !== undefined && !('notFound' in manifest)) artifacts.push(describeTag(kind, tag, manifest))
  }
  const listing = await attempt(`referrers of ${digest}`, async () => source.listReferrers(image.repository, digest, signal))
  if (listing !== undefined && listing.source !== 'none') {
    const found = { by: 'referrers', source: listing.source } as const
    artifacts.push(...listing.descriptors.map(({ digest: referrer, artifactType }): DiscoveredArtifact => ({
      kind: kindOf(artifactType), digest: referrer, found, layers: [], ...(artifactType !== undefined && { artifactType }),
    })))
  }
  return { digest, artifacts, complete: problems.length === 0 && listing?.complete !== false, asked, problems }
}

function describeTag(kind: DiscoveredArtifact['kind'], tag: string, manifest: StoredManifest): DiscoveredArtifact {
  const base = { kind, digest: manifest.digest, found: { by: 'tag', tag } } as const
  try {
    const layers = readSignatureManifest(manifest).map(({ descriptor: { digest, mediaType, size }, annotations }) => {
      const predicateType = annotations.get('predicateType')
      return { digest, mediaType, size, ...(predicateType !== undefined && { predicateType }) }
    })
    return { ...base, layers }
  } catch (error) {
    return { ...base, layers: [], problem: error instanceof Error ? error.message : 'it could not be read' }
  }
}

function kindOf(artifactType: string | undefined): DiscoveredArtifact['kind'] {
  return referrerKinds.find(([prefix]) => artifactType?.startsWith(prefix))?.[1] ?? 'other'
}
