import { isObject, type OptionKind } from './option-table.ts'

/** Looked at where it is read. */
export const anything: OptionKind = { expected: 'anything', fits: () => true }
export const aBoolean: OptionKind = { expected: 'true or false', fits: (value) => typeof value === 'boolean' }
export const aText: OptionKind = { expected: 'a text', fits: (value) => typeof value === 'string' }
export const aFunction: OptionKind = { expected: 'a function', fits: isFunction }
export const anObject: OptionKind = { expected: 'an object', fits: isObject }
/** Nothing is before or after a time that is none, so it would make every certificate valid. */
export const aTime: OptionKind = {
  expected: 'a time',
  fits: (value) => value instanceof Date && !Number.isNaN(value.getTime()),
}
export const anAbortSignal: OptionKind = { expected: 'an AbortSignal', fits: (value) => value instanceof AbortSignal }
export const aPositiveNumber: OptionKind = {
  expected: 'a whole number of at least 1',
  fits: (value) => Number.isSafeInteger(value) && Number(value) >= 1,
}

export function oneOf(...choices: readonly string[]): OptionKind {
  return {
    expected: choices.map((choice) => `\`${choice}\``).join(' or '),
    fits: (value) => choices.some((choice) => choice === value),
    isChoice: true,
  }
}

/** @param what in words, such as `a registry client` */
export function withMethods(what: string, ...methods: readonly string[]): OptionKind {
  return {
    expected: `${what}, with ${methods.map((name) => `\`${name}\``).join(' and ')}`,
    fits: (value) => isObject(value) && methods.every((name) => isFunction(value[name])),
  }
}

export function listOf(each: OptionKind): OptionKind {
  return {
    expected: `a list, each of its items ${each.expected}`,
    fits: (value) => Array.isArray(value) && Array.from(value, each.fits).every(Boolean),
    each,
  }
}

export function recordOf(each: OptionKind): OptionKind {
  return {
    expected: `an object, each of its members ${each.expected}`,
    fits: (value) => isObject(value) && Object.values(value).every(each.fits),
    each,
  }
}

function isFunction(value: unknown): boolean {
  return typeof value === 'function'
}
