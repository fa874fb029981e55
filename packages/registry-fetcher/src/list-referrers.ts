import { isObject, parseStrictJson } from '@verify-images/primitives'
import type { Descriptor, Digest, ManifestNotFound, ReferrerListing, StoredManifest } from '@verify-images/primitives'
import { readBody } from './body.ts'
import { decodeDescriptor } from './descriptor.ts'
import { MAX_HEADER_LENGTH } from './limits.ts'
import { isIndexType, manifestMediaType, OCI_INDEX } from './manifest.ts'
import { RegistryError } from './registry-error.ts'
import type { Repository } from './repository.ts'
import type { RepositoryClient } from './repository-client.ts'
import type { SendContext } from './send.ts'
import { statusError } from './status-answer.ts'

/** Statuses of registries without the referrers API. */
const API_ABSENT: ReadonlySet<number> = new Set([400, 404, 405, 406])

interface Page {
  readonly index: Uint8Array
  readonly next: string | undefined
}

/** The descriptors collected so far, each digest once. */
interface Collector {
  readonly descriptors: Descriptor[]
  complete: boolean
}

/**
 * Lists the referrers of a manifest with the referrers API, or from the fallback tag if there is no API or it lists
 * nothing: tools that pushed before the registry had the API wrote the tag.
 *
 * Invalid entries make a listing incomplete and do not hide the others, so that invalid referrers pushed beside an image
 * cannot hide its signatures.
 *
 * @param fallback fetches the manifest at a tag
 * @throws RegistryError when the registry did not answer, or not with an index
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

/** Returns `<algorithm>-<hex>`, truncated to what fits in a tag. */
function fallbackTag(subject: Digest): string {
  const [algorithm = '', hex = ''] = subject.split(':', 2)
  return `${algorithm}-${hex.slice(0, 64)}`
}

/** Returns undefined if the registry has no referrers API. */
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
  const answer = await client.get(
    {
      url,
      accept: OCI_INDEX,
      async read(ok): Promise<Page> {
        const {
          settings: { limits },
          accounting,
        } = context
        const index = await readBody(ok, {
          maxBytes: limits.manifestBytes,
          what: 'the referrers listing',
          onBytes: accounting.countBytes,
        })
        if (!isIndexType(manifestMediaType(index, ok.header('content-type')))) {
          throw new RegistryError('REGISTRY_RESPONSE_INVALID', 'invalid referrers listing: expected an index')
        }
        const link = ok.header('link')
        return { index, next: link === undefined ? undefined : (nextLink(link) ?? '') }
      },
    },
    signal,
  )
  if (answer.kind === 'body') return answer.value
  if (API_ABSENT.has(answer.status)) return undefined
  throw statusError(answer, `\`${repository.host}\``)
}

/** Returns the target of the `rel="next"` link of a `Link` header, as it is written there. @see RFC 8288, section 3 */
export function nextLink(header: string | undefined): string | undefined {
  if (header === undefined || header.length > MAX_HEADER_LENGTH) return undefined
  for (const [, target, parameters] of header.matchAll(/<([^<>]*)>([^<]*)/g)) {
    if (/;\s*rel\s*=\s*"?next"?\s*(?:[;,]|$)/i.test(parameters ?? '')) return target
  }
  return undefined
}

/** Returns the URL of the next page if it belongs to the same listing. */
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
