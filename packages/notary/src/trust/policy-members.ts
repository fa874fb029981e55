import type { VerifiedStatement } from '@verify-images/attestor-evaluator'
import { isJsonObject } from '@verify-images/primitives'
import { NotaryError } from '../notary-error.ts'
import { shown } from '../shown.ts'

export type Json = VerifiedStatement['predicate']

/** Refuses what is no object, and members nobody knows. */
export function checkMembers(value: Json | undefined, path: string, known: readonly string[]): void {
  if (!isJsonObject(value)) throw invalid(path, 'must be an object')
  const unknown = Object.keys(value).find((name) => !known.includes(name))
  if (unknown !== undefined) throw invalid(path, `unknown member \`${shown(unknown)}\``)
}

/** Refuses a text that is there twice. */
export function refuseRepeated(texts: readonly string[], pathOf: (index: number) => string, problem: string): void {
  const first = new Set<string>()
  for (const [i, text] of texts.entries()) {
    if (first.has(text)) throw invalid(pathOf(i), `\`${shown(text)}\` ${problem}`)
    first.add(text)
  }
}

export function listOf(value: Json | undefined, path: string, max: number): readonly Json[] {
  if (!Array.isArray(value)) throw invalid(path, 'must be a list')
  if (value.length > max) throw invalid(path, `has ${value.length} entries, at most ${max} are read`)
  return value
}

export function textOf(value: Json | undefined, path: string): string {
  if (typeof value !== 'string' || value === '') throw invalid(path, 'must be a text')
  return value
}

/** Something a trust policy document must not say, and where. */
export function invalid(path: string, problem: string): NotaryError {
  return new NotaryError('NOTARY_TRUST_POLICY_INVALID', path, problem)
}
