import { abortError } from './abort.ts'
import { upstreamTriesPlainHttp } from './repository.ts'
import { RegistryError } from './registry-error.ts'
import type { RegistryErrorCode } from './registry-error.ts'
import { CLOSED_WITHOUT_ANSWER, NOT_HTTP, TIMED_OUT, TransportFault } from './transport.ts'

/** What a fault is called: by us, by Go, and whether Go's error is a network operation error. */
interface Wording {
  readonly code: RegistryErrorCode
  readonly message: string
  /** `%h` is the host name, `%a` the address. */
  readonly upstream: string
  readonly networkFault: boolean
}

const UNKNOWN_AUTHORITY = tls(
  'the certificate is not signed by a trusted authority',
  'x509: certificate signed by unknown authority',
)

const DIAL_WORDINGS: ReadonlyMap<string, Wording> = new Map([
  ['ECONNREFUSED', network('refused the connection', 'dial tcp %a: connect: connection refused')],
  ['ENOTFOUND', network('could not be found by name', 'dial tcp: lookup %h: no such host')],
  ['EAI_AGAIN', network('could not be found by name', 'dial tcp: lookup %h: server misbehaving')],
  ['EHOSTUNREACH', network('cannot be reached', 'dial tcp %a: connect: no route to host')],
  ['ENETUNREACH', network('cannot be reached', 'dial tcp %a: connect: network is unreachable')],
  [
    'ETIMEDOUT',
    { ...network('did not take the connection in time', 'dial tcp %a: i/o timeout'), code: 'REGISTRY_TIMEOUT' },
  ],
  [
    TIMED_OUT,
    { ...network('did not take the connection in time', 'dial tcp %a: i/o timeout'), code: 'REGISTRY_TIMEOUT' },
  ],
  ['CERT_HAS_EXPIRED', tls('the certificate has expired', 'x509: certificate has expired or is not yet valid')],
  ['CERT_NOT_YET_VALID', tls('the certificate is not valid yet', 'x509: certificate has expired or is not yet valid')],
  [
    'ERR_TLS_CERT_ALTNAME_INVALID',
    tls('the certificate is for another name', 'x509: certificate is not valid for any names, but wanted to match %h'),
  ],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', UNKNOWN_AUTHORITY],
  ['SELF_SIGNED_CERT_IN_CHAIN', UNKNOWN_AUTHORITY],
  ['UNABLE_TO_GET_ISSUER_CERT', UNKNOWN_AUTHORITY],
  ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', UNKNOWN_AUTHORITY],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', UNKNOWN_AUTHORITY],
])

const ANSWER_WORDINGS: ReadonlyMap<string, Wording> = new Map([
  ['ECONNRESET', network('reset the connection', 'read tcp %a: read: connection reset by peer')],
  ['EPIPE', network('closed the connection', 'write tcp %a: write: broken pipe')],
  ['ETIMEDOUT', network('did not answer in time', 'read tcp %a: read: connection timed out')],
  [
    TIMED_OUT,
    {
      code: 'REGISTRY_TIMEOUT',
      message: 'did not answer in time',
      upstream: 'context deadline exceeded',
      networkFault: false,
    },
  ],
  [
    CLOSED_WITHOUT_ANSWER,
    {
      code: 'REGISTRY_UNAVAILABLE',
      message: 'closed the connection without an answer',
      upstream: 'EOF',
      networkFault: false,
    },
  ],
])
const BODY_CUT: Wording = {
  code: 'REGISTRY_RESPONSE_INVALID',
  message: 'cut its answer short',
  upstream: 'unexpected EOF',
  networkFault: false,
}
const SPEAKS_NO_HTTP: Wording = {
  code: 'REGISTRY_RESPONSE_INVALID',
  message: 'does not speak HTTP',
  upstream: 'net/http: HTTP/1.x transport connection broken: malformed HTTP response',
  networkFault: false,
}
const SPEAKS_NO_TLS: Wording = {
  code: 'REGISTRY_TLS_INVALID',
  message: 'does not speak TLS',
  upstream: 'http: server gave HTTP response to HTTPS client',
  networkFault: false,
}

function network(message: string, upstream: string): Wording {
  return { code: 'REGISTRY_UNAVAILABLE', message, upstream, networkFault: true }
}

function tls(message: string, upstream: string): Wording {
  return {
    code: 'REGISTRY_TLS_INVALID',
    message,
    upstream: `tls: failed to verify certificate: ${upstream}`,
    networkFault: false,
  }
}

