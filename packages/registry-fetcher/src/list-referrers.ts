import { isObject, parseStrictJson } from '@verify-images/primitives'
import type { Descriptor, Digest, ManifestNotFound, ReferrerListing, StoredManifest } from '@verify-images/primitives'
import { readBody } from './body.ts'
import { decodeDescriptor } from './descriptor.ts'
import { nextLink } from './link-header.ts'
import { isIndexType, manifestMediaType, OCI_INDEX } from './manifest.ts'
import { refusalError } from './refusal-error.ts'
import { RegistryError } from './registry-error.ts'
import type { Repository } from './repository.ts'
import type { RepositoryClient } from './repository-client.ts'
import type { SendContext } from './send.ts'

/** Answers of registries that do not have the referrers API. */
const API_ABSENT: ReadonlySet<number> = new Set([400, 404, 405, 406])

interface Page {
  readonly index: Uint8Array
  readonly next: string | undefined
}

/** Collects descriptors, each digest once, within the limit. */
interface Collector {
  readonly descriptors: Descriptor[]
  complete: boolean
}

/**
 * What refers to a manifest, by the referrers API; by the fallback tag where there is no API, or where it knows of none:
 * tools that pushed before the registry had the API have left the tag.
 *
 * What cannot be read of a listing makes it incomplete and does not spoil the rest, so that who pushes rubbish beside an
 * image cannot hide its good signatures.
 *
 * @param fallback reads the manifest at a tag
 * @throws RegistryError where the registry did not answer, or not with an index
 */
export async function listReferrers(
  context: SendContext,
  client: RepositoryClient,
  repository: Repository,
  subject: Digest,
  fallback: (tag: string) => Promise<StoredManifest | ManifestNotFound>,
  signal: AbortSignal,
): Promise<ReferrerListing> {
  const { referrers } = context.settings.limits
  const listed = await listPages(context, client, repository, subject, signal)
  if (listed !== undefined && (listed.descriptors.length > 0 || !listed.complete)) return { ...listed, source: 'api' }
  const stored = await fallback(fallbackTag(subject))
  if ('notFound' in stored) return { descriptors: [], complete: true, source: listed === undefined ? 'none' : 'api' }
  const collector: Collector = { descriptors: [], complete: true }
  if (isIndexType(stored.mediaType)) collect(collector, stored.bytes, referrers)
  else collector.complete = false
  return { ...collector, source: 'fallback-tag' }
}

/** `<algorithm>-<hex>`, cut to what fits in a tag. */
function fallbackTag(subject: Digest): string {
  const [algorithm = '', hex = ''] = subject.split(':', 2)
  return `${algorithm}-${hex.slice(0, 64)}`
}

/** Undefined where the registry has no referrers API. */
async function listPages(
  context: SendContext,
  client: RepositoryClient,
  repository: Repository,
  subject: Digest,
  signal: AbortSignal,
): Promise<Collector | undefined> {
  const {
    settings: { limits },
  } = context
  const first = client.urlOf(`referrers/${subject}`)
  const collector: Collector = { descriptors: [], complete: true }
  const seen = new Set<string>()
  for (let url: URL | undefined = first; url !== undefined;) {
    seen.add(url.href)
    const page = await readPage(context, client, repository, url, signal)
    if (page === undefined) return undefined
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
  context: SendContext,
  client: RepositoryClient,
  repository: Repository,
  url: URL,
  signal: AbortSignal,
): Promise<Page | undefined> {
  const answered = await client.ask(
    {
      url,
      accept: OCI_INDEX,
      async read(answer): Promise<Page> {
        const {
          settings: { limits },
          accounting,
        } = context
        const index = await readBody(answer, {
          maxBytes: limits.manifestBytes,
          what: 'the list of referrers',
          onBytes: accounting.countBytes,
        })
        if (!isIndexType(manifestMediaType(index, answer.header('content-type')))) {
          throw new RegistryError('REGISTRY_RESPONSE_INVALID', 'the list of referrers is not an index')
        }
        const link = answer.header('link')
        return { index, next: link === undefined ? undefined : (nextLink(link) ?? '') }
      },
    },
    signal,
  )
  if (answered.kind === 'read') return answered.value
  if (API_ABSENT.has(answered.status)) return undefined
  throw refusalError(answered, `\`${repository.host}\``)
}

/** The next page, if it is one of the same listing: a link may not lead anywhere else. */
function nextPage(link: string, current: URL, first: URL): URL | undefined {
  const url = link === '' ? null : URL.parse(link, current.href)
  return url !== null &&
    url.origin === first.origin &&
    url.pathname === first.pathname &&
    url.username === '' &&
    url.password === ''
    ? url
    : undefined
}

function collect(collector: Collector, bytes: Uint8Array, limit: number): void {
  const index = parseStrictJson(bytes)
  const entries = isObject(index) ? (index['manifests'] ?? []) : undefined
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
