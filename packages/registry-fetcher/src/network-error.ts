import type { RegistryFault, RegistryRequest } from '@verify-images/primitives'
import { abortError } from './abort.ts'
import { RegistryError } from './registry-error.ts'
import type { RegistryErrorCode } from './registry-error.ts'
import { CLOSED_WITHOUT_ANSWER, NOT_HTTP, TIMED_OUT, TransportFault } from './transport.ts'

/** What a fault is called. */
interface Wording {
  readonly code: RegistryErrorCode
  readonly fault: RegistryFault
  readonly message: string
}

const CONNECT_TIMEOUT: Wording = {
  code: 'REGISTRY_TIMEOUT',
  fault: 'connect-timeout',
  message: 'did not take the connection in time',
}
const UNTRUSTED = tls('untrusted-certificate', 'the certificate is not signed by a trusted authority')

const DIAL_WORDINGS: ReadonlyMap<string, Wording> = new Map([
  ['ECONNREFUSED', unavailable('refused', 'refused the connection')],
  ['ENOTFOUND', unavailable('name-not-found', 'could not be found by name')],
  ['EAI_AGAIN', unavailable('name-not-resolved', 'could not be found by name')],
  ['EHOSTUNREACH', unavailable('host-unreachable', 'cannot be reached')],
  ['ENETUNREACH', unavailable('network-unreachable', 'cannot be reached')],
  ['ETIMEDOUT', CONNECT_TIMEOUT],
  [TIMED_OUT, CONNECT_TIMEOUT],
  ['CERT_HAS_EXPIRED', tls('expired-certificate', 'the certificate has expired')],
  ['CERT_NOT_YET_VALID', tls('not-yet-valid-certificate', 'the certificate is not valid yet')],
  ['ERR_TLS_CERT_ALTNAME_INVALID', tls('other-name-certificate', 'the certificate is for another name')],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', UNTRUSTED],
  ['SELF_SIGNED_CERT_IN_CHAIN', UNTRUSTED],
  ['UNABLE_TO_GET_ISSUER_CERT', UNTRUSTED],
  ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', UNTRUSTED],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', UNTRUSTED],
])

const ANSWER_WORDINGS: ReadonlyMap<string, Wording> = new Map([
  ['ECONNRESET', unavailable('reset', 'reset the connection')],
  ['EPIPE', unavailable('broken-pipe', 'closed the connection')],
  ['ETIMEDOUT', unavailable('read-timeout', 'did not answer in time')],
  [TIMED_OUT, { code: 'REGISTRY_TIMEOUT', fault: 'answer-timeout', message: 'did not answer in time' }],
  [CLOSED_WITHOUT_ANSWER, unavailable('no-answer', 'closed the connection without an answer')],
])
const BODY_CUT: Wording = {
  code: 'REGISTRY_RESPONSE_INVALID',
  fault: 'cut-short',
  message: 'cut its answer short',
}
const SPEAKS_NO_HTTP: Wording = {
  code: 'REGISTRY_RESPONSE_INVALID',
  fault: 'not-http',
  message: 'does not speak HTTP',
}
const SPEAKS_NO_TLS = tls('not-tls', 'does not speak TLS')

function unavailable(fault: RegistryFault, message: string): Wording {
  return { code: 'REGISTRY_UNAVAILABLE', fault, message }
}

function tls(fault: RegistryFault, message: string): Wording {
  return { code: 'REGISTRY_TLS_INVALID', fault, message }
}

export interface FaultPlace extends RegistryRequest {
  /** `host[:port]` as the reference names it. */
  readonly host: string
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

/** The error for a fault below HTTP. */
export function networkError(fault: unknown, place: FaultPlace): RegistryError {
  if (fault instanceof RegistryError) return fault
  const { host, method, url, mapped, signal } = place
  if (signal.aborted) {
    const { code, message, detail } = abortError(signal)
    return new RegistryError(code, message, {
      detail: detail?.kind === 'registry-aborted' ? { ...detail, request: { method, url } } : detail,
    })
  }
  if (!(fault instanceof TransportFault)) {
    return new RegistryError('REGISTRY_UNAVAILABLE', `\`${host}\` could not be asked`, { cause: fault })
  }
  const wording = wordingOf(fault, url)
  const { stage, systemCode, address } = fault
  return new RegistryError(wording.code, `\`${host}\` ${wording.message}`, {
    detail: {
      kind: 'registry-transport',
      stage,
      fault: wording.fault,
      systemCode,
      method,
      url,
      host,
      ...(address !== undefined && !mapped && { address }),
    },
    cause: fault,
  })
}

function wordingOf({ stage, systemCode }: TransportFault, url: string): Wording {
  if (stage === 'body')
    return systemCode === CLOSED_WITHOUT_ANSWER ? BODY_CUT : (ANSWER_WORDINGS.get(systemCode) ?? BODY_CUT)
  const known = (stage === 'dial' ? DIAL_WORDINGS.get(systemCode) : undefined) ?? ANSWER_WORDINGS.get(systemCode)
  if (known) return known
  if (speaksNoTls(systemCode)) return SPEAKS_NO_TLS
  const alert = /^ERR_SSL_(?:SSLV3|SSL\/TLS|TLSV1|TLSV13)_ALERT_(\w+)$/.exec(systemCode)?.[1]
  if (alert !== undefined)
    return tls(`tls-alert:${alert.toLowerCase().replaceAll('_', ' ')}`, 'refused the TLS handshake')
  if (systemCode.startsWith('HPE_') || systemCode === NOT_HTTP) return SPEAKS_NO_HTTP
  if (url.startsWith('https:') && /^(?:ERR_SSL_|ERR_TLS_|CERT_|UNABLE_TO_|INVALID_|HOSTNAME_)/.test(systemCode))
    return UNTRUSTED
  return unavailable('unreachable', 'could not be reached')
}

function speaksNoTls(systemCode: string): boolean {
  return (
    systemCode === 'ERR_SSL_WRONG_VERSION_NUMBER' ||
    systemCode === 'ERR_SSL_PACKET_LENGTH_TOO_LONG' ||
    systemCode === 'ERR_SSL_HTTP_REQUEST'
  )
}
