import {
  aString,
  createEvaluationBudget,
  isDigest,
  isJsonObject,
  ownMember,
  prepareManifest,
  type Descriptor,
  type Digest,
  type EvaluationBudget,
  type JsonObject,
  type ManifestNotFound,
  recordOf,
  type ReferrerListing,
  type StoredManifest,
} from '@verify-images/primitives'
import { throwIfAborted } from '../abort.ts'
import { createAccounting } from '../accounting.ts'
import { checkValue } from '../check-options.ts'
import { DEFAULT_LIMITS } from '../limits.ts'
import { parseManifest } from '../manifest.ts'
import type { RegistryClient } from '../registry-client.ts'
import { RegistryError } from '../registry-error.ts'
import { checkReference, parseRepository } from '../repository.ts'
import type { RegistrySession } from '../session.ts'
import { openLayoutFolder, type LayoutFolder } from './layout-folder.ts'

/**
 * Creates a client that reads folders instead of registries, without a socket: OCI image layouts as `cosign save`,
 * `oras copy --to-oci-layout` and `skopeo copy … oci:` write them. It is used like the client of registries.
 *
 * A tag is the `org.opencontainers.image.ref.name` of a manifest: the tag alone, or with its repository. What `cosign
 * save` marks as signatures or attestations is found at the tag where a registry has it. A repository without a layout
 * cannot be checked.
 *
 * @param layouts folders by repository (`host[:port]/path`)
 * @throws RegistryError `REGISTRY_OPTIONS_INVALID`, `REGISTRY_REFERENCE_INVALID`
 * @example
 * const registry = createLayoutClient({ 'ghcr.io/acme/app': './app' })
 */
export function createLayoutClient(layouts: Readonly<Record<string, string>>): RegistryClient {
  checkValue(layouts, recordOf(aString), 'layouts')
  const folders = new Map(
    Object.entries(layouts).map(([name, path]) => [
      parseRepository(name).name,
      openLayoutFolder(path, DEFAULT_LIMITS.manifestBytes),
    ]),
  )
  return {
    openSession: ({ signal, budget = createEvaluationBudget() } = {}) => openSession(folders, signal, budget),
    close: () => undefined,
  }
}

function openSession(
  folders: ReadonlyMap<string, LayoutFolder>,
  end: AbortSignal | undefined,
  budget: EvaluationBudget,
): RegistrySession {
  const accounting = createAccounting(budget)

  function open(repository: string, signal: AbortSignal | undefined): Layout {
    for (const each of [end, signal]) if (each !== undefined) throwIfAborted(each)
    const { name } = parseRepository(repository)
    const folder = folders.get(name)
    if (folder === undefined)
      throw new RegistryError('REGISTRY_UNAVAILABLE', `there is no layout for the repository \`${name}\``, {
        place: name,
      })
    return { name, folder, countBytes: accounting.forRepository(name).countBytes, signal: signal ?? end ?? unending }
  }

  const session: RegistrySession = {
    async fetchManifest(repository, reference, signal) {
      checkReference(reference)
      const layout = open(repository, signal)
      const digest = isDigest(reference) ? reference : await digestAt(layout, reference)
      const manifest = digest === undefined ? undefined : await manifestOf(layout, digest)
      return manifest ?? notFound(layout, reference)
    },
    async fetchBlob(repository, { digest, size }, maxBytes, signal) {
      const layout = open(repository, signal)
      if (!isDigest(digest) || !(size <= maxBytes))
        throw new RegistryError(
          'REGISTRY_RESPONSE_TOO_LARGE',
          `the blob is too large: expected at most ${maxBytes} bytes`,
        )
      const bytes = await layout.folder.read(digest, size)
      if (bytes === undefined)
        throw new RegistryError('REGISTRY_NOT_FOUND', `the layout does not have the blob \`${digest}\``)
      if (bytes.length !== size)
        throw new RegistryError('REGISTRY_SIZE_MISMATCH', `the blob has ${bytes.length} bytes, expected ${size}`)
      layout.countBytes(bytes.length)
      return bytes
    },
    listReferrers: async (repository, subject, signal) => referrersOf(open(repository, signal), subject),
    withCredentials: () => session,
    cost: { total: 0, byHost: {} },
    requests: [],
  }
  return session
}

interface Layout {
  readonly name: string
  readonly folder: LayoutFolder
  readonly countBytes: (count: number) => void
  readonly signal: AbortSignal
}

const unending = new AbortController().signal

/** How `cosign save` marks the parts of a layout, which is of one image. @see cosign, pkg/oci/layout/write.go */
const KINDS: ReadonlyMap<string, string> = new Map([
  ['.sig', 'dev.cosignproject.cosign/sigs'],
  ['.att', 'dev.cosignproject.cosign/atts'],
])
const IMAGE_KINDS: ReadonlySet<string> = new Set([
  'dev.cosignproject.cosign/image',
  'dev.cosignproject.cosign/imageIndex',
])

