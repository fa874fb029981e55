import type { RegistryLimits } from './limits.ts'
import { RegistryError } from './registry-error.ts'

/** One HTTP request that was sent. */
export interface RequestRecord {
  readonly method: 'GET' | 'POST'
  /** `host[:port]` as the reference (or the server that redirected there) names it. */
  readonly host: string
  /** Path and query; query values that are not part of the registry protocol are redacted. */
  readonly path: string
  /** The status of the answer; 0 if there was none. */
  readonly status: number
}

/** How many requests were sent, including those for tokens, redirects and retries. */
export interface SessionCost {
  readonly total: number
  readonly byHost: Readonly<Record<string, number>>
}

/** Counts the requests and bytes of a session, and refuses more than its limits. */
export interface Accounting {
  /**
   * Returns a function that records the status.
   *
   * @throws RegistryError `REGISTRY_LIMIT_EXCEEDED`
   */
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
      if (records.length >= sessionRequests) throw limitExceeded('sessionRequests', sessionRequests, 'requests')
      const index = records.push({ method, host, path, status: 0 }) - 1
      return (status) => {
        records[index] = { method, host, path, status }
      }
    },
    countBytes(count): void {
      bytes += count
      if (bytes > sessionBytes) throw limitExceeded('sessionBytes', sessionBytes, 'bytes')
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

function limitExceeded(name: keyof RegistryLimits, limit: number, unit: string): RegistryError {
  return new RegistryError('REGISTRY_LIMIT_EXCEEDED', `\`${name}\`: the session needs more than ${limit} ${unit}`)
}
