import { CheckError } from './reasons/check-error.ts'

/** What one evaluation may spend, wall time aside. A scan has a budget for each object. */
export interface BudgetLimits {
  /** HTTP requests, with tokens, redirects and retries. */
  readonly requests: number
  /** Bytes read from registries and other servers. */
  readonly bytes: number
  /** Public-key operations over signatures: of candidates, log entries, timestamps and SCTs. */
  readonly signatures: number
  /** Certificates checked as links of a chain. */
  readonly certificates: number
  /** JSON tokens of verified payloads. */
  readonly tokens: number
  /** Conditions evaluated. */
  readonly conditions: number
}

export type BudgetName = keyof BudgetLimits

/**
 * The defaults fit a Pod of 30 images with 20 signatures each and one attestation of 64 MB, several times over.
 *
 * 30 images × 20 signatures are 700 requests, and 600 candidates; each candidate is tried with some keys, and takes up
 * to five public-key operations and a chain of three certificates. An SBOM has about one token in twelve bytes.
 */
export const DEFAULT_BUDGET: BudgetLimits = {
  requests: 5_000,
  bytes: 512 * 1024 * 1024,
  signatures: 20_000,
  certificates: 20_000,
  tokens: 10_000_000,
  conditions: 100_000,
}

/** Counts what one evaluation spends. Items may each be small and still be too many together. */
export interface EvaluationBudget {
  /**
   * Counts before the work is done.
   *
   * @param by what it is spent on, such as a repository: the largest is named when the budget is exceeded
   * @throws CheckError ATTESTOR_BUDGET_EXCEEDED, which is inconclusive
   */
  spend(name: BudgetName, amount: number, by: string): void
  spent(): BudgetLimits
}

/** Names kept for each budget; what others spend is counted together. */
const MAX_NAMES = 1_000
const OTHERS = 'others'

/** Returns an unspent budget, for one evaluation. */
export function createEvaluationBudget(limits: Partial<BudgetLimits> = {}): EvaluationBudget {
  const allowed = { ...DEFAULT_BUDGET, ...limits }
  const spent = { requests: 0, bytes: 0, signatures: 0, certificates: 0, tokens: 0, conditions: 0 }
  const shares = new Map<BudgetName, Map<string, number>>()
  return {
    spend(name, amount, by): void {
      const share = shareOf(shares, name)
      const key = share.has(by) || share.size < MAX_NAMES ? by : OTHERS
      share.set(key, (share.get(key) ?? 0) + amount)
      spent[name] += amount
      if (spent[name] > allowed[name]) throw exceeded(name, allowed[name], spent[name], share)
    },
    spent: () => ({ ...spent }),
  }
}

function shareOf(shares: Map<BudgetName, Map<string, number>>, name: BudgetName): Map<string, number> {
  const share = shares.get(name) ?? new Map<string, number>()
  shares.set(name, share)
  return share
}

function exceeded(name: BudgetName, limit: number, amount: number, share: ReadonlyMap<string, number>): CheckError {
  const [largest, part] = [...share].reduce((most, each) => (each[1] > most[1] ? each : most))
  return new CheckError(
    'ATTESTOR_BUDGET_EXCEEDED',
    `the evaluation exceeds its limit of ${String(limit)} ${name}: ${String(part)} of ${String(amount)} for ${largest}`,
    { expected: `at most ${String(limit)} ${name}`, actual: `${String(amount)} ${name}` },
  )
}
