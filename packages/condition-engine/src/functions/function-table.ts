import { BUILTIN_COLLECTIONS } from './builtin-collections.ts'
import { BUILTIN_ORDERING } from './builtin-ordering.ts'
import { BUILTIN_STRINGS } from './builtin-strings.ts'
import { CERTIFICATES } from './certificates.ts'
import { ENCODINGS } from './encodings.ts'
import type { FunctionDefinition } from './function-definition.ts'
import { NETWORK } from './network.ts'
import { BUILTIN_NUMBERS, NUMBERS } from './numbers.ts'
import { OBJECTS } from './objects.ts'
import { PATTERNS } from './patterns.ts'
import { RANDOM } from './random.ts'
import { STRINGS } from './strings.ts'
import { TIMES } from './times.ts'

const FAMILIES: readonly (readonly FunctionDefinition[])[] = [
  BUILTIN_COLLECTIONS,
  BUILTIN_NUMBERS,
  BUILTIN_ORDERING,
  BUILTIN_STRINGS,
  CERTIFICATES,
  ENCODINGS,
  NETWORK,
  NUMBERS,
  OBJECTS,
  PATTERNS,
  RANDOM,
  STRINGS,
  TIMES,
]

/** All functions by name. In a map, `constructor` is not one of them. */
export const FUNCTIONS: ReadonlyMap<string, FunctionDefinition> = new Map(
  FAMILIES.flat().map((definition) => [definition.name, definition]),
)
