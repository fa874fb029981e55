import { define } from './function-definition.ts'
import type { FunctionDefinition } from './function-definition.ts'
import { number, numbers } from './parameter.ts'

/** JMESPath's own functions over numbers. The average of nothing is `NaN`. */
export const BUILTIN_NUMBERS: readonly FunctionDefinition[] = [
  define('abs', [number], ([value]) => Math.abs(value)),
  define('avg', [numbers], ([values]) => values.reduce((sum, value) => sum + value, 0) / values.length),
  define('ceil', [number], ([value]) => Math.ceil(value)),
  define('floor', [number], ([value]) => Math.floor(value)),
]
