import { isObject, printableText } from '@verify-images/primitives'
import type { RegistryFault, RegistryRequest } from '@verify-images/primitives'
import { abortError } from './abort.ts'
import { MAX_PRINTED_LENGTH } from './limits.ts'
import { RegistryError } from './registry-error.ts'
import type { RegistryErrorCode } from './registry-error.ts'
import { CLOSED_WITHOUT_ANSWER, NOT_HTTP, TIMED_OUT, TransportFault } from './transport.ts'

/** How a fault is reported. */
interface Report {
  readonly code: RegistryErrorCode
  readonly fault: RegistryFault
  readonly message: string
}

const CONNECT_TIMEOUT: Report = {
  code: 'REGISTRY_TIMEOUT',
  fault: 'connect-timeout',
  message: 'did not accept the connection in time',
}
const UNTRUSTED = tls('untrusted-certificate', 'has a certificate that is not signed by a trusted authority')

const DIAL_FAULTS: ReadonlyMap<string, Report> = new Map([
  ['ECONNREFUSED', unavailable('refused', 'refused the connection')],
  ['ENOTFOUND', unavailable('name-not-found', 'has no address')],
  ['EAI_AGAIN', unavailable('name-not-resolved', 'could not be resolved')],
  ['EHOSTUNREACH', unavailable('host-unreachable', 'cannot be reached')],
  ['ENETUNREACH', unavailable('network-unreachable', 'cannot be reached')],
  ['ETIMEDOUT', CONNECT_TIMEOUT],
  [TIMED_OUT, CONNECT_TIMEOUT],
  ['CERT_HAS_EXPIRED', tls('expired-certificate', 'has a certificate that has expired')],
  ['CERT_NOT_YET_VALID', tls('not-yet-valid-certificate', 'has a certificate that is not valid yet')],
  ['ERR_TLS_CERT_ALTNAME_INVALID', tls('other-name-certificate', 'has a certificate for another name')],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', UNTRUSTED],
  ['SELF_SIGNED_CERT_IN_CHAIN', UNTRUSTED],
  ['UNABLE_TO_GET_ISSUER_CERT', UNTRUSTED],
  ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', UNTRUSTED],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', UNTRUSTED],
])

const ANSWER_FAULTS: ReadonlyMap<string, Report> = new Map([
  ['ECONNRESET', unavailable('reset', 'reset the connection')],
  ['EPIPE', unavailable('broken-pipe', 'closed the connection')],
  ['ETIMEDOUT', unavailable('read-timeout', 'did not answer in time')],
  [TIMED_OUT, { code: 'REGISTRY_TIMEOUT', fault: 'answer-timeout', message: 'did not answer in time' }],
  [CLOSED_WITHOUT_ANSWER, unavailable('no-answer', 'closed the connection without an answer')],
])
const BODY_CUT: Report = {
  code: 'REGISTRY_RESPONSE_INVALID',
  fault: 'cut-short',
  message: 'closed the connection before the end of its answer',
}
const NO_HTTP: Report = {
  code: 'REGISTRY_RESPONSE_INVALID',
  fault: 'not-http',
  message: 'does not speak HTTP',
}
const NO_TLS = tls('not-tls', 'does not speak TLS')

function unavailable(fault: RegistryFault, message: string): Report {
  return { code: 'REGISTRY_UNAVAILABLE', fault, message }
}

function tls(fault: RegistryFault, message: string): Report {
  return { code: 'REGISTRY_TLS_INVALID', fault, message }
}

export interface FailedRequest extends RegistryRequest {
  /** `host[:port]` as the reference names it. */
  readonly host: string
  readonly signal: AbortSignal
}

/**
 * Returns whether the server does not speak TLS, or nothing listens at its port. A certificate that is not trusted is
 * another matter.
 */
export function isNotTls(error: unknown): boolean {
  const fault = error instanceof RegistryError ? error.cause : undefined
  return (
    fault instanceof TransportFault &&
    fault.stage === 'dial' &&
    (fault.systemCode === 'ECONNREFUSED' || isPlainAnswer(fault.systemCode))
  )
}