async function digestAt({ name, folder }: Layout, tag: string): Promise<Digest | undefined> {
  const { descriptors } = await folder.list()
  const named = descriptors.filter(({ annotations }) => {
    const ref = annotations?.['org.opencontainers.image.ref.name']
    return ref === tag || ref === `${name}:${tag}`
  })
  const [digest, ...others] = new Set(named.map((each) => each.digest))
  // Another reader of the layout may take another one.
  if (others.length > 0)
    throw new RegistryError('REGISTRY_MANIFEST_AMBIGUOUS', `the layout has several manifests at the tag \`${tag}\``)
  if (digest !== undefined) return digest
  const [, hex = '', suffix = ''] = /^sha256-([0-9a-f]{64})(\.[a-z]+)$/.exec(tag) ?? []
  const kind = KINDS.get(suffix)
  const isOfImage = descriptors.some(
    ({ digest, annotations }) => digest === `sha256:${hex}` && IMAGE_KINDS.has(annotations?.['kind'] ?? ''),
  )
  // The signatures that were saved with an image are those of that image; what they sign is verified as ever.
  return kind === undefined || !isOfImage
    ? undefined
    : descriptors.find(({ annotations }) => annotations?.['kind'] === kind)?.digest
}

async function manifestOf({ folder, countBytes, signal }: Layout, digest: Digest): Promise<StoredManifest | undefined> {
  const bytes = await folder.read(digest, DEFAULT_LIMITS.manifestBytes)
  const listed = (await folder.list()).descriptors.find((each) => each.digest === digest)
  if (bytes === undefined && listed !== undefined)
    throw new RegistryError('REGISTRY_UNAVAILABLE', `the layout lists \`${digest}\` but does not have it`)
  if (bytes === undefined) return undefined
  countBytes(bytes.length)
  await prepareManifest(bytes, signal)
  // What no index describes says itself what it is.
  const { mediaType } = parseManifest(bytes, listed?.mediaType ?? '')
  return { digest, mediaType, bytes }
}

function notFound({ name }: Layout, reference: string): ManifestNotFound {
  const message = 'the OCI image layout has no such manifest'
  return {
    notFound: true,
    detail: {
      kind: 'registry-answer',
      method: 'GET',
      url: `oci-layout:${name}${isDigest(reference) ? '@' : ':'}${reference}`,
      status: 404,
      errors: [{ code: 'MANIFEST_UNKNOWN', message }],
    },
  }
}

/**
 * Returns the manifests of the layout that name the subject, as a registry would list them. One that is not there, or
 * cannot be read, may name it, too.
 */
async function referrersOf({ folder, countBytes, signal }: Layout, subject: Digest): Promise<ReferrerListing> {
  const listing = await folder.list()
  const found: Descriptor[] = []
  let { complete } = listing
  for (const each of new Map(listing.descriptors.map((descriptor) => [descriptor.digest, descriptor])).values()) {
    const bytes = await folder.read(each.digest, DEFAULT_LIMITS.manifestBytes)
    if (bytes !== undefined) countBytes(bytes.length)
    const manifest = bytes && (await readManifest(bytes, each.mediaType, signal))
    if (manifest === undefined) complete = false
    else if (ownMember(manifest['subject'], 'digest') === subject) found.push(described(each, manifest))
  }
  const descriptors = found.slice(0, DEFAULT_LIMITS.referrers)
  return {
    descriptors,
    complete: complete && descriptors.length === found.length,
    source: found.length === 0 ? 'none' : 'api',
  }
}

async function readManifest(
  bytes: Uint8Array,
  mediaType: string,
  signal: AbortSignal,
): Promise<JsonObject | undefined> {
  await prepareManifest(bytes, signal)
  try {
    return parseManifest(bytes, mediaType).manifest
  } catch (error) {
    if (error instanceof RegistryError) return undefined
    throw error
  }
}

/** @see OCI distribution specification 1.1, "Listing Referrers", for where `artifactType` comes from */
function described({ mediaType, digest, size }: Descriptor, manifest: JsonObject): Descriptor {
  const type = manifest['artifactType'] ?? ownMember(manifest['config'], 'mediaType')
  const { annotations } = manifest
  const texts = isJsonObject(annotations)
    ? Object.entries(annotations).flatMap(([name, value]) => (typeof value === 'string' ? [[name, value]] : []))
    : []
  return {
    mediaType,
    digest,
    size,
    ...(typeof type === 'string' && type !== '' ? { artifactType: type } : {}),
    ...(texts.length > 0 && { annotations: Object.fromEntries(texts) }),
  }
}
