import { aFunction, CheckError, type OptionTable, withMethods } from '@verify-images/primitives'
import { MAX_CRL_BYTES, MAX_OCSP_BYTES, MAX_RESPONDERS } from '../limits.ts'
import { checkOptions } from '../notary-error.ts'
import { certificateId } from './certificate-id.ts'
import { writeOcspRequest } from './ocsp-request.ts'
import { readOcspResponse } from './ocsp-response.ts'
import { reading, unknownBecause } from './problem.ts'
import { createMemoryRevocationCache, readCache, writeCache } from './revocation-cache.ts'
import type { RevocationCache } from './revocation-cache.ts'
import type { RevocationAnswer, RevocationChecker, RevocationRequest } from './revocation-checker.ts'
import { readRevocationList } from './revocation-list.ts'

/** An OCSP request, or the fetch of a CRL. */
export interface ResponderRequest {
  readonly url: string
  /** Posted as an OCSP request, if given. */
  readonly body?: Uint8Array
  readonly accept: string
  readonly maxBytes: number
}

/**
 * Fetches from the addresses in certificates, such as `createResponderFetch` of registry-fetcher.
 *
 * The issuer of a certificate chooses the URL, so a fetch must connect to public addresses only, send no credentials,
 * and reject responses larger than `maxBytes`. The message of an error with a `REGISTRY_…` code is shown.
 */
export type ResponderFetch = (request: ResponderRequest, signal: AbortSignal) => Promise<Uint8Array>

export interface RevocationCheckerOptions {
  readonly fetch: ResponderFetch
  /** Where responses are kept while they are valid; in memory by default. */
  readonly cache?: RevocationCache
}

const revocationCheckerOptions: OptionTable<RevocationCheckerOptions> = {
  fetch: aFunction,
  cache: withMethods('a cache', 'get', 'set'),
}

/**
 * Creates a revocation checker: OCSP if the certificate has a responder, and its CRLs if it has none or the responder
 * could not tell.
 *
 * @throws NotaryError NOTARY_OPTIONS_INVALID
 * @see RFC 6960; RFC 5280, 5; Notary Project, trust store and trust policy: Revocation
 */
export function createRevocationChecker(options: RevocationCheckerOptions): RevocationChecker {
  checkOptions(options, revocationCheckerOptions, { required: ['fetch'] })
  const responders: Responders = { fetch: options.fetch, cache: options.cache ?? createMemoryRevocationCache() }
  return { checkRevocation: (request, signal) => check(request, responders, signal) }
}

interface Responders {
  readonly fetch: ResponderFetch
  readonly cache: RevocationCache
}

type Status = 'good' | 'revoked'

async function check(
  request: RevocationRequest,
  responders: Responders,
  signal: AbortSignal,
): Promise<RevocationAnswer> {
  const { ocspUrls, crlUrls } = request.certificate
  if (ocspUrls.length > MAX_RESPONDERS || crlUrls.length > MAX_RESPONDERS)
    return unknown('', `expected at most ${MAX_RESPONDERS} OCSP responders and CRLs in the certificate`)
  let answer = ocspUrls.length > 0 ? await askResponders(request, responders, signal) : undefined
  // If the responder cannot tell, the CRL may.
  if ((!answer || answer.status === 'unknown') && crlUrls.length > 0)
    answer = await readLists(request, responders, signal)
  return answer ?? unknown('', 'the certificate has no CRL address that can be fetched')
}

/** The first responder that knows the status decides. */
async function askResponders(
  request: RevocationRequest,
  responders: Responders,
  signal: AbortSignal,
): Promise<RevocationAnswer> {
  let first: RevocationAnswer | undefined
  const body = await reading(() => writeOcspRequest(certificateId(request.certificate, request.issuer)))
  for (const url of request.certificate.ocspUrls) {
    const answer = await answerFrom(
      { url, body, accept: 'application/ocsp-response', maxBytes: MAX_OCSP_BYTES },
      (bytes) => readOcspResponse(bytes, request),
      responders,
      signal,
    )
    if (answer.status !== 'unknown') return answer
    first ??= answer
  }
  return first ?? unknown('', 'the certificate has no OCSP responder')
}

/** Each CRL may have a part of the revocations, so all of them are needed. */
async function readLists(
  request: RevocationRequest,
  responders: Responders,
  signal: AbortSignal,
): Promise<RevocationAnswer> {
  const answers: RevocationAnswer[] = []
  for (const url of request.certificate.crlUrls) {
    const answer = await answerFrom(
      { url, accept: 'application/pkix-crl', maxBytes: MAX_CRL_BYTES },
      (bytes) => readRevocationList(bytes, request, signal),
      responders,
      signal,
    )
    if (answer.status === 'revoked') return answer
    answers.push(answer)
  }
  return answers.find(({ status }) => status === 'unknown') ?? answers[0] ?? unknown('', 'the certificate has no CRL')
}

/** Parses a cached response like a fetched one, and sends a request only if it does not state the status. */
async function answerFrom(
  question: ResponderRequest,
  read: (bytes: Uint8Array) => Promise<Status>,
  { fetch, cache }: Responders,
  signal: AbortSignal,
): Promise<RevocationAnswer> {
  const key = `${question.url} ${Buffer.from(question.body ?? []).toString('base64url')}`
  const source = question.url
  const kept = await readCache(cache, key)
  const known = kept && (await attempt(() => read(kept), signal))
  if (known) return { status: known, source }
  try {
    const bytes = await fetch(question, signal)
    const status = await read(bytes)
    writeCache(cache, key, bytes)
    return { status, source }
  } catch (error) {
    signal.throwIfAborted()
    return unknown(source, isCoded(error) ? error.message : 'the responder is unreachable')
  }
}

async function attempt(read: () => Promise<Status>, signal: AbortSignal): Promise<Status | undefined> {
  try {
    return await read()
  } catch (error) {
    signal.throwIfAborted()
    if (error instanceof CheckError) return undefined
    throw unknownBecause('the cached response cannot be parsed', error)
  }
}

/** Returns whether an error has a code, so that its message may be shown. */
function isCoded(error: unknown): error is Error {
  return error instanceof Error && /^(?:ATTESTOR|REGISTRY)_/.test(String(Reflect.get(error, 'code')))
}

function unknown(source: string, problem: string): RevocationAnswer {
  return { status: 'unknown', source, problem }
}
