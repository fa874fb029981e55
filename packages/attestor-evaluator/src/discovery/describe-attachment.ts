import { isUntyped } from '../bundle/bundle-manifest.ts'
import type { SignatureLayer } from '../cosign/signature-manifest.ts'
import { MAX_PARALLEL_FETCHES, MAX_PAYLOAD_BYTES } from '../limits.ts'
import type { StoredManifest } from '../ports.ts'
import { parseAttachmentManifest } from './attachment-manifest.ts'
import { claimedCertificate, claimedSubject, claimedTimestamp } from './claimed-parts.ts'
import type { AttachmentReader, ClaimDescriptions, StoredAttachment } from './discovery.ts'
import type { DiscoveredArtifact, DiscoveredLayer } from './discovery.ts'
import type { DiscoveryRun } from './discovery-run.ts'
import { claimedAnnotations, PartReading } from './part-reading.ts'

/** An attachment as its tag or the referrers listing describes it. */
export type ListedAttachment = Pick<DiscoveredArtifact, 'digest' | 'found' | 'artifactType'>

/** The descriptions that readers get. */
export const claimDescriptions: ClaimDescriptions = {
  startReading: () => new PartReading(),
  subject: claimedSubject,
  annotations: claimedAnnotations,
  certificate: claimedCertificate,
  timestamp: claimedTimestamp,
}

/** By prefix of the artifact type. */
const kinds: readonly (readonly [string, DiscoveredArtifact['kind']])[] = [
  ['application/vnd.dev.sigstore.bundle', 'bundle'],
  ['application/vnd.dev.cosign.artifact.sig', 'signature'],
  ['application/vnd.dev.cosign.artifact.att', 'attestation'],
  ['application/vnd.dev.cosign.artifact.sbom', 'sbom'],
  ['application/vnd.cncf.notary.signature', 'notary-signature'],
]

/** Describes an attachment whose manifest is missing or unreadable. */
export function describeUnreadable(listed: ListedAttachment, problems: readonly string[]): DiscoveredArtifact {
  return { kind: kindOf(listed.artifactType), ...listed, layers: [], attached: [], problems }
}

/**
 * Describes an attachment and the claims of each of its layers.
 *
 * The referrers listing is a hint; the manifest decides what a referrer is.
 */
export async function describeAttachment(
  listed: ListedAttachment,
  stored: StoredManifest,
  run: DiscoveryRun,
): Promise<DiscoveredArtifact> {
  const { found } = listed
  const manifest = await run.read(() => parseAttachmentManifest(stored))
  if ('problem' in manifest) return describeUnreadable(listed, [manifest.problem])
  const { layers, subject, artifactType: own } = manifest.value
  // The suffix of a tag says what it holds; the config of such a manifest does not.
  const artifactType = found.by === 'tag' ? listed.artifactType : own
  const problems =
    found.by === 'tag'
      ? []
      : [
          ...(isUntyped(listed) || listed.artifactType === own
            ? []
            : [`it is listed as \`${listed.artifactType}\`, but its manifest has another artifact type`]),
          ...(subject === run.digest ? [] : ['it refers to another subject']),
        ]
  const reader = artifactType === undefined ? undefined : run.readerFor(artifactType)
  return {
    kind: kindOf(artifactType),
    digest: listed.digest,
    found,
    ...(found.by === 'referrers' && artifactType !== undefined && { artifactType }),
    layers: await readLayers(layers, reader, run),
    attached: [],
    problems,
  }
}

async function readLayers(
  layers: readonly SignatureLayer[],
  reader: AttachmentReader | undefined,
  run: DiscoveryRun,
): Promise<readonly DiscoveredLayer[]> {
  const read: DiscoveredLayer[] = []
  for (let start = 0; start < layers.length; start += MAX_PARALLEL_FETCHES) {
    const some = layers.slice(start, start + MAX_PARALLEL_FETCHES)
    read.push(
      ...(await Promise.all(
        some.map(async (layer, i) => readLayer(layer, { position: start + i, count: layers.length }, reader, run)),
      )),
    )
  }
  return read
}

async function readLayer(
  { descriptor, annotations }: SignatureLayer,
  place: Pick<StoredAttachment, 'position' | 'count'>,
  reader: AttachmentReader | undefined,
  run: DiscoveryRun,
): Promise<DiscoveredLayer> {
  const { digest, mediaType, size } = descriptor
  if (reader === undefined) return { digest, mediaType, size }
  const bytes = await run.attempt(`layer ${digest}`, () => run.fetchBlob(descriptor, MAX_PAYLOAD_BYTES))
  if (bytes === undefined) return { digest, mediaType, size, problem: 'it could not be fetched' }
  const claims = await run.read(() =>
    reader.read({ image: run.digest, mediaType, bytes, annotations, ...place }, claimDescriptions),
  )
  return { digest, mediaType, size, ...('value' in claims ? { claims: claims.value } : { problem: claims.problem }) }
}

function kindOf(artifactType: string | undefined): DiscoveredArtifact['kind'] {
  return kinds.find(([prefix]) => artifactType?.startsWith(prefix))?.[1] ?? 'other'
}
