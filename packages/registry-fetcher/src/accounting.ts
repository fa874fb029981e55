import type { RegistryLimits } from './limits.ts'
import { RegistryError } from './registry-error.ts'

/** One HTTP request that was made. */
export interface RequestRecord {
  readonly method: 'GET' | 'POST'
  /** `host[:port]` as the reference (or the server that pointed there) names it. */
  readonly host: string
  /** Path and query; query values outside the registry protocol are blotted out. */
  readonly path: string
  /** The status of the answer; 0 if there was none. */
  readonly status: number
}

/** How many requests were made, tokens, redirects and further tries included. */
export interface SessionCost {
  readonly total: number
  readonly byHost: Readonly<Record<string, number>>
}

/** Counts what a session asks and reads, and ends it where it goes over its bounds. */
export interface Accounting {
  /** @throws RegistryError `REGISTRY_LIMIT_EXCEEDED`; what is returned takes the status */
  beginRequest(method: 'GET' | 'POST', host: string, path: string): (status: number) => void
  /** @throws RegistryError `REGISTRY_LIMIT_EXCEEDED` */
  countBytes(count: number): void
  requests(): readonly RequestRecord[]
  cost(): SessionCost
}

export function createAccounting({ sessionRequests, sessionBytes }: RegistryLimits): Accounting {
  const records: RequestRecord[] = []
  let bytes = 0
  return {
    beginRequest(method, host, path): (status: number) => void {
      if (records.length >= sessionRequests) throw exceeded(`more than ${sessionRequests} requests`)
      const at = records.push({ method, host, path, status: 0 }) - 1
      return (status) => {
        records[at] = { method, host, path, status }
      }
    },
    countBytes(count): void {
      bytes += count
      if (bytes > sessionBytes) throw exceeded(`more than ${sessionBytes} bytes to read`)
    },
    requests: () => records.slice(),
    cost: () => ({ total: records.length, byHost: countByHost(records) }),
  }
}

function countByHost(records: readonly RequestRecord[]): Readonly<Record<string, number>> {
  const counts = new Map<string, number>()
  for (const { host } of records) counts.set(host, (counts.get(host) ?? 0) + 1)
  return Object.fromEntries(counts)
}

function exceeded(what: string): RegistryError {
  return new RegistryError('REGISTRY_LIMIT_EXCEEDED', `this evaluation would need ${what}, which is its bound`)
}
