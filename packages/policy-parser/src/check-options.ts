import {
  aBoolean,
  aFunction,
  aString,
  oneOf,
  optionChecker,
  type CheckOptions,
  type OptionTable,
} from '@verify-images/primitives'
import type { AdmissionOptions } from './admission/policy-view.ts'
import { PolicyError } from './policy-error.ts'
import type { ForeignOptions } from './parse-policies.ts'
import type { ReadDocumentsOptions } from './read-documents.ts'

/** The options of all functions; a misspelt `compileExpression` would silently leave expressions unchecked. */
export const PARSER_OPTIONS: OptionTable<ReadDocumentsOptions & AdmissionOptions & ForeignOptions> = {
  source: aString,
  foreign: oneOf('refuse', 'skip'),
  compileExpression: aFunction,
  withoutCluster: aBoolean,
}

/** @throws PolicyError POLICY_OPTIONS_INVALID */
export const checkOptions: CheckOptions = optionChecker(
  (_, { path, problem }) => new PolicyError([{ code: 'POLICY_OPTIONS_INVALID', path, message: problem }]),
)
