import {
  type AddressReach,
  aFunction,
  aPositiveInteger,
  aString,
  arrayOf,
  type OptionTable,
} from '@verify-images/primitives'
import type { ResolveAddresses } from './address.ts'
import { readBody } from './body.ts'
import { checkOptions } from './check-options.ts'
import { DEFAULT_LIMITS, MAX_RESPONDER_REDIRECTS, MAX_RESPONDER_URL_LENGTH, RESPONDER_TIMEOUT_MS } from './limits.ts'
import { networkError } from './network-error.ts'
import { createNodeTransport } from './node-transport.ts'
import { RegistryError } from './registry-error.ts'
import type { Transport, TransportAnswer } from './transport.ts'
import { shown } from './shown.ts'

/** A question to an OCSP responder, or the fetch of a revocation list. */
export interface ResponderRequest {
  readonly url: string
  /** Posted as an OCSP request, if given. */
  readonly body?: Uint8Array
  readonly accept: string
  readonly maxBytes: number
}

/** Returns the body of the answer. @throws RegistryError */
export type ResponderFetch = (request: ResponderRequest, signal: AbortSignal) => Promise<Uint8Array>

export interface ResponderFetchOptions {
  /**
   * Hosts (`host` or `host:port`) that may be inside the network. All others are asked only at public addresses: whoever
   * makes a certificate chooses the host.
   */
  readonly allowHosts?: readonly string[]
  /** One answer with its redirects, from the first byte sent to the last one read; 5 s unless given. */
  readonly timeoutMs?: number
  /** Instead of the system's resolver. */
  readonly resolve?: ResolveAddresses
}

export const responderFetchOptions: OptionTable<ResponderFetchOptions> = {
  allowHosts: arrayOf(aString),
  timeoutMs: aPositiveInteger,
  resolve: aFunction,
}

const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308])

/**
 * Returns a fetch for the URLs that certificates name: OCSP responders and revocation lists.
 *
 * It shares the transport of the registry client, with a narrower reach: public addresses only, http and https, no
 * credentials, no connection kept, no retry. A redirect is followed for a list only, never to another scheme, and each
 * hop is checked like the first.
 *
 * @throws RegistryError `REGISTRY_OPTIONS_INVALID`
 */
export function createResponderFetch(options: ResponderFetchOptions = {}): ResponderFetch {
  checkOptions(options, responderFetchOptions)
  const { timeoutMs = RESPONDER_TIMEOUT_MS, resolve } = options
  const allowHosts = new Set(options.allowHosts?.map((host) => host.toLowerCase()))
  const transport = createNodeTransport(DEFAULT_LIMITS.connectionsPerHost, resolve, false)
  return async (request, callerSignal) => {
    callerSignal.throwIfAborted()
    const signal = AbortSignal.any([callerSignal, AbortSignal.timeout(timeoutMs)])
    let url = parseUrl(request.url)
    for (let hop = 0; hop <= MAX_RESPONDER_REDIRECTS; hop++) {
      const reach = allowHosts.has(url.hostname) || allowHosts.has(url.host) ? 'any' : 'public'
      const answered = await exchange(transport, request, { url, reach, timeoutMs, signal })
      if (answered instanceof Uint8Array) return answered
      url = redirectedUrl(answered.location, url, request)
    }
    throw refused(`\`${url.host}\` redirects more than ${String(MAX_RESPONDER_REDIRECTS)} times`)
  }
}

interface Hop {
  readonly url: URL
  readonly reach: AddressReach
  readonly timeoutMs: number
  readonly signal: AbortSignal
}

/** One request: the body of the answer, or where it redirects to. */
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
        `the responder \`${url.host}\` answered with status ${String(discard(answer).status)}`,
        { status: answer.status },
      )
    }
    return await readBody(answer, { maxBytes, what: 'the answer of the responder', onBytes: () => undefined })
  } catch (error) {
    throw networkError(error, { host: url.host, url: url.href, method, mapped: false, signal })
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
      `expected an http or https URL without credentials, got \`${shown(text, 200)}\``,
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
