import {
  type AddressReach,
  aFunction,
  aPositiveInteger,
  aString,
  arrayOf,
  type OptionTable,
  printableText,
  withLinkedSignal,
} from '@verify-images/primitives'
import type { ResolveAddresses } from './address.ts'
import { readBody } from './body.ts'
import { checkOptions } from './check-options.ts'
import { DEFAULT_LIMITS, MAX_RESPONDER_REDIRECTS, MAX_RESPONDER_URL_LENGTH, RESPONDER_TIMEOUT_MS } from './limits.ts'
import { networkError } from './network-error.ts'
import { createNodeTransport } from './node-transport.ts'
import { RegistryError } from './registry-error.ts'
import type { Transport, TransportAnswer } from './transport.ts'

/** A request to an OCSP responder, or for a certificate revocation list. */
export interface ResponderRequest {
  readonly url: string
  /** An OCSP request, sent with POST. */
  readonly body?: Uint8Array
  readonly accept: string
  readonly maxBytes: number
}

/** Returns the body of an answer. @throws RegistryError */
export type ResponderFetch = (request: ResponderRequest, signal: AbortSignal) => Promise<Uint8Array>

export interface ResponderFetchOptions {
  /**
   * Hosts (`host` or `host:port`) that may have internal addresses. All others must have public ones, because the
   * author of a certificate chooses the host.
   */
  readonly allowHosts?: readonly string[]
  /** One answer with its redirects, from the first byte sent to the last byte read. Default: 5 s. */
  readonly timeoutMs?: number
  /** Used instead of the system's resolver. */
  readonly resolve?: ResolveAddresses
}

export const responderFetchOptions: OptionTable<ResponderFetchOptions> = {
  allowHosts: arrayOf(aString),
  timeoutMs: aPositiveInteger,
  resolve: aFunction,
}

const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308])

/**
 * Returns a fetch for the URLs in certificates: OCSP responders and certificate revocation lists.
 *
 * It uses the transport of the registry client, with a narrower reach: public addresses only, no credentials, no
 * connection kept open, no retry. A redirect is followed only for a revocation list, never to another scheme, and each
 * one is checked like the first URL.
 *
 * @throws RegistryError `REGISTRY_OPTIONS_INVALID`
 */
export function createResponderFetch(options: ResponderFetchOptions = {}): ResponderFetch {
  checkOptions(options, responderFetchOptions)
  const { timeoutMs = RESPONDER_TIMEOUT_MS, resolve } = options
  const allowHosts = new Set(options.allowHosts?.map((host) => host.toLowerCase()))
  const transport = createNodeTransport(DEFAULT_LIMITS.connectionsPerHost, { resolve, keepAlive: false })
  async function follow(request: ResponderRequest, signal: AbortSignal): Promise<Uint8Array> {
    let url = parseUrl(request.url)
    for (let hop = 0; hop <= MAX_RESPONDER_REDIRECTS; hop++) {
      const reach = allowHosts.has(url.hostname) || allowHosts.has(url.host) ? 'any' : 'public'
      const answer = await exchange(transport, request, { url, reach, timeoutMs, signal })
      if (answer instanceof Uint8Array) return answer
      url = redirectedUrl(answer.location, url, request)
    }
    throw refused(`\`${url.host}\` redirects more than ${String(MAX_RESPONDER_REDIRECTS)} times`)
  }
  return async (request, signal) => {
    signal.throwIfAborted()
    return withLinkedSignal([signal], timeoutMs, (timed) => follow(request, timed))
  }
}

interface Hop {
  readonly url: URL
  readonly reach: AddressReach
  readonly timeoutMs: number
  readonly signal: AbortSignal
}

/** Sends one request, and returns the body of the answer or where it redirects to. */
async function exchange(
  transport: Transport,
  { body, accept, maxBytes }: ResponderRequest,
  { url, reach, timeoutMs, signal }: Hop,
): Promise<Uint8Array | { readonly location: string }> {
  const method = body === undefined ? 'GET' : 'POST'
  try {
    const answer = await transport.send({
      method,
      url,
      repository: url.host,
      headers: {
        accept,
        'accept-encoding': 'identity',
        ...(body !== undefined && { 'content-type': 'application/ocsp-request' }),
      },
      ...(body !== undefined && { body }),
      reach,
      connectMs: timeoutMs,
      idleMs: timeoutMs,
      signal,
    })
    if (REDIRECTS.has(answer.status)) return { location: discard(answer).header('location') ?? '' }
    if (answer.status !== 200) {
      throw new RegistryError(
        'REGISTRY_REQUEST_REFUSED',
        `\`${url.host}\` answered ${method} ${url.href} with status ${String(discard(answer).status)}`,
        { status: answer.status },
      )
    }
    return await readBody(answer, { maxBytes, what: 'the answer of the responder', onPart: () => undefined })
  } catch (error) {
    throw networkError(error, { host: url.host, url: url.href, method, signal })
  }
}

function discard(answer: TransportAnswer): TransportAnswer {
  answer.discard()
  return answer
}

function parseUrl(text: string): URL {
  const url = text.length > MAX_RESPONDER_URL_LENGTH ? null : URL.parse(text)
  if (!url || (url.protocol !== 'http:' && url.protocol !== 'https:') || url.username !== '' || url.password !== '') {
    throw new RegistryError(
      'REGISTRY_REFERENCE_INVALID',
      `expected an http or https URL without credentials, got \`${printableText(text, 200)}\``,
    )
  }
  return url
}

function redirectedUrl(location: string, from: URL, { body }: ResponderRequest): URL {
  const target = URL.parse(location, from.href)
  if (body !== undefined) throw refused(`\`${from.host}\` redirects an OCSP request`)
  if (!target || target.protocol !== from.protocol) throw refused(`\`${from.host}\` redirects to another scheme`)
  return parseUrl(target.href)
}

function refused(message: string): RegistryError {
  return new RegistryError('REGISTRY_REDIRECT_REFUSED', message)
}
