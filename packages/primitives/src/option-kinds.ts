import { isObject, type OptionKind } from './option-table.ts'

/** Accepts every value; the code that reads the option checks it. */
export const anything: OptionKind = { expected: 'any value', fits: () => true }
export const aBoolean: OptionKind = { expected: 'a boolean', fits: (value) => typeof value === 'boolean' }
export const aString: OptionKind = { expected: 'a string', fits: (value) => typeof value === 'string' }
export const aFunction: OptionKind = { expected: 'a function', fits: isFunction }
export const anObject: OptionKind = { expected: 'an object', fits: isObject }
/** Comparisons with an invalid Date are always false, so every certificate would look valid. */
export const aDate: OptionKind = {
  expected: 'a valid Date',
  fits: (value) => value instanceof Date && !Number.isNaN(value.getTime()),
}
export const anAbortSignal: OptionKind = { expected: 'an AbortSignal', fits: (value) => value instanceof AbortSignal }
export const aPositiveInteger: OptionKind = {
  expected: 'a positive integer',
  fits: (value) => Number.isSafeInteger(value) && Number(value) >= 1,
}
export const aDuration: OptionKind = {
  expected: 'a number of milliseconds of at least 0',
  fits: (value) => typeof value === 'number' && value >= 0,
}
/** A size that is counted in memory, so that a typo does not allow everything. */
export const aSize: OptionKind = {
  expected: 'an integer number of bytes from 1 to 64 GiB',
  fits: (value) => aPositiveInteger.fits(value) && Number(value) <= 2 ** 36,
}

export function oneOf(...choices: readonly string[]): OptionKind {
  return {
    expected: choices.map((choice) => `\`${choice}\``).join(' or '),
    fits: (value) => choices.some((choice) => choice === value),
    isChoice: true,
  }
}

/** @param what a noun phrase such as `a registry client` */
export function withMethods(what: string, ...methods: readonly string[]): OptionKind {
  return {
    expected: `${what} with ${methods.map((name) => `\`${name}\``).join(' and ')}`,
    fits: (value) => isObject(value) && methods.every((name) => isFunction(value[name])),
  }
}

export function arrayOf(each: OptionKind): OptionKind {
  return {
    expected: `an array, each item ${each.expected}`,
    fits: (value) => Array.isArray(value) && Array.from(value, each.fits).every(Boolean),
    each,
  }
}

export function recordOf(each: OptionKind): OptionKind {
  return {
    expected: `an object, each value ${each.expected}`,
    fits: (value) => isObject(value) && Object.values(value).every(each.fits),
    each,
  }
}

function isFunction(value: unknown): boolean {
  return typeof value === 'function'
}
