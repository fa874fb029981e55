import { digestAlgorithm, digestOf, isObject, prepareManifest } from '@verify-images/primitives'
import type {
  Descriptor,
  Digest,
  JsonObject,
  ManifestNotFound,
  ReferrerListing,
  StoredManifest,
} from '@verify-images/primitives'
import { readBody } from './body.ts'
import { decodeDescriptor } from './descriptor.ts'
import { fetchManifest } from './fetch-manifest.ts'
import { isIndexType, OCI_INDEX, parseManifest } from './manifest.ts'
import { nextLink, nextPage } from './next-link.ts'
import { RegistryError } from './registry-error.ts'
import type { RepositoryClient } from './repository-client.ts'
import { statusError } from './status-answer.ts'

/** Statuses of registries without the referrers API, as for go-containerregistry. 405 is not among them. */
const API_ABSENT: ReadonlySet<number> = new Set([400, 404, 406])

interface Page {
  readonly index: JsonObject
  readonly next: string | undefined
}

/** The descriptors collected so far, each digest once. */
interface Collector {
  readonly descriptors: Descriptor[]
  complete: boolean
}

/** What the referrers API lists; undefined if the registry does not have it. */
export type ApiListing = Readonly<Omit<ReferrerListing, 'source'>> | undefined

/**
 * Lists the referrers of a manifest with the referrers API, or from the fallback tag if there is no API or it lists
 * nothing: tools that pushed before the registry had the API wrote the tag.
 *
 * Another media type than that of an index means that there is no API. A redirect to another place does not: it may
 * lead to a log-in page, which says nothing about referrers.
 *
 * Invalid entries make a listing incomplete and do not hide the others, so that invalid referrers pushed beside an
 * image cannot hide its signatures.
 *
 * @param list asks the referrers API
 * @param fallback fetches the manifest at a tag
 * @param limit referrers that are kept
 * @throws RegistryError when the registry did not answer, or not with an index
 */
export async function listReferrers(
  subject: Digest,
  list: () => Promise<ApiListing>,
  fallback: (tag: string) => Promise<StoredManifest | ManifestNotFound>,
  limit: number,
): Promise<ReferrerListing> {
  const listed = await list()
  if (listed !== undefined && (listed.descriptors.length > 0 || !listed.complete)) return { ...listed, source: 'api' }
  const stored = await fallback(fallbackTag(subject))
  if ('notFound' in stored || isNoListing(stored, subject))
    return { descriptors: [], complete: true, source: listed === undefined ? 'none' : 'api' }
  const collector: Collector = { descriptors: [], complete: true }
  if (isIndexType(stored.mediaType)) collect(collector, parseManifest(stored.bytes, stored.mediaType).manifest, limit)
  else collector.complete = false
  return { ...collector, source: 'fallback-tag' }
}

/**
 * Returns whether a manifest at the fallback tag is not a listing: some registries (GitLab's) resolve the tag to the
 * image itself, and an index whose entries are platforms lists parts of an image.
 */
function isNoListing({ bytes, mediaType }: StoredManifest, subject: Digest): boolean {
  if (digestOf(bytes, digestAlgorithm(subject)) === subject) return true
  const index = isIndexType(mediaType) ? parseManifest(bytes, mediaType).manifest : undefined
  const entries: readonly unknown[] = Array.isArray(index?.['manifests']) ? index['manifests'] : []
  const has = (name: string): boolean => entries.some((entry) => isObject(entry) && Object.hasOwn(entry, name))
  return has('platform') && !has('artifactType')
}

function ofReferrersRequest({ code, message, status, detail, cause }: RegistryError): RegistryError {
  return new RegistryError(code, `the referrers request failed: ${message}`, { status, detail, cause })
}

/** Returns `<algorithm>-<hex>`, truncated to what fits in a tag. */
function fallbackTag(subject: Digest): string {
  const [algorithm = '', hex = ''] = subject.split(':', 2)
  return `${algorithm}-${hex.slice(0, 64)}`
}

/** Returns what the referrers API lists; undefined if the registry does not have it. */
export async function listFromApi(client: RepositoryClient, subject: Digest, signal: AbortSignal): Promise<ApiListing> {
  return listPages(client, subject, signal).catch((error: unknown) => {
    throw error instanceof RegistryError ? ofReferrersRequest(error) : error
  })
}

async function listPages(
  client: RepositoryClient,
  subject: Digest,
  signal: AbortSignal,
): Promise<Collector | undefined> {
  const { limits } = client.context.settings
  const first = client.urlOf(`referrers/${subject}`)
  const collector: Collector = { descriptors: [], complete: true }
  const seen = new Set<string>()
  for (let url: URL | undefined = first; url !== undefined;) {
    seen.add(url.href)
    const page = await readPage(client, subject, url, signal)
    if (page === undefined && url === first) return undefined
    if (page === undefined)
      throw new RegistryError(
        'REGISTRY_RESPONSE_INVALID',
        `\`${client.repository.host}\` answered with an index, and for its next page with something else`,
      )
    collect(collector, page.index, limits.referrers)
    if (page.next === undefined) break
    url = nextPage(page.next, url, first)
    const more =
      url !== undefined &&
      !seen.has(url.href) &&
      seen.size < limits.referrerPages &&
      collector.descriptors.length < limits.referrers
    if (!more) {
      collector.complete = false
      url = undefined
    }
  }
  return collector
}

async function readPage(
  client: RepositoryClient,
  subject: Digest,
  url: URL,
  signal: AbortSignal,
): Promise<Page | undefined> {
  const {
    repository,
    context: {
      settings: { limits },
      accounting,
    },
  } = client
  const answer = await client.get(
    {
      url,
      accept: OCI_INDEX,
      proveAccess: (timed) => fetchManifest(client, subject, timed),
      // The fallback tag is asked for next, which is a manifest.
      returnsUnproven: true,
      mayRedirectTo: (target) => target.host === url.host && target.pathname === url.pathname,
      async read(ok): Promise<Page | undefined> {
        const contentType = ok.header('content-type')
        if (contentType?.split(';', 1)[0]?.trim().toLowerCase() !== OCI_INDEX) {
          ok.discard()
          return undefined
        }
        const bytes = await readBody(ok, {
          maxBytes: limits.manifestBytes,
          what: 'the referrers listing',
          onPart: (part) => accounting.countBytes(part.length),
        })
        await prepareManifest(bytes, signal)
        const { mediaType, manifest } = parseManifest(bytes, contentType)
        if (!isIndexType(mediaType))
          throw new RegistryError('REGISTRY_RESPONSE_INVALID', 'invalid referrers listing: expected an index')
        const link = ok.header('link')
        return { index: manifest, next: link === undefined ? undefined : (nextLink(link) ?? '') }
      },
    },
    signal,
  )
  if (answer.kind === 'body') return answer.value
  if (API_ABSENT.has(answer.status)) return undefined
  throw statusError(answer, `\`${repository.host}\``)
}

function collect(collector: Collector, index: JsonObject, limit: number): void {
  const entries = index['manifests'] ?? []
  if (!Array.isArray(entries)) {
    collector.complete = false
    return
  }
  const known = new Set(collector.descriptors.map(({ digest }) => digest))
  for (const entry of entries) {
    const descriptor = decodeDescriptor(entry)
    if (descriptor === undefined || (!known.has(descriptor.digest) && known.size >= limit)) collector.complete = false
    else if (!known.has(descriptor.digest)) {
      known.add(descriptor.digest)
      collector.descriptors.push(descriptor)
    }
  }
}
