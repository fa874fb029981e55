import {
  aBoolean,
  aFunction,
  aString,
  optionChecker,
  type CheckOptions,
  type OptionTable,
} from '@verify-images/primitives'
import type { AdmissionOptions } from './admission/policy-view.ts'
import { PolicyError } from './policy-error.ts'
import type { ReadOptions } from './read-documents.ts'

/** The options of all functions; a misspelt `compileExpression` would silently leave expressions unchecked. */
export const PARSER_OPTIONS: OptionTable<ReadOptions & AdmissionOptions> = {
  source: aString,
  compileExpression: aFunction,
  withoutCluster: aBoolean,
}

/** @throws PolicyError POLICY_OPTIONS_INVALID */
export const checkOptions: CheckOptions = optionChecker(
  (_, { path, problem }) => new PolicyError([{ code: 'POLICY_OPTIONS_INVALID', path, message: problem }]),
)
