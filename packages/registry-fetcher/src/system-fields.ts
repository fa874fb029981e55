import { CLOSED_WITHOUT_ANSWER, TIMED_OUT } from './transport.ts'

/** The fields of a Node system error. */
export interface SystemFields {
  readonly code: string
  readonly address?: string
  readonly port?: number
}

/** Codes of undici, which `fetch` uses, and the codes of Node's HTTP client for the same faults. */
const UNDICI_CODES: ReadonlyMap<string, string> = new Map([
  ['UND_ERR_SOCKET', CLOSED_WITHOUT_ANSWER],
  ['UND_ERR_CONNECT_TIMEOUT', TIMED_OUT],
  ['UND_ERR_HEADERS_TIMEOUT', TIMED_OUT],
  ['UND_ERR_BODY_TIMEOUT', TIMED_OUT],
])

/** Returns the fields of a system error; of the errors of several addresses, those of the first with an address. */
export function systemFields(error: unknown): SystemFields {
  const nested = error instanceof AggregateError ? error.errors : []
  const chain: unknown[] = [error, ...nested, error instanceof Error ? error.cause : undefined]
  let first: SystemFields | undefined
  for (const candidate of chain) {
    if (!(candidate instanceof Error) || !('code' in candidate) || typeof candidate.code !== 'string') continue
    const fields: SystemFields = {
      code: codeOf(candidate, candidate.code),
      ...('address' in candidate && typeof candidate.address === 'string' ? { address: candidate.address } : {}),
      ...('port' in candidate && typeof candidate.port === 'number' ? { port: candidate.port } : {}),
    }
    if (fields.address !== undefined) return fields
    first ??= fields
  }
  return first ?? { code: 'UNKNOWN' }
}

function codeOf(error: Error, code: string): string {
  // Node uses ECONNRESET for a reset and for a plain end of the connection; only a reset comes from a system call.
  if (code === 'ECONNRESET' && !('syscall' in error && error.syscall !== undefined)) return CLOSED_WITHOUT_ANSWER
  // TLS faults while writing all have the code EPROTO; only OpenSSL's text says which fault it was.
  const reason = code === 'EPROTO' ? /:SSL routines:[^:]*:([a-z0-9/ ]+)/.exec(error.message)?.[1] : undefined
  if (reason !== undefined) return `ERR_SSL_${reason.toUpperCase().replaceAll(' ', '_')}`
  return UNDICI_CODES.get(code) ?? code
}

export function joinAddress(address: string, port: number | undefined): string {
  return `${address.includes(':') ? `[${address}]` : address}:${port ?? ''}`
}
