export { findOptionFault, findValueFault } from './option-table.ts'
export type { OptionFault, OptionKind, OptionPlace, OptionTable } from './option-table.ts'
export {
  aBoolean,
  aFunction,
  anAbortSignal,
  anObject,
  anything,
  aPositiveNumber,
  aText,
  aTime,
  listOf,
  oneOf,
  recordOf,
  withMethods,
} from './option-kinds.ts'
export { hasWildcard, matchWildcard } from './match-wildcard.ts'
