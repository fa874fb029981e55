import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { ConditionError } from './condition-error.ts'
import { compileConditions } from './conditions/evaluate-conditions.ts'
import { createQueryContext } from './query-context.ts'

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')

test('the example of the README gives the result that it shows', () => {
  const conditions = compileConditions({
    all: [
      { key: '{{ request.namespace }}', operator: 'AnyIn', value: ['prod', 'prod-*'] },
      { key: '{{ scan.critical || `0` }}', operator: 'LessThan', value: 1, message: 'critical findings: see the scan' },
    ],
  })
  const context = createQueryContext({ request: { namespace: 'prod-eu' }, scan: { critical: 3 } })
  const { holds, message, decisive } = conditions.evaluate(context)
  expect({ holds, message, decisive }).toEqual({
    holds: false,
    message: 'critical findings: see the scan',
    decisive: { key: '{{ scan.critical || `0` }}', operator: 'LessThan', value: '1', found: '3' },
  })
})

test('the table of the README has exactly the codes of ConditionError', () => {
  const source = readFileSync(new URL('./condition-error.ts', import.meta.url), 'utf8')
  const codes = [...source.matchAll(/^ {2}\| '(CONDITION_[A-Z_]+)'/gm)].map(([, code]) => code)
  expect([...readme.matchAll(/^\| `(CONDITION_[A-Z_]+)`/gm)].map(([, code]) => code).sort()).toEqual(codes.sort())
  expect(new ConditionError('CONDITION_INVALID', 'type', 'text')).toMatchObject({
    name: 'ConditionError',
    code: 'CONDITION_INVALID',
    kind: 'type',
  })
})
