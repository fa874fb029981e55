import type { Content } from './content.ts'
import type { HonestPath } from './like-registry.ts'
import type { RepositoryStore } from './repository-store.ts'

/** An answer as the registry would send it without a fault. */
export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array
}

/** @see OCI distribution specification 1.1, "Error Codes" */
export function refusal(status: number, code: string, headers: Readonly<Record<string, string>> = {}): Answer {
  const { body, headers: own } = json(status, { errors: [{ code, message: code.toLowerCase().replaceAll('_', ' ') }] })
  return { status, headers: { ...own, ...headers }, body }
}

export function json(status: number, value: unknown): Answer {
  return { status, headers: { 'content-type': 'application/json' }, body: Buffer.from(JSON.stringify(value)) }
}

/** What a registry has. */
export interface ServedContent {
  readonly repositories: ReadonlyMap<string, RepositoryStore>
  readonly sharedBlobs: RepositoryStore
  readonly referrersApi: boolean
}

/** Returns the answer to a request for a path, or for another one if that is 404. */
export function honestAnswer(method: string, { path, otherwise }: HonestPath, served: ServedContent): Answer {
  const found = answer({ method, path }, served)
  return found.status === 404 && otherwise !== undefined ? answer({ method, path: otherwise }, served) : found
}

/** @see OCI distribution specification 1.1, "Pull", "Listing Referrers" and "Error Codes" */
function answer(
  { method, path }: { readonly method: string; readonly path: string },
  { repositories, sharedBlobs, referrersApi }: ServedContent,
): Answer {
  if (method !== 'GET' && method !== 'HEAD') return refusal(405, 'UNSUPPORTED')
  const url = new URL(path, 'http://registry')
  if (/^\/v2\/?$/.test(url.pathname)) return json(200, {})
  const [, name = '', route = '', reference = ''] =
    /^\/v2\/([^:]+)\/(manifests|blobs|referrers)\/([^/]+)$/.exec(unescape(url.pathname)) ?? []
  const repository = repositories.get(name)
  const sharedBlob = route === 'blobs' ? sharedBlobs.blob(reference) : undefined
  if (sharedBlob !== undefined) return found(sharedBlob, 'BLOB_UNKNOWN')
  if (repository === undefined) return refusal(404, 'NAME_UNKNOWN')
  if (route === 'referrers') {
    if (!referrersApi) return refusal(404, 'UNSUPPORTED')
    if (!/^[a-z\d]+:[a-f\d]+$/.test(reference)) return refusal(400, 'DIGEST_INVALID')
    const artifactType = url.searchParams.get('artifactType') ?? undefined
    const { mediaType, bytes } = repository.referrers(reference, artifactType)
    return {
      status: 200,
      headers: {
        'content-type': mediaType,
        ...(artifactType !== undefined && { 'oci-filters-applied': 'artifactType' }),
      },
      body: bytes,
    }
  }
  if (route === 'blobs') return found(repository.blob(reference), 'BLOB_UNKNOWN')
  return found(repository.manifest(reference), 'MANIFEST_UNKNOWN')
}

function found(content: Content | undefined, unknown: string): Answer {
  if (content === undefined) return refusal(404, unknown)
  const { mediaType, digest, bytes } = content
  return { status: 200, headers: { 'content-type': mediaType, 'docker-content-digest': digest }, body: bytes }
}

function unescape(pathname: string): string {
  try {
    return decodeURIComponent(pathname)
  } catch {
    return ''
  }
}
