import { expect, test } from 'vitest'
import { createExpressionCache } from './expression/expression-cache.ts'
import { compileExpression, search } from './expression/search.ts'
import { createQueryContext } from './query-context.ts'
import { substitute } from './substitution/substitute.ts'

const context = createQueryContext({ x: 1 })
const NOT_STRINGS = [undefined, null, 5, {}, [], Symbol('x'), 10n] as never[]

test.each<[string, (argument: never) => unknown]>([
  ['compileExpression', compileExpression],
  ['search', (argument) => search(argument, {})],
  ['query', (argument) => context.query(argument)],
  ['the get function of a cache', (argument) => createExpressionCache().get(argument)],
])('%s rejects an expression that is not a string', (_, run) => {
  for (const argument of NOT_STRINGS)
    expect(() => run(argument)).toThrow(expect.objectContaining({ code: 'CONDITION_EXPRESSION_INVALID' }))
})

test.each<[string, (options: never) => unknown]>([
  ['search', (options) => search('x', { x: 1 }, options)],
  ['createQueryContext', (options) => createQueryContext({ x: 1 }, options).query('x')],
])('%s rejects invalid options, and budgets that would not limit anything', (_, run) => {
  for (const options of [
    null,
    { expresions: {} },
    { budget: { steps: Number.NaN } },
    { budget: { producedLength: '5' } },
    { budget: { steps: -1 } },
  ] as never[]) {
    expect(() => run(options)).toThrow(expect.objectContaining({ code: 'CONDITION_OPTIONS_INVALID' }))
  }
})

test('substitute rejects an invalid context and invalid options', () => {
  for (const other of [undefined, null, {}, 'x'] as never[]) {
    expect(() => substitute('{{ x }}', other)).toThrow(expect.objectContaining({ code: 'CONDITION_OPTIONS_INVALID' }))
  }
  for (const options of [null, { operaton: 'DELETE' }] as never[]) {
    expect(() => substitute('{{ x }}', context, options)).toThrow(
      expect.objectContaining({ code: 'CONDITION_OPTIONS_INVALID' }),
    )
  }
})

test('createExpressionCache rejects a size that would not limit the cache', () => {
  for (const entries of [Number.NaN, Infinity, -1, 'x'] as never[]) {
    expect(() => createExpressionCache(entries)).toThrow(expect.objectContaining({ code: 'CONDITION_OPTIONS_INVALID' }))
  }
})