export interface FaultPlace {
  /** `host[:port]` as the reference names it. */
  readonly host: string
  /** The URL as upstream would ask for it. */
  readonly upstreamUrl: string
  readonly method: string
  /** Plain HTTP was asked for by name, so that upstream greets the host both ways. */
  readonly plainHttp: boolean
  /** The embedder sends requests for this host elsewhere, so the address we failed at says nothing about the name. */
  readonly mapped: boolean
  readonly signal: AbortSignal
}

/** Whether nobody was there to speak TLS to. A certificate that is not trusted is another matter. */
export function isNotTls(error: unknown): boolean {
  const fault = error instanceof RegistryError ? error.cause : undefined
  return (
    fault instanceof TransportFault &&
    fault.stage === 'dial' &&
    (fault.systemCode === 'ECONNREFUSED' || speaksNoTls(fault.systemCode))
  )
}

/**
 * The error for a fault below HTTP.
 *
 * Upstream greets every registry with `GET /v2/` first, so that is where it meets whatever happens while connecting;
 * later faults are met at the URL itself.
 */
export function networkError(fault: unknown, place: FaultPlace): RegistryError {
  if (fault instanceof RegistryError) return fault
  if (place.signal.aborted) {
    const error = abortError(place.signal)
    return new RegistryError(error.code, error.message, {
      upstreamText: `${goMethod(place.method)} "${place.upstreamUrl}": ${error.upstreamText}`,
    })
  }
  if (!(fault instanceof TransportFault)) {
    return new RegistryError('REGISTRY_UNAVAILABLE', `\`${place.host}\` could not be asked`, { cause: fault })
  }
  const wording = wordingOf(fault, place)
  const cause = reservedName(place.host, fault) ? 'dial tcp: lookup %h: no such host' : wording.upstream
  const text = cause.replaceAll('%h', hostName(place.host)).replaceAll('%a', addressOf(fault, place))
  return new RegistryError(wording.code, `\`${place.host}\` ${wording.message}`, {
    upstreamText:
      fault.stage === 'dial' ? greetings(place, text) : `${goMethod(place.method)} "${place.upstreamUrl}": ${text}`,
    networkFault: wording.networkFault,
    cause: fault,
  })
}

function wordingOf({ stage, systemCode }: TransportFault, place: FaultPlace): Wording {
  if (stage === 'body')
    return systemCode === CLOSED_WITHOUT_ANSWER ? BODY_CUT : (ANSWER_WORDINGS.get(systemCode) ?? BODY_CUT)
  const known = (stage === 'dial' ? DIAL_WORDINGS.get(systemCode) : undefined) ?? ANSWER_WORDINGS.get(systemCode)
  if (known) return known
  if (speaksNoTls(systemCode)) return SPEAKS_NO_TLS
  const alert = /^ERR_SSL_(?:SSLV3|SSL\/TLS|TLSV1|TLSV13)_ALERT_(\w+)$/.exec(systemCode)?.[1]
  if (alert !== undefined) {
    return {
      ...network('refused the TLS handshake', `remote error: tls: ${alert.toLowerCase().replaceAll('_', ' ')}`),
      code: 'REGISTRY_TLS_INVALID',
    }
  }
  if (systemCode.startsWith('HPE_') || systemCode === NOT_HTTP) return SPEAKS_NO_HTTP
  if (
    place.upstreamUrl.startsWith('https:') &&
    /^(?:ERR_SSL_|ERR_TLS_|CERT_|UNABLE_TO_|INVALID_|HOSTNAME_)/.test(systemCode)
  )
    return UNKNOWN_AUTHORITY
  return network('could not be reached', 'dial tcp %a: connect: connection refused')
}

function speaksNoTls(systemCode: string): boolean {
  return (
    systemCode === 'ERR_SSL_WRONG_VERSION_NUMBER' ||
    systemCode === 'ERR_SSL_PACKET_LENGTH_TOO_LONG' ||
    systemCode === 'ERR_SSL_HTTP_REQUEST'
  )
}

/** Names under `.invalid` never resolve (RFC 6761), wherever an embedder sends their requests. */
function reservedName(host: string, fault: TransportFault): boolean {
  return fault.stage === 'dial' && hostName(host).endsWith('.invalid')
}

function greetings({ host, plainHttp }: FaultPlace, text: string): string {
  const schemes = plainHttp || upstreamTriesPlainHttp(host) ? ['https', 'http'] : ['https']
  return schemes.map((scheme) => `Get "${scheme}://${host}/v2/": ${text}`).join('; ')
}

function addressOf(fault: TransportFault, place: FaultPlace): string {
  if (!place.mapped && fault.address !== undefined) return fault.address
  return /:\d+$/.test(place.host) ? place.host : `${place.host}:443`
}

function hostName(host: string): string {
  return host.replace(/:\d+$/, '')
}

function goMethod(method: string): string {
  return method.charAt(0) + method.slice(1).toLowerCase()
}
