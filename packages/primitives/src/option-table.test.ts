import { describe, expect, test } from 'vitest'
import {
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
import { findOptionFault, findValueFault, type OptionKind, type OptionTable } from './option-table.ts'

interface Options {
  readonly mode?: 'a' | 'b'
  readonly password?: string
}
const table: OptionTable<Options> = { mode: oneOf('a', 'b'), password: aText }

test.each<[unknown, string, string]>([
  [null, 'options', 'must be an object, found null'],
  [[], 'options', 'must be an object, found a list'],
  ['hunter2', 'options', 'must be an object, found a text'],
  [{ Mode: 'a' }, 'Mode', 'is not an option, expected one of mode, password'],
  [
    { ['x\n'.repeat(50)]: 1 },
    'x x x x x x x x x x x x x x x x x x x x ',
    'is not an option, expected one of mode, password',
  ],
  [{ mode: 'c' }, 'mode', 'must be `a` or `b`, found `c`'],
  [{ password: ['hunter2'] }, 'password', 'must be a text, found a list'],
])('%j: %s %s', (options, path, problem) => {
  expect(findOptionFault(options, table)).toEqual({ path, problem })
})

test('what is undefined is as good as left out, unless it is required', () => {
  expect(findOptionFault({ mode: undefined }, table)).toBeUndefined()
  expect(findOptionFault({}, table, { required: ['mode'] })).toEqual({
    path: 'mode',
    problem: 'must be `a` or `b`, found nothing',
  })
})

test('says where options stand in others', () => {
  expect(findOptionFault({ mode: 7 }, table, { path: 'hosts.r.test' })?.path).toBe('hosts.r.test.mode')
  expect(findOptionFault(7, table, { path: 'hosts.r.test' })?.path).toBe('hosts.r.test')
})

test('names of Object.prototype are no options', () => {
  expect(findOptionFault({ constructor: 1 }, table)?.path).toBe('constructor')
  expect(findOptionFault(JSON.parse('{"__proto__":1}'), table)?.path).toBe('__proto__')
})

describe('a value', () => {
  const reader = withMethods('a reader', 'read')

  test.each<[OptionKind, readonly unknown[], readonly unknown[]]>([
    [anything, [undefined, null, 5], []],
    [aBoolean, [true, false], ['true', 0, null]],
    [aText, [''], [5, null, undefined]],
    [aFunction, [() => 1], [{}]],
    [anObject, [{}], [null, [], 'x']],
    [aTime, [new Date(0)], [new Date('never'), 0]],
    [anAbortSignal, [AbortSignal.abort()], [{ aborted: false }]],
    [aPositiveNumber, [1], [0, 1.5, Infinity, Number.NaN, '1']],
    [reader, [{ read: () => 1 }], [{ read: 1 }, {}, null]],
    [listOf(aText), [[], ['a']], ['a', [5], new Array(1)]],
    [recordOf(aText), [{}, { a: 'b' }], [{ a: 5 }, ['a'], null]],
  ])('is %j', (kind, fitting, others) => {
    for (const value of fitting) expect(findValueFault(value, kind, 'x')).toBeUndefined()
    for (const value of others) expect(findValueFault(value, kind, 'x')?.problem).toMatch(/^must be .*, found /)
  })

  test('of many says which item is wrong', () => {
    expect(findValueFault(['a', 5], listOf(aText), 'x')).toEqual({ path: 'x[1]', problem: 'must be a text, found 5' })
    expect(findValueFault(new Array(1), listOf(aText), 'x')).toEqual({
      path: 'x[0]',
      problem: 'must be a text, found nothing',
    })
    expect(findValueFault({ a: 'b', c: {} }, recordOf(aText), 'x')).toEqual({
      path: 'x.c',
      problem: 'must be a text, found an object',
    })
    expect(findValueFault(['a'], recordOf(aText), 'x')).toEqual({
      path: 'x',
      problem: 'must be an object, each of its members a text, found a list',
    })
    expect(findValueFault('a', listOf(aText), 'x')).toEqual({
      path: 'x',
      problem: 'must be a list, each of its items a text, found a text',
    })
  })
})
