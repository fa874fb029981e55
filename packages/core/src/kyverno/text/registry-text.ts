import {
  isJsonArray,
  isJsonObject,
  printableText,
  type Json,
  type Reason,
  type RegistryAnswerError,
  type RegistryDetail,
  type RegistryFault,
  type RegistryTransportDetail,
} from '@verify-images/primitives'
import type { FailureText } from './present-failure.ts'

/** Characters of an answer that a message prints. */
const MAX_ANSWER_LENGTH = 1000
/** Levels of an error's `detail` that a message prints. */
const MAX_DETAIL_DEPTH = 8

/** Returns go-containerregistry's text for what a registry answered, or for how a request failed. */
export function registryText(detail: RegistryDetail, reason: Reason): FailureText {
  return { text: textOf(detail, reason), isNetworkError: isNetworkFailure(detail) }
}

function textOf(detail: RegistryDetail, reason: Reason): string {
  switch (detail.kind) {
    case 'registry-answer': {
      const { method, url, status, errors } = detail
      return printableText(`${method} ${url}: ${answerText(status, errors)}`, MAX_ANSWER_LENGTH).trim()
    }
    case 'registry-transport':
      return transportText(detail, reason)
    case 'registry-aborted': {
      const cause = detail.by === 'deadline' ? 'context deadline exceeded' : 'context canceled'
      return detail.request === undefined ? cause : `${goRequest(detail.request.method, detail.request.url)}: ${cause}`
    }
    case 'registry-digest-mismatch': {
      const { of, expected, actual, size, repository } = detail
      return of === 'manifest'
        ? `manifest digest: "${actual}" does not match requested digest: "${expected}" for "${repository}@${expected}"`
        : `error verifying sha256 checksum after reading ${size} bytes; got "${actual}", want "${expected}"`
    }
    case 'registry-reference-invalid':
      return `could not parse reference: ${detail.reference}`
    case 'registry-credentials-invalid':
      return CREDENTIALS_TEXTS[detail.problem]
  }
}

const CREDENTIALS_TEXTS: Readonly<
  Record<Extract<RegistryDetail, { kind: 'registry-credentials-invalid' }>['problem'], string>
> = {
  'json-cut-short': 'unexpected end of JSON input',
  'json-invalid': 'invalid character looking for beginning of value',
  'auth-without-password': 'unable to decode auth field: must be formatted as username:password',
}

/**
 * Returns go-containerregistry's text for the errors in an answer: `CODE: message; detail`, several of them as a list,
 * or the status if there are none.
 *
 * go-containerregistry adds the body. An image reference can name any internal service, and its author reads the
 * message, so the answer of such a service is not printed.
 *
 * @see go-containerregistry, pkg/v1/remote/transport, Error
 */
function answerText(status: number, errors: readonly RegistryAnswerError[]): string {
  const [first, ...rest] = errors.map(({ code, message, detail }) =>
    detail === undefined ? `${code}: ${message}` : `${code}: ${message}; ${goValue(detail)}`,
  )
  if (first === undefined) return `unexpected status code ${status} ${STATUS_TEXTS.get(status) ?? ''}`
  return rest.length === 0 ? first : `multiple errors returned: ${[first, ...rest].join('; ')}`
}

/** Go's names of the statuses that registries use; others are printed by number. */
const STATUS_TEXTS: ReadonlyMap<number, string> = new Map([
  [400, 'Bad Request'],
  [401, 'Unauthorized'],
  [402, 'Payment Required'],
  [403, 'Forbidden'],
  [404, 'Not Found'],
  [405, 'Method Not Allowed'],
  [406, 'Not Acceptable'],
  [408, 'Request Timeout'],
  [410, 'Gone'],
  [416, 'Requested Range Not Satisfiable'],
  [429, 'Too Many Requests'],
  [500, 'Internal Server Error'],
  [501, 'Not Implemented'],
  [502, 'Bad Gateway'],
  [503, 'Service Unavailable'],
  [504, 'Gateway Timeout'],
])

