import { messageOf } from '@verify-images/primitives'
import type { EvaluationBudget } from '@verify-images/primitives'
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

/** Spends the budget of a session for one repository. */
export interface Accounting {
  /**
   * Returns a function that records the status.
   *
   * @throws RegistryError `REGISTRY_LIMIT_EXCEEDED`
   */
  beginRequest(method: 'GET' | 'POST', host: string, path: string): (status: number) => void
  /** @throws RegistryError `REGISTRY_LIMIT_EXCEEDED` */
  countBytes(count: number): void
}

export interface SessionAccounting {
  forRepository(repository: string): Accounting
  requests(): readonly RequestRecord[]
  cost(): SessionCost
}

/** Records the requests of a session, and spends requests and bytes of its budget. */
export function createAccounting(budget: EvaluationBudget): SessionAccounting {
  const records: RequestRecord[] = []
  return {
    forRepository: (repository) => ({
      beginRequest(method, host, path): (status: number) => void {
        spend(budget, 'requests', 1, repository)
        const index = records.push({ method, host, path, status: 0 }) - 1
        return (status) => {
          records[index] = { method, host, path, status }
        }
      },
      countBytes: (count) => spend(budget, 'bytes', count, repository),
    }),
    requests: () => records.slice(),
    cost: () => ({ total: records.length, byHost: countByHost(records) }),
  }
}

function countByHost(records: readonly RequestRecord[]): Readonly<Record<string, number>> {
  const counts = new Map<string, number>()
  for (const { host } of records) counts.set(host, (counts.get(host) ?? 0) + 1)
  return Object.fromEntries(counts)
}

function spend(budget: EvaluationBudget, name: 'requests' | 'bytes', amount: number, repository: string): void {
  try {
    budget.spend(name, amount, repository)
  } catch (cause) {
    throw new RegistryError('REGISTRY_LIMIT_EXCEEDED', messageOf(cause, `too many ${name}`), {
      cause,
    })
  }
}
