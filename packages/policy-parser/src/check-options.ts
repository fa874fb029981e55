import type { AdmissionOptions } from './admission/policy-view.ts'
import type { ReadOptions } from './read-documents.ts'
import { PolicyError, shown } from './policy-error.ts'

interface Options extends ReadOptions, AdmissionOptions {}

/** The type of each option there is, over all functions; one that is forgotten here does not compile. */
const TYPES: { readonly [Name in keyof Options]-?: string } = { source: 'string', compileExpression: 'function', withoutCluster: 'boolean' }

/**
 * Refuses what is no option, or of another type: misspelt, `compileExpression` would leave expressions unchecked without a word.
 *
 * @throws PolicyError POLICY_OPTIONS_INVALID
 */
export function checkOptions(options: object): void {
  if (typeof options !== 'object' || options === null) throw invalid('', 'the options must be an object')
  for (const [name, value] of Object.entries(options)) {
    const expected = Object.hasOwn(TYPES, name) ? TYPES[name as keyof Options] : undefined
    if (expected === undefined) throw invalid(name.slice(0, 40), `is no option, expected one of ${Object.keys(TYPES).join(', ')}`)
    if (value !== undefined && typeof value !== expected) throw invalid(name, `must be a ${expected}, not ${shown(typeof value)}`)
  }
}

function invalid(path: string, message: string): PolicyError {
  return new PolicyError([{ code: 'POLICY_OPTIONS_INVALID', path, message }])
}
