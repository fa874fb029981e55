import { request as requestHttp } from 'node:http'
import type { IncomingMessage, RequestOptions } from 'node:http'
import { request as requestHttps } from 'node:https'
import { isIP } from 'node:net'
import type { LookupFunction } from 'node:net'
import { MAX_REDIRECTS, MAX_URL_LENGTH } from '../limits.ts'
import { shown } from '../shown.ts'
import { isPublicAddress, publicLookup, refusedAddress, systemResolver } from './address.ts'
import type { ResolveAddresses } from './address.ts'
import { unknownBecause } from './problem.ts'

export interface ResponderRequest {
  readonly url: string
  /** Posted, if given. */
  readonly body?: Uint8Array
  readonly accept: string
  readonly maxBytes: number
}

/** Asks a responder, or fetches a list. */
export type ResponderClient = (request: ResponderRequest, signal: AbortSignal) => Promise<Uint8Array>

export interface ResponderClientOptions {
  /** Hosts (`host` or `host:port`) that may be inside the network. */
  readonly allowHosts: ReadonlySet<string>
  readonly timeoutMs: number
  readonly resolve?: ResolveAddresses
}

const REDIRECTS: ReadonlySet<number | undefined> = new Set([301, 302, 303, 307, 308])

/**
 * A client for the addresses that certificates name.
 *
 * It sends no credentials, keeps no connection, reads a bounded answer in a bounded time, and follows a redirect of a list
 * only: a few, and never to another scheme. Each hop is checked like the first.
 */
export function createResponderClient(options: ResponderClientOptions): ResponderClient {
  const guarded = publicLookup(options.resolve ?? systemResolver)
  const named = options.resolve && plainLookup(options.resolve)
  return async (request, callerSignal) => {
    const signal = AbortSignal.any([callerSignal, AbortSignal.timeout(options.timeoutMs)])
    let url = readUrl(request.url)
    for (let hop = 0; hop <= MAX_REDIRECTS; hop++) {
      const lookup = checkHost(url, options.allowHosts) ? named : guarded
      const response = await send(url, request, { signal, ...(lookup && { lookup }) })
      if (!REDIRECTS.has(response.statusCode)) return readBody(response, request.maxBytes)
      response.destroy()
      url = redirectedUrl(response, url, request)
    }
    throw unknownBecause('the responder redirects too often')
  }
}

function readUrl(text: string): URL {
  const url = text.length > MAX_URL_LENGTH ? null : URL.parse(text)
  if (!url || (url.protocol !== 'http:' && url.protocol !== 'https:') || url.username !== '' || url.password !== '') {
    throw unknownBecause(`\`${shown(text)}\` is not an address that is asked`)
  }
  return url
}

/** Whether the host has been allowed by name; an address inside the network is refused here, because sockets do not look it up. */
function checkHost({ host, hostname }: URL, allowHosts: ReadonlySet<string>): boolean {
  if (allowHosts.has(hostname) || allowHosts.has(host)) return true
  const address = hostname.replace(/^\[|\]$/g, '')
  if (isIP(address) !== 0 && !isPublicAddress(address)) throw refusedAddress(hostname)
  return false
}

function plainLookup(resolve: ResolveAddresses): LookupFunction {
  return (hostname, options, callback) => {
    resolve(hostname).then(
      (addresses) => {
        const [first] = addresses
        if (!first) callback(new Error('the name was not found'), '', 0)
        else if (options.all === true)
          callback(
            null,
            addresses.map(({ address, family }) => ({ address, family })),
          )
        else callback(null, first.address, first.family)
      },
      (error: unknown) => callback(error instanceof Error ? error : new Error('the name was not found'), '', 0),
    )
  }
}

function send(
  url: URL,
  { body, accept }: ResponderRequest,
  options: Pick<RequestOptions, 'lookup' | 'signal'>,
): Promise<IncomingMessage> {
  return new Promise((done, fail) => {
    const request = (url.protocol === 'https:' ? requestHttps : requestHttp)(
      url,
      {
        ...options,
        agent: false,
        method: body ? 'POST' : 'GET',
        headers: {
          accept: accept,
          'accept-encoding': 'identity',
          ...(body && { 'content-type': 'application/ocsp-request', 'content-length': body.length }),
        },
      },
      done,
    )
    request.on('error', fail)
    request.end(body)
  })
}

function redirectedUrl({ headers }: IncomingMessage, from: URL, { body }: ResponderRequest): URL {
  const target = URL.parse(headers.location ?? '', from.href)
  if (body || !target || target.protocol !== from.protocol)
    throw unknownBecause('the responder redirects where nobody follows')
  return readUrl(target.href)
}

async function readBody(response: IncomingMessage, maxBytes: number): Promise<Uint8Array> {
  const { statusCode, headers } = response
  if (
    statusCode !== 200 ||
    (headers['content-encoding'] ?? 'identity') !== 'identity' ||
    Number(headers['content-length'] ?? 0) > maxBytes
  ) {
    response.destroy()
    throw unknownBecause(
      statusCode === 200
        ? 'the answer is too large, or encoded'
        : `the responder answered with HTTP status ${statusCode}`,
    )
  }
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of response as AsyncIterable<Buffer>) {
    length += chunk.length
    // Leaving the loop destroys the connection.
    if (length > maxBytes) throw unknownBecause('the answer is too large')
    chunks.push(chunk)
  }
  return Uint8Array.from(Buffer.concat(chunks))
}