/** Returns a JSON value as Go's `%v` prints it: maps with sorted keys, arrays with spaces between the items. */
function goValue(value: Json | undefined, depth = 0): string {
  if (depth > MAX_DETAIL_DEPTH) return '…'
  if (value === null || value === undefined) return '<nil>'
  if (isJsonArray(value)) return `[${value.map((item) => goValue(item, depth + 1)).join(' ')}]`
  if (isJsonObject(value)) {
    const keys = Object.keys(value).sort()
    return `map[${keys.map((key) => `${key}:${goValue(value[key], depth + 1)}`).join(' ')}]`
  }
  return String(value)
}

/**
 * Returns Go's text for a fault below HTTP.
 *
 * The URL is the one that was requested. Kyverno prints `https://<host>/v2/` for a failed connection, because it starts
 * with a request there, and then a second URL for hosts that it also tries over plain HTTP; we send neither.
 */
function transportText({ method, url, fault, address }: RegistryTransportDetail, { message }: Reason): string {
  if (fault === 'unreachable') return message
  const { hostname, host, protocol } = new URL(url)
  const port = protocol === 'http:' ? 80 : 443
  return (
    `${goRequest(method, url)}: ` +
    `${faultText(fault, hostname, address ?? (/:\d+$/.test(host) ? host : `${host}:${port}`))}`
  )
}

type PlainFault = Exclude<RegistryFault, `tls-alert:${string}` | 'unreachable'>

function faultText(fault: Exclude<RegistryFault, 'unreachable'>, name: string, address: string): string {
  if (isAlert(fault)) return `remote error: tls: ${fault.slice(ALERT.length)}`
  return FAULT_TEXTS[fault].replaceAll('%h', name).replaceAll('%a', address)
}

const ALERT = 'tls-alert:'

function isAlert(fault: RegistryFault): fault is `tls-alert:${string}` {
  return fault.startsWith(ALERT)
}

/** `%h` is the name of the host, `%a` the address. */
const FAULT_TEXTS: Readonly<Record<PlainFault, string>> = {
  refused: 'dial tcp %a: connect: connection refused',
  'name-not-found': 'dial tcp: lookup %h: no such host',
  'name-not-resolved': 'dial tcp: lookup %h: server misbehaving',
  'host-unreachable': 'dial tcp %a: connect: no route to host',
  'network-unreachable': 'dial tcp %a: connect: network is unreachable',
  'connect-timeout': 'dial tcp %a: i/o timeout',
  reset: 'read tcp %a: read: connection reset by peer',
  'broken-pipe': 'write tcp %a: write: broken pipe',
  'read-timeout': 'read tcp %a: read: connection timed out',
  'answer-timeout': 'context deadline exceeded',
  'no-answer': 'EOF',
  'cut-short': 'unexpected EOF',
  'not-http': 'net/http: HTTP/1.x transport connection broken: malformed HTTP response',
  'not-tls': 'http: server gave HTTP response to HTTPS client',
  'expired-certificate': 'tls: failed to verify certificate: x509: certificate has expired or is not yet valid',
  'not-yet-valid-certificate': 'tls: failed to verify certificate: x509: certificate has expired or is not yet valid',
  'other-name-certificate': 'tls: failed to verify certificate: x509: certificate is not valid for %h',
  'untrusted-certificate': 'tls: failed to verify certificate: x509: certificate signed by unknown authority',
}

/**
 * Returns whether Go reports a network operation error, which makes Kyverno's status `error`: refused or reset
 * connections, names that do not resolve, a timeout while connecting, a TLS alert of the server. HTTP answers and
 * refused certificates are not among them.
 */
function isNetworkFailure(detail: RegistryDetail): boolean {
  return detail.kind === 'registry-transport' && (isAlert(detail.fault) || NETWORK_FAULTS.has(detail.fault))
}

const NETWORK_FAULTS: ReadonlySet<RegistryFault> = new Set([
  'refused',
  'name-not-found',
  'name-not-resolved',
  'host-unreachable',
  'network-unreachable',
  'connect-timeout',
  'unreachable',
  'reset',
  'broken-pipe',
  'read-timeout',
])

function goRequest(method: string, url: string): string {
  return `${method.charAt(0)}${method.slice(1).toLowerCase()} "${url}"`
}
