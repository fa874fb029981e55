import type { ContextEntry } from '@verify-images/policy-parser'
import { expect, test } from 'vitest'
import type { Json } from '@verify-images/primitives'
import type { AttestedAnswer } from './attested-work.ts'
import { LazyContext, type EntryLoader } from './lazy-context.ts'

const entry = (name: string): ContextEntry => ({ name, variable: {} })
const ask = async (context: LazyContext, expression: string): Promise<Json> =>
  context.evaluate(({ query }) => query(expression))

function counting(): { readonly load: EntryLoader; readonly loaded: string[] } {
  const loaded: string[] = []
  return {
    loaded,
    load: async ({ name }) => {
      loaded.push(name)
      await Promise.resolve()
      return { value: { number: loaded.length } }
    },
  }
}

test('an entry is loaded once, at its first mention, also by concurrent evaluations', async () => {
  const { load, loaded } = counting()
  const context = new LazyContext({}, [entry('a'), entry('b'), entry('c')], load, {})
  expect(
    await Promise.all([ask(context, 'a.number'), ask(context, 'a.number'), ask(context, '[a.number, c.number]')]),
  ).toEqual([1, 1, [1, 2]])
  expect(loaded).toEqual(['a', 'c'])
})

test('an entry that exceeds the size of the context fails without the others', async () => {
  const load: EntryLoader = ({ name }) =>
    Promise.resolve({ value: name === 'big' ? 'x'.repeat(3 * 1024 * 1024) : 'small' })
  const context = new LazyContext({}, [entry('big'), entry('other')], load, {})
  await expect(ask(context, 'big')).rejects.toMatchObject({
    name: 'ConditionError',
    message: expect.stringContaining('context size limit exceeded') as unknown,
  })
  expect(await ask(context, 'other')).toBe('small')
})

test('an entry that was not loaded fails every expression that mentions it', async () => {
  const context = new LazyContext({}, [entry('a')], () => Promise.resolve({ failure: 'no such thing' }), {})
  await expect(ask(context, 'a')).rejects.toMatchObject({ message: 'no such thing', row: undefined })
  await expect(ask(context, "a || 'default'")).rejects.toMatchObject({
    message: 'no such thing',
    row: 'ctx-failure-stays',
  })
})

test('an expression that mentions a name of another place of the rule fails, also with a default', async () => {
  const context = new LazyContext({}, [], () => Promise.resolve({ value: null }), {})
  const asked = (expression: string, elsewhere: readonly string[]): Promise<AttestedAnswer> =>
    context.ask(
      { kind: 'text', template: `{{ ${expression} }}`, operation: undefined },
      { named: [], names: [], elsewhere, locals: {} },
    )
  expect(await asked("scan.level || 'low'", ['scan'])).toMatchObject({
    kind: 'failed',
    failure: { code: 'CONDITION_VARIABLE_UNRESOLVED', difference: 'S16' },
  })
  expect(await asked("scanner.level || 'low'", ['scan'])).toEqual({ kind: 'text', text: 'low' })
})

test('only work that exceeds the steps of the main thread is sent to the worker', async () => {
  const away: string[] = []
  const context = new LazyContext(
    {},
    [],
    () => Promise.resolve({ value: null }),
    {},
    {
      workAway: ({ question }) => {
        away.push(question.kind)
        return Promise.resolve({ answer: { kind: 'text', text: 'from the worker' }, failedOver: [] })
      },
    },
  )
  const ask = (items: number): Promise<AttestedAnswer> =>
    context.ask(
      { kind: 'text', template: '{{ length(map(&to_string(@), items)) }}', operation: undefined },
      { named: [['items', Array.from({ length: items }, (_, i) => i)]], names: [], elsewhere: [], locals: {} },
    )
  expect(await ask(10)).toEqual({ kind: 'text', text: 10 })
  expect(away).toEqual([])
  expect(await ask(250_000)).toEqual({ kind: 'text', text: 'from the worker' })
  expect(away).toEqual(['text'])
})