/** Returns the error for a fault below HTTP. */
export function networkError(fault: unknown, { host, method, url, signal }: FailedRequest): RegistryError {
  if (fault instanceof RegistryError) return fault
  if (signal.aborted) {
    const { code, message, detail } = abortError(signal)
    return new RegistryError(code, `${message} (${method} ${url})`, {
      detail: detail?.kind === 'registry-aborted' ? { ...detail, request: { method, url } } : detail,
    })
  }
  if (!(fault instanceof TransportFault)) {
    return new RegistryError('REGISTRY_UNAVAILABLE', `\`${host}\` could not be reached (${method} ${url})`, {
      cause: fault,
    })
  }
  const report = reportOf(fault, url)
  const { stage, systemCode, address } = fault
  const request = `${method} ${url}${address === undefined ? '' : ` at ${address}`}`
  const message = `${contacted(fault, host)} ${report.message}${certificateNames(fault)}${throughProxy(fault)}`
  return new RegistryError(report.code, `${message} (${request})`, {
    detail: {
      kind: 'registry-transport',
      stage,
      fault: report.fault,
      systemCode,
      method,
      url,
      host,
      ...(address !== undefined && { address }),
    },
    cause: fault,
  })
}

/** Faults of TCP while connecting: with a proxy, the proxy is what could not be reached. */
const PROXY_FAULTS: ReadonlySet<string> = new Set([
  ...['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH', 'ETIMEDOUT'],
  TIMED_OUT,
])

const isOfProxy = ({ stage, systemCode, proxy }: TransportFault): boolean =>
  proxy !== undefined && stage === 'dial' && PROXY_FAULTS.has(systemCode)

function contacted(fault: TransportFault, host: string): string {
  return isOfProxy(fault) ? `the proxy \`${fault.proxy ?? ''}\` for \`${host}\`` : `\`${host}\``
}

function throughProxy(fault: TransportFault): string {
  return fault.proxy === undefined || isOfProxy(fault) ? '' : ` through the proxy \`${fault.proxy}\``
}

/**
 * Returns the names in a certificate for another host: often they show the intended host, or the host that answered
 * instead.
 */
function certificateNames({ systemCode, cause }: TransportFault): string {
  if (systemCode !== 'ERR_TLS_CERT_ALTNAME_INVALID' || !isObject(cause) || !isObject(cause['cert'])) return ''
  const { subjectaltname: names } = cause['cert']
  return typeof names === 'string' ? `, \`${printableText(names, MAX_PRINTED_LENGTH)}\`` : ''
}

function reportOf({ stage, systemCode }: TransportFault, url: string): Report {
  if (stage === 'body')
    return systemCode === CLOSED_WITHOUT_ANSWER ? BODY_CUT : (ANSWER_FAULTS.get(systemCode) ?? BODY_CUT)
  const known = (stage === 'dial' ? DIAL_FAULTS.get(systemCode) : undefined) ?? ANSWER_FAULTS.get(systemCode)
  if (known) return known
  if (isPlainAnswer(systemCode)) return NO_TLS
  const alert = /^ERR_SSL_(?:SSLV3|SSL\/TLS|TLSV1|TLSV13)_ALERT_(\w+)$/.exec(systemCode)?.[1]
  if (alert !== undefined)
    return tls(`tls-alert:${alert.toLowerCase().replaceAll('_', ' ')}`, 'refused the TLS handshake')
  if (systemCode.startsWith('HPE_') || systemCode === NOT_HTTP) return NO_HTTP
  if (url.startsWith('https:') && /^(?:ERR_SSL_|ERR_TLS_|CERT_|UNABLE_TO_|INVALID_|HOSTNAME_)/.test(systemCode))
    return UNTRUSTED
  return unavailable('unreachable', 'could not be reached')
}

function isPlainAnswer(systemCode: string): boolean {
  return (
    systemCode === 'ERR_SSL_WRONG_VERSION_NUMBER' ||
    systemCode === 'ERR_SSL_PACKET_LENGTH_TOO_LONG' ||
    systemCode === 'ERR_SSL_HTTP_REQUEST'
  )
}
