import { arrayOf, type OptionTable, withMethods } from '@verify-images/primitives'
import { signatureTag } from '../cosign/signature-location.ts'
import { checkOptions } from '../check-options.ts'
import { MAX_DISCOVERY_DEPTH, MAX_REFERRERS } from '../limits.ts'
import type { ArtifactSource, ImageSubject, StoredManifest } from '../ports.ts'
import { fetchImage } from '../resolve-image.ts'
import type { AttachmentReader } from './discovery.ts'
import { COSIGN_TYPE, cosignAttestationReader, cosignSignatureReader } from './cosign-readers.ts'
import { describeAttachment, describeUnreadable, type ListedAttachment } from './describe-attachment.ts'
import type { DiscoveredArtifact, DiscoveredChild, Discovery } from './discovery.ts'
import { DiscoveryRun } from './discovery-run.ts'
import { readIndexChildren } from './index-children.ts'

export interface DiscoveryOptions {
  /** Readers beside the built-in ones (cosign signatures, attestations, bundles). The last one for a type counts. */
  readonly readers?: readonly AttachmentReader[] | undefined
}

const discoveryOptions: OptionTable<DiscoveryOptions> = {
  readers: arrayOf(withMethods('an attachment reader', 'read')),
}

const cosignReaders: readonly AttachmentReader[] = [cosignSignatureReader, cosignAttestationReader]

const tagTypes = [
  ['sig', COSIGN_TYPE.signature],
  ['att', COSIGN_TYPE.attestation],
  ['sbom', COSIGN_TYPE.sbom],
] as const

/**
 * Lists what is attached to an image under the tags and referrers of all known kinds of signing, and what it claims:
 * also what is attached to its SBOMs and other referrers, and to the images of an index.
 *
 * Nothing is verified: anyone who may push can make these claims. What cannot be fetched, or exceeds the limits on
 * requests and bytes, makes the list incomplete and hides nothing else.
 *
 * @throws CheckError ATTESTOR_OPTIONS_INVALID, ATTESTOR_IMAGE_NOT_FOUND; errors of the source for the image itself,
 *   and the reason of the signal
 */
export async function discover(
  image: ImageSubject,
  source: ArtifactSource,
  signal: AbortSignal,
  options: DiscoveryOptions = {},
): Promise<Discovery> {
  checkOptions(options, discoveryOptions)
  const { bundleReader } = await import('./bundle-reader.ts')
  const { readers = [] } = options
  const manifest = await fetchImage(image, { source, signal })
  const { digest } = manifest
  const run = new DiscoveryRun({
    source,
    signal,
    digest,
    repository: image.repository,
    readers: [...cosignReaders, bundleReader, ...readers],
  })
  const artifacts = await describeAttached(run, MAX_DISCOVERY_DEPTH)
  const children = await describeChildren(manifest, run)
  return { digest, artifacts, children, complete: run.complete, asked: run.asked, problems: run.problems }
}

async function describeAttached(run: DiscoveryRun, depth: number): Promise<readonly DiscoveredArtifact[]> {
  const artifacts = [...(await describeTags(run)), ...(await describeReferrers(run))]
  const described: DiscoveredArtifact[] = []
  for (const artifact of artifacts) {
    const own = depth > 0 && SIGNED_KINDS.has(artifact.kind) ? run.about(artifact.digest) : undefined
    described.push(own === undefined ? artifact : { ...artifact, attached: await describeAttached(own, depth - 1) })
  }
  return described
}

/** Signatures, attestations and bundles are not signed themselves. */
const SIGNED_KINDS: ReadonlySet<DiscoveredArtifact['kind']> = new Set(['sbom', 'other'])

async function describeChildren(manifest: StoredManifest, run: DiscoveryRun): Promise<readonly DiscoveredChild[]> {
  const { children, problem } = readIndexChildren(manifest)
  if (problem !== undefined) run.addProblem(`children of ${run.digest}: ${problem}`)
  const described: DiscoveredChild[] = []
  for (const child of children) {
    const own = run.about(child.digest)
    if (own !== undefined) described.push({ ...child, artifacts: await describeAttached(own, MAX_DISCOVERY_DEPTH) })
  }
  return described
}

async function describeTags(run: DiscoveryRun): Promise<readonly DiscoveredArtifact[]> {
  const found: DiscoveredArtifact[] = []
  for (const [suffix, artifactType] of tagTypes) {
    const tag = signatureTag(run.digest, suffix)
    run.addAsked(`tag ${tag}`)
    const manifest = await run.attempt(`tag ${tag}`, () => run.fetchManifest(tag))
    if (manifest === undefined || 'notFound' in manifest) continue
    found.push(
      await describeAttachment({ found: { by: 'tag', tag }, digest: manifest.digest, artifactType }, manifest, run),
    )
  }
  return found
}

async function describeReferrers(run: DiscoveryRun): Promise<readonly DiscoveredArtifact[]> {
  const what = `referrers of ${run.digest}`
  run.addAsked(what)
  const listing = await run.attempt(what, () => run.listReferrers())
  if (listing === undefined) return []
  const { source, descriptors, complete } = listing
  if (!complete) run.addProblem(`${what}: the registry did not list all of them`)
  if (source === 'none') return []
  if (descriptors.length > MAX_REFERRERS)
    run.addProblem(`${what}: there are ${descriptors.length}, only ${MAX_REFERRERS} of them are read`)
  const found: DiscoveredArtifact[] = []
  for (const [i, { digest, artifactType }] of descriptors.entries()) {
    const listed: ListedAttachment = {
      found: { by: 'referrers', source },
      digest,
      ...(artifactType !== undefined && { artifactType }),
    }
    const manifest =
      i < MAX_REFERRERS ? await run.attempt(`referrer ${digest}`, () => run.fetchManifest(digest)) : undefined
    found.push(await describeReferrer(listed, manifest, run))
  }
  return found
}

async function describeReferrer(
  listed: ListedAttachment,
  manifest: Awaited<ReturnType<DiscoveryRun['fetchManifest']>> | undefined,
  run: DiscoveryRun,
): Promise<DiscoveredArtifact> {
  if (manifest === undefined) return describeUnreadable(listed, [])
  if ('notFound' in manifest) return describeUnreadable(listed, ['the registry lists it but does not have it'])
  return describeAttachment(listed, manifest satisfies StoredManifest, run)
}
