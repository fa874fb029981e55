import type { SignatureLayer } from '../cosign/signature-manifest.ts'
import { MAX_PARALLEL_FETCHES, MAX_PAYLOAD_BYTES } from '../limits.ts'
import type { StoredManifest } from '../ports.ts'
import { readAttachmentManifest } from './attachment-manifest.ts'
import type { AttachmentReader, StoredAttachment } from './attachment-reader.ts'
import type { DiscoveredArtifact, DiscoveredLayer } from './discovery.ts'
import type { Look } from './discovery-run.ts'

/** An attachment as a tag or the listing names it. */
export type ListedAttachment = Pick<DiscoveredArtifact, 'digest' | 'found' | 'artifactType'>

/** By the beginning of the artifact type. */
const kinds: readonly (readonly [string, DiscoveredArtifact['kind']])[] = [
  ['application/vnd.dev.sigstore.bundle', 'bundle'],
  ['application/vnd.dev.cosign.artifact.sig', 'signature'],
  ['application/vnd.dev.cosign.artifact.att', 'attestation'],
  ['application/vnd.dev.cosign.artifact.sbom', 'sbom'],
  ['application/vnd.cncf.notary.signature', 'notary-signature'],
]

/** What is attached, where its manifest could not be had. */
export function describeUnread(listed: ListedAttachment, problems: readonly string[]): DiscoveredArtifact {
  return { kind: kindOf(listed.artifactType), ...listed, layers: [], problems }
}

/**
 * What is attached, and how each of its layers reads.
 *
 * What the listing says is the registry's word, so the manifest decides what a referrer is.
 */
export async function describeAttachment(
  listed: ListedAttachment,
  stored: StoredManifest,
  look: Look,
): Promise<DiscoveredArtifact> {
  const { found } = listed
  const manifest = await look.read(() => readAttachmentManifest(stored))
  if ('problem' in manifest) return describeUnread(listed, [manifest.problem])
  const { layers, subject, artifactType: own } = manifest.value
  // A tag says by its name what it holds; the config of such a manifest says nothing.
  const artifactType = found.by === 'tag' ? listed.artifactType : own
  const problems =
    found.by === 'tag'
      ? []
      : [
          ...(listed.artifactType === undefined || listed.artifactType === own
            ? []
            : [`it is listed as \`${listed.artifactType}\`, and says it is something else`]),
          ...(subject === look.digest ? [] : ['it refers to something else']),
        ]
  const reader = artifactType === undefined ? undefined : look.readerOf(artifactType)
  return {
    kind: kindOf(artifactType),
    digest: listed.digest,
    found,
    ...(found.by === 'referrers' && artifactType !== undefined && { artifactType }),
    layers: await readLayers(layers, reader, look),
    problems,
  }
}

async function readLayers(
  layers: readonly SignatureLayer[],
  reader: AttachmentReader | undefined,
  look: Look,
): Promise<readonly DiscoveredLayer[]> {
  const read: DiscoveredLayer[] = []
  for (let start = 0; start < layers.length; start += MAX_PARALLEL_FETCHES) {
    const some = layers.slice(start, start + MAX_PARALLEL_FETCHES)
    read.push(
      ...(await Promise.all(
        some.map(async (layer, i) => readLayer(layer, { position: start + i, count: layers.length }, reader, look)),
      )),
    )
  }
  return read
}

async function readLayer(
  { descriptor, annotations }: SignatureLayer,
  place: Pick<StoredAttachment, 'position' | 'count'>,
  reader: AttachmentReader | undefined,
  look: Look,
): Promise<DiscoveredLayer> {
  const { digest, mediaType, size } = descriptor
  if (reader === undefined) return { digest, mediaType, size }
  const bytes = await look.at(`layer ${digest}`, async () => look.fetchBlob(descriptor, MAX_PAYLOAD_BYTES))
  if (bytes === undefined) return { digest, mediaType, size, problem: 'it could not be fetched' }
  const claims = await look.read(() => reader.read({ image: look.digest, mediaType, bytes, annotations, ...place }))
  return { digest, mediaType, size, ...('value' in claims ? { claims: claims.value } : { problem: claims.problem }) }
}

function kindOf(artifactType: string | undefined): DiscoveredArtifact['kind'] {
  return kinds.find(([prefix]) => artifactType?.startsWith(prefix))?.[1] ?? 'other'
}
