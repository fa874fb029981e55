import { LIMITS } from './limits.ts'
import type { Position } from './model.ts'
import { PolicyError } from './policy-error.ts'
import type { PolicyErrorCode, PolicyIssue } from './policy-error.ts'
import type { Report } from './schema/check-schema.ts'
import { formatPath } from './place.ts'
import type { PathKey } from './place.ts'

/** Collects problems, each once, and returns them in text order. */
export class IssueList {
  private readonly found = new Map<string, PolicyIssue>()
  private readonly locate: (path: string) => Position | undefined

  constructor(locate: (path: string) => Position | undefined = () => undefined) {
    this.locate = locate
  }

  readonly report: Report = (code: PolicyErrorCode, keys: readonly PathKey[], message: string): void => {
    if (this.found.size >= LIMITS.issues) return
    const path = formatPath(keys)
    const id = JSON.stringify([code, path, message])
    if (this.found.has(id)) return
    this.found.set(id, { code, path, message, ...this.locate(path) })
  }

  sorted(): PolicyIssue[] {
    return [...this.found.values()].sort((a, b) => (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0))
  }

  /** @throws PolicyError with everything that was found, if there was anything */
  throwIfAny(source: string | undefined): void {
    const [first, ...rest] = this.sorted()
    if (first !== undefined) throw new PolicyError([first, ...rest], source)
  }
}
