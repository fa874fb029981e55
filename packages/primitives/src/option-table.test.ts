import { describe, expect, test } from 'vitest'
import {
  aBoolean,
  aDate,
  aFunction,
  anAbortSignal,
  anObject,
  anything,
  aPositiveInteger,
  arrayOf,
  aString,
  oneOf,
  recordOf,
  withMethods,
} from './option-kinds.ts'
import {
  findOptionFault,
  findValueFault,
  optionChecker,
  valueChecker,
  type CheckOptions,
  type CheckValue,
  type OptionKind,
  type OptionTable,
} from './option-table.ts'

interface Options {
  readonly mode?: 'a' | 'b'
  readonly password?: string
}
const table: OptionTable<Options> = { mode: oneOf('a', 'b'), password: aString }

test.each<[unknown, string, string]>([
  [null, 'options', 'expected an object, got null'],
  [[], 'options', 'expected an object, got an array'],
  ['hunter2', 'options', 'expected an object, got a string'],
  [{ Mode: 'a' }, 'Mode', 'unknown option, did you mean `mode`?'],
  [{ pasword: 'a' }, 'pasword', 'unknown option, did you mean `password`?'],
  [{ passphrase: 'a' }, 'passphrase', 'unknown option, expected one of mode, password'],
  [{ '': 'a' }, '', 'unknown option, expected one of mode, password'],
  [{ mo: 'a' }, 'mo', 'unknown option, expected one of mode, password'],
  [
    { ['x\n'.repeat(50)]: 1 },
    'x x x x x x x x x x x x x x x x x x x x ',
    'unknown option, expected one of mode, password',
  ],
  [{ mode: 'c' }, 'mode', 'expected `a` or `b`, got `c`'],
  [{ password: ['hunter2'] }, 'password', 'expected a string, got an array'],
  [{ password: new Date('never') }, 'password', 'expected a string, got an invalid Date'],
])('reports the fault of %j as %s: %s', (options, path, problem) => {
  expect(findOptionFault(options, table)).toEqual({ path, problem })
})

test('treats an undefined option as omitted, unless it is required', () => {
  expect(findOptionFault({ mode: undefined }, table)).toBeUndefined()
  expect(findOptionFault({}, table, { required: ['mode'] })).toEqual({
    path: 'mode',
    problem: 'expected `a` or `b`, got undefined',
  })
})

test('puts the path of a nested options object in front', () => {
  expect(findOptionFault({ mode: 7 }, table, { path: 'hosts.r.test' })?.path).toBe('hosts.r.test.mode')
  expect(findOptionFault(7, table, { path: 'hosts.r.test' })?.path).toBe('hosts.r.test')
})

test('rejects names inherited from Object.prototype', () => {
  expect(findOptionFault({ constructor: 1 }, table)?.path).toBe('constructor')
  expect(findOptionFault(JSON.parse('{"__proto__":1}'), table)?.path).toBe('__proto__')
})

describe('findValueFault', () => {
  const reader = withMethods('a reader', 'read')

  test.each<[OptionKind, readonly unknown[], readonly unknown[]]>([
    [anything, [undefined, null, 5], []],
    [aBoolean, [true, false], ['true', 0, null]],
    [aString, [''], [5, null, undefined]],
    [aFunction, [() => 1], [{}]],
    [anObject, [{}], [null, [], 'x']],
    [aDate, [new Date(0)], [new Date('never'), 0]],
    [anAbortSignal, [AbortSignal.abort()], [{ aborted: false }]],
    [aPositiveInteger, [1], [0, 1.5, Infinity, Number.NaN, '1']],
    [reader, [{ read: () => 1 }], [{ read: 1 }, {}, null]],
    [arrayOf(aString), [[], ['a']], ['a', [5], new Array(1)]],
    [recordOf(aString), [{}, { a: 'b' }], [{ a: 5 }, ['a'], null]],
  ])('accepts and rejects values by the kind %j', (kind, fitting, others) => {
    for (const value of fitting) expect(findValueFault(value, kind, 'x')).toBeUndefined()
    for (const value of others) expect(findValueFault(value, kind, 'x')?.problem).toMatch(/^expected .*, got /)
  })

  test('names the invalid item of an array or a record', () => {
    expect(findValueFault(['a', 5], arrayOf(aString), 'x')).toEqual({
      path: 'x[1]',
      problem: 'expected a string, got 5',
    })
    expect(findValueFault(new Array(1), arrayOf(aString), 'x')).toEqual({
      path: 'x[0]',
      problem: 'expected a string, got undefined',
    })
    expect(findValueFault({ a: 'b', c: {} }, recordOf(aString), 'x')).toEqual({
      path: 'x.c',
      problem: 'expected a string, got an object',
    })
    expect(findValueFault(['a'], recordOf(aString), 'x')).toEqual({
      path: 'x',
      problem: 'expected an object, each value a string, got an array',
    })
    expect(findValueFault('a', arrayOf(aString), 'x')).toEqual({
      path: 'x',
      problem: 'expected an array, each item a string, got a string',
    })
  })
})

describe('optionChecker and valueChecker', () => {
  const checkOptions: CheckOptions = optionChecker((message) => new RangeError(message))
  const checkValue: CheckValue = valueChecker((message, { path }) => new RangeError(message, { cause: path }))

  test('a checker throws the error of its package with path and problem', () => {
    expect(() => {
      checkOptions({ mode: 'c' }, table, { path: 'hosts.r.test' })
    }).toThrow(new RangeError('`hosts.r.test.mode`: expected `a` or `b`, got `c`'))
    expect(() => {
      checkOptions({}, table, { required: ['mode'] })
    }).toThrow(new RangeError('`mode`: expected `a` or `b`, got undefined'))
    expect(() => {
      checkValue(5, aString, 'name')
    }).toThrow(new RangeError('`name`: expected a string, got 5', { cause: 'name' }))
  })

  test('a checker returns for options and values without a fault', () => {
    checkOptions({ mode: 'a' }, table)
    checkValue('a', aString, 'name')
  })
})
