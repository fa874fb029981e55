import type { Problem } from '@verify-images/core'
import { fixFor } from '../lint/fixes.ts'

/** What is wrong with a policy. `refused`: Kyverno would not accept it, so none of its file is evaluated. */
export type Finding = Omit<Problem, 'severity'> & { readonly severity: Problem['severity'] | 'refused' }

/** Formats a finding as a line: severity, place, code and message. */
export function formatProblem({ severity, source, line, column, policy, path, code, message }: Finding): string {
  const place = `${source ?? policy}${line === undefined ? '' : `:${String(line)}:${String(column)}`}`
  return `${severity}: ${[place, path].filter((part) => part !== '').join(' ')}: ${code}: ${message}`
}

/** Returns the message and the fix of a finding, for formats that have a field for everything else. */
export function textOf({ path, message, code }: Pick<Finding, 'path' | 'message' | 'code'>): string {
  const fix = fixFor(code)
  return `${path === '' ? '' : `${path}: `}${message}${fix === undefined ? '' : `; to do: ${fix}`}`
}
