import { aFunction, CheckError, type OptionTable, withMethods } from '@verify-images/primitives'
import { checkOptions } from '../check-options.ts'
import { MAX_CRL_BYTES, MAX_OCSP_BYTES, MAX_RESPONDERS } from '../limits.ts'
import { certificateId } from './certificate-id.ts'
import { writeOcspRequest } from './ocsp-request.ts'
import { readOcspResponse } from './ocsp-response.ts'
import { reading, unknownBecause } from './problem.ts'
import { askCache, createMemoryRevocationCache, tellCache } from './revocation-cache.ts'
import type { RevocationCache } from './revocation-cache.ts'
import type { RevocationAnswer, RevocationChecker, RevocationRequest } from './revocation-checker.ts'
import { readRevocationList } from './revocation-list.ts'

/** A question to an OCSP responder, or the fetch of a revocation list. */
export interface ResponderRequest {
  readonly url: string
  /** Posted as an OCSP request, if given. */
  readonly body?: Uint8Array
  readonly accept: string
  readonly maxBytes: number
}

/**
 * Fetches what certificates name; `createResponderFetch` of the registry fetcher is one.
 *
 * Whoever makes a certificate chooses the URL, so a fetch must reach public addresses only, show no credentials, and
 * refuse what is larger than `maxBytes`. The message of an error with a `REGISTRY_…` code is shown.
 */
export type ResponderFetch = (request: ResponderRequest, signal: AbortSignal) => Promise<Uint8Array>

export interface RevocationCheckerOptions {
  readonly fetch: ResponderFetch
  /** Where answers are kept while they hold; in memory if left out. */
  readonly cache?: RevocationCache
}

const revocationCheckerOptions: OptionTable<RevocationCheckerOptions> = {
  fetch: aFunction,
  cache: withMethods('a cache', 'get', 'set'),
}

/**
 * Returns a checker that asks whether certificates have been revoked: OCSP where a certificate names a responder, and
 * its revocation lists where it names none or the responder could not say.
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
    return unknown('', 'the certificate names too many responders')
  let answer = ocspUrls.length > 0 ? await askResponders(request, responders, signal) : undefined
  // A responder that cannot say is no reason not to look at the list.
  if ((!answer || answer.status === 'unknown') && crlUrls.length > 0)
    answer = await readLists(request, responders, signal)
  return answer ?? unknown('', 'the certificate names a revocation list in a way that cannot be fetched')
}

/** The first responder that can say decides. */
async function askResponders(
  request: RevocationRequest,
  responders: Responders,
  signal: AbortSignal,
): Promise<RevocationAnswer> {
  let first: RevocationAnswer | undefined
  const body = reading(() => writeOcspRequest(certificateId(request.certificate, request.issuer)))
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
  return first ?? unknown('', 'no responder is named')
}

/** Lists may each hold a part of what has been revoked, so all of them must be had. */
async function readLists(
  request: RevocationRequest,
  responders: Responders,
  signal: AbortSignal,
): Promise<RevocationAnswer> {
  const answers: RevocationAnswer[] = []
  for (const url of request.certificate.crlUrls) {
    const answer = await answerFrom(
      { url, accept: 'application/pkix-crl', maxBytes: MAX_CRL_BYTES },
      (bytes) => readRevocationList(bytes, request),
      responders,
      signal,
    )
    if (answer.status === 'revoked') return answer
    answers.push(answer)
  }
  return answers.find(({ status }) => status === 'unknown') ?? answers[0] ?? unknown('', 'no list is named')
}

/** What is kept is read like what is fetched; only if it says nothing somebody is asked. */
async function answerFrom(
  question: ResponderRequest,
  read: (bytes: Uint8Array) => Status,
  { fetch, cache }: Responders,
  signal: AbortSignal,
): Promise<RevocationAnswer> {
  const key = `${question.url} ${Buffer.from(question.body ?? []).toString('base64url')}`
  const source = question.url
  const kept = await askCache(cache, key)
  const known = kept && attempt(() => read(kept))
  if (known) return { status: known, source }
  try {
    const bytes = await fetch(question, signal)
    const status = read(bytes)
    tellCache(cache, key, bytes)
    return { status, source }
  } catch (error) {
    signal.throwIfAborted()
    return unknown(source, isCoded(error) ? error.message : 'the responder could not be reached')
  }
}

function attempt(read: () => Status): Status | undefined {
  try {
    return read()
  } catch (error) {
    if (error instanceof CheckError) return undefined
    throw unknownBecause('the kept answer cannot be read', error)
  }
}

/** Whether an error was made to be shown, by its code; what a fetch throws by mistake was not. */
function isCoded(error: unknown): error is Error {
  return error instanceof Error && /^(?:ATTESTOR|REGISTRY)_/.test(String(Reflect.get(error, 'code')))
}

function unknown(source: string, problem: string): RevocationAnswer {
  return { status: 'unknown', source, problem }
}
