import { evaluationError } from '../expression/evaluation.ts'
import { parseVersionRange } from '../values/semver-range.ts'
import { parseVersion, ZERO_VERSION } from '../values/semver.ts'
import { define } from './function-definition.ts'
import type { FunctionDefinition } from './function-definition.ts'
import { text } from './parameter.ts'

/** Functions of versions. A string that is not a version counts as 0.0.0, so it matches `<1.0.0`. */
export const VERSIONS: readonly FunctionDefinition[] = [
  define('semver_compare', [text, text], ([version, rangeText], { meter }) => {
    meter.charge(2 * rangeText.length)
    const range = parseVersionRange(rangeText)
    if (range === undefined) throw evaluationError('value', 'could not parse version range')
    return range(parseVersion(version) ?? ZERO_VERSION)
  }),
]
