import { CLOSED_WITHOUT_ANSWER, TIMED_OUT } from './transport.ts'

export interface SystemFields {
  readonly code: string
  readonly address?: string
  readonly port?: number
}

/** undici's words for what Node's own client calls otherwise. */
const SAME_AS: ReadonlyMap<string, string> = new Map([
  ['UND_ERR_SOCKET', CLOSED_WITHOUT_ANSWER],
  ['UND_ERR_CONNECT_TIMEOUT', TIMED_OUT],
  ['UND_ERR_HEADERS_TIMEOUT', TIMED_OUT],
  ['UND_ERR_BODY_TIMEOUT', TIMED_OUT],
])

/** What a system error says of itself; of several tries at one name, the first that has an address. */
export function systemFields(error: unknown): SystemFields {
  const nested = error instanceof AggregateError ? error.errors : []
  const chain: unknown[] = [error, ...nested, error instanceof Error ? error.cause : undefined]
  let best: SystemFields | undefined
  for (const candidate of chain) {
    if (!(candidate instanceof Error) || !('code' in candidate) || typeof candidate.code !== 'string') continue
    const fields: SystemFields = {
      code: codeOf(candidate, candidate.code),
      ...('address' in candidate && typeof candidate.address === 'string' ? { address: candidate.address } : {}),
      ...('port' in candidate && typeof candidate.port === 'number' ? { port: candidate.port } : {}),
    }
    if (fields.address !== undefined) return fields
    best ??= fields
  }
  return best ?? { code: 'UNKNOWN' }
}

function codeOf(error: Error, code: string): string {
  // Node calls both a reset and a plain end of the connection ECONNRESET; only the first comes from a system call.
  if (code === 'ECONNRESET' && !('syscall' in error && error.syscall !== undefined)) return CLOSED_WITHOUT_ANSWER
  // TLS faults met while writing are all EPROTO; which one it was is said only in OpenSSL's text.
  const reason = code === 'EPROTO' ? /:SSL routines:[^:]*:([a-z0-9/ ]+)/.exec(error.message)?.[1] : undefined
  if (reason !== undefined) return `ERR_SSL_${reason.toUpperCase().replaceAll(' ', '_')}`
  return SAME_AS.get(code) ?? code
}
