import { request as httpRequest } from 'node:http'
import { request as httpsRequest } from 'node:https'

export interface PushTarget {
  /** `http://127.0.0.1:<port>`, or `https:` with its certificate authority. */
  readonly endpoint: string
  readonly ca?: string
  /** The value of the `Authorization` header. */
  readonly authorization?: string
}

interface Stored {
  readonly mediaType: string
  readonly bytes: Buffer
}

/**
 * Copies tags of a repository from a loopback registry to another registry, with everything that their manifests refer
 * to, by the push protocol of the distribution specification.
 */
export async function pushRepository(
  source: string,
  target: PushTarget,
  repository: string,
  references: readonly string[],
): Promise<void> {
  for (const reference of references) await pushManifest(source, target, repository, reference)
}

async function pushManifest(source: string, target: PushTarget, repository: string, reference: string): Promise<void> {
  const { mediaType, bytes } = await pull(source, `/v2/${repository}/manifests/${reference}`)
  const { config, layers = [], manifests = [] } = membersOf(bytes)
  for (const { digest } of [...(config === undefined ? [] : [config]), ...layers])
    await pushBlob(target, repository, digest, (await pull(source, `/v2/${repository}/blobs/${digest}`)).bytes)
  for (const { digest } of manifests) await pushManifest(source, target, repository, digest)
  const path = `/v2/${repository}/manifests/${reference}`
  const { status } = await send(target, 'PUT', path, bytes, { 'content-type': mediaType })
  if (status !== 201) throw new Error(`PUT ${path}: ${String(status)}`)
}

async function pushBlob(target: PushTarget, repository: string, digest: string, bytes: Buffer): Promise<void> {
  const { status, location } = await send(target, 'POST', `/v2/${repository}/blobs/uploads/`)
  if (status !== 202 || location === undefined) throw new Error(`POST uploads: ${String(status)}`)
  const upload = new URL(location, target.endpoint)
  upload.searchParams.set('digest', digest)
  const done = await send(target, 'PUT', `${upload.pathname}${upload.search}`, bytes)
  if (done.status !== 201) throw new Error(`PUT blob: ${String(done.status)}`)
}

interface Members {
  readonly config?: { readonly digest: string }
  readonly layers?: readonly { readonly digest: string }[]
  readonly manifests?: readonly { readonly digest: string }[]
}

function membersOf(bytes: Buffer): Members {
  return Object(JSON.parse(bytes.toString('utf8')))
}

async function pull(endpoint: string, path: string): Promise<Stored> {
  const response = await fetch(endpoint + path)
  if (!response.ok) throw new Error(`GET ${path}: ${String(response.status)}`)
  return { mediaType: response.headers.get('content-type') ?? '', bytes: Buffer.from(await response.arrayBuffer()) }
}

function send(
  { endpoint, ca, authorization }: PushTarget,
  method: string,
  path: string,
  body?: Buffer,
  headers: Readonly<Record<string, string>> = {},
): Promise<{ readonly status: number; readonly location: string | undefined }> {
  const request = endpoint.startsWith('https:') ? httpsRequest : httpRequest
  return new Promise((resolve, reject) => {
    const sent = request(new URL(path, endpoint), {
      method,
      headers: {
        ...headers,
        ...(authorization !== undefined && { authorization }),
        'content-length': body?.length ?? 0,
      },
      ...(ca !== undefined && { ca }),
    })
    sent.on('error', reject)
    sent.on('response', (response) => {
      response.resume()
      response.on('end', () => resolve({ status: response.statusCode ?? 0, location: response.headers.location }))
    })
    sent.end(body)
  })
}
