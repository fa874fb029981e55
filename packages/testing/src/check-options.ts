import {
  optionChecker,
  valueChecker,
  type CheckOptions,
  type CheckValue,
  type OptionKind,
} from '@verify-images/primitives'

/**
 * Rejects options that do not exist: a misspelt flaw would leave the signature intact, and the test would pass for the
 * wrong reason.
 *
 * @throws RangeError
 */
export const checkOptions: CheckOptions = optionChecker((message) => new RangeError(message))

/** @throws RangeError */
export const checkValue: CheckValue = valueChecker((message) => new RangeError(message))

/** A string that names something, so it must not be empty. */
export const aName: OptionKind = {
  expected: 'a non-empty string',
  fits: (value) => typeof value === 'string' && value !== '',
}

/** Any value that JSON can represent at its top level; `undefined` is not one. */
export const aJsonValue: OptionKind = {
  expected: 'a JSON value',
  fits: (value) => {
    try {
      return JSON.stringify(value) !== undefined
    } catch {
      // A bigint or a cycle.
      return false
    }
  },
}
