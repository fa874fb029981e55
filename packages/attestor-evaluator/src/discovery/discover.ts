import { listOf, withMethods, type OptionTable } from '@verify-images/primitives'
import { signatureTag } from '../cosign/signature-location.ts'
import { checkOptions } from '../check-options.ts'
import { MAX_REFERRERS } from '../limits.ts'
import type { ArtifactSource, ImageSubject, StoredManifest } from '../ports.ts'
import { resolveImage } from '../resolve-image.ts'
import type { AttachmentReader } from './attachment-reader.ts'
import { bundleReader } from './bundle-reader.ts'
import { COSIGN_TYPE, cosignAttestationReader, cosignSignatureReader } from './cosign-readers.ts'
import { describeAttachment, describeUnread, type ListedAttachment } from './describe-attachment.ts'
import type { DiscoveredArtifact, Discovery } from './discovery.ts'
import { Look } from './discovery-run.ts'

export interface DiscoveryOptions {
  /** Beside those of cosign's signatures, attestations and bundles; where two read the same kind, the last one counts. */
  readonly readers?: readonly AttachmentReader[] | undefined
}

const discoveryOptions: OptionTable<DiscoveryOptions> = { readers: listOf(withMethods('an attachment reader', 'read')) }

const readersInTheBox: readonly AttachmentReader[] = [cosignSignatureReader, cosignAttestationReader, bundleReader]

const tagTypes = [
  ['sig', COSIGN_TYPE.signature],
  ['att', COSIGN_TYPE.attestation],
  ['sbom', COSIGN_TYPE.sbom],
] as const

/**
 * Everything that the ways of signing known here could have stored beside an image, whatever a policy asks for, and what
 * each part says of itself.
 *
 * Nothing is verified: these are claims that anybody who may push could make. What cannot be looked at makes the list
 * incomplete and hides nothing else; so does what goes over the bounds on requests and bytes.
 *
 * @throws AttestorError ATTESTOR_OPTIONS_INVALID, ATTESTOR_IMAGE_NOT_FOUND; whatever the source throws for the image itself, and the reason of
 *   the signal
 */
export async function discover(
  image: ImageSubject,
  source: ArtifactSource,
  signal: AbortSignal,
  options: DiscoveryOptions = {},
): Promise<Discovery> {
  checkOptions(options, discoveryOptions)
  const { readers = [] } = options
  const digest = await resolveImage(image, { source, signal })
  const look = new Look({
    source,
    signal,
    digest,
    repository: image.repository,
    readers: [...readersInTheBox, ...readers],
  })
  const artifacts = [...(await lookAtTags(look)), ...(await lookAtReferrers(look))]
  return { digest, artifacts, complete: look.complete, asked: look.asked, problems: look.problems }
}

async function lookAtTags(look: Look): Promise<readonly DiscoveredArtifact[]> {
  const found: DiscoveredArtifact[] = []
  for (const [suffix, artifactType] of tagTypes) {
    const tag = signatureTag(look.digest, suffix)
    look.asked.push(`tag ${tag}`)
    const manifest = await look.at(`tag ${tag}`, () => look.fetchManifest(tag))
    if (manifest === undefined || 'notFound' in manifest) continue
    found.push(
      await describeAttachment({ found: { by: 'tag', tag }, digest: manifest.digest, artifactType }, manifest, look),
    )
  }
  return found
}

async function lookAtReferrers(look: Look): Promise<readonly DiscoveredArtifact[]> {
  const what = `referrers of ${look.digest}`
  look.asked.push(what)
  const listing = await look.at(what, () => look.listReferrers())
  if (listing === undefined) return []
  const { source, descriptors, complete } = listing
  if (!complete) look.miss(`${what}: the registry did not show all of them`)
  if (source === 'none') return []
  if (descriptors.length > MAX_REFERRERS)
    look.miss(`${what}: there are ${descriptors.length}, at most ${MAX_REFERRERS} are read`)
  const found: DiscoveredArtifact[] = []
  for (const [i, { digest, artifactType }] of descriptors.entries()) {
    const listed: ListedAttachment = {
      found: { by: 'referrers', source },
      digest,
      ...(artifactType !== undefined && { artifactType }),
    }
    const manifest =
      i < MAX_REFERRERS ? await look.at(`referrer ${digest}`, () => look.fetchManifest(digest)) : undefined
    found.push(await describeReferrer(listed, manifest, look))
  }
  return found
}

async function describeReferrer(
  listed: ListedAttachment,
  manifest: Awaited<ReturnType<Look['fetchManifest']>> | undefined,
  look: Look,
): Promise<DiscoveredArtifact> {
  if (manifest === undefined) return describeUnread(listed, [])
  if ('notFound' in manifest) return describeUnread(listed, ['it is listed and is not there'])
  return describeAttachment(listed, manifest satisfies StoredManifest, look)
}
