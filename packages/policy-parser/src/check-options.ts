import { aBoolean, aFunction, aString, findOptionFault, type OptionTable } from '@verify-images/primitives'
import type { AdmissionOptions } from './admission/policy-view.ts'
import { PolicyError } from './policy-error.ts'
import type { ReadOptions } from './read-documents.ts'

interface Options extends ReadOptions, AdmissionOptions {}

/** The options of all functions; a misspelt `compileExpression` would silently leave expressions unchecked. */
const OPTIONS: OptionTable<Options> = { source: aString, compileExpression: aFunction, withoutCluster: aBoolean }

/** @throws PolicyError POLICY_OPTIONS_INVALID */
export function checkOptions(options: object): void {
  const fault = findOptionFault(options, OPTIONS)
  if (fault !== undefined)
    throw new PolicyError([{ code: 'POLICY_OPTIONS_INVALID', path: fault.path, message: fault.problem }])
}
