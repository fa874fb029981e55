import type { Failure, ReasonDetail, StepFailure } from '@verify-images/primitives'
import { expect, test } from 'vitest'
import { presentFailure } from './present-failure.ts'

const reasonWith = (message: string, detail?: ReasonDetail): Failure => ({
  kind: 'reason',
  reason: { code: 'ATTESTOR_NO_SIGNATURE', message },
  inconclusive: false,
  ...(detail !== undefined && { detail }),
})
const stepOver = (step: StepFailure['step'], ...failures: StepFailure['failures']): Failure => ({
  kind: 'step',
  step,
  failures,
})

test('a reason without a detail keeps our message', () => {
  expect(presentFailure(reasonWith('there is no signature'))).toEqual({
    text: 'there is no signature',
    isNetworkError: false,
  })
})

test('a step prints its text before that of the failures in it, in order', () => {
  const entry = (path: string, ...failures: StepFailure['failures']): Failure =>
    stepOver({ kind: 'attestor-entry', path, attestor: 'keys' }, ...failures)
  const set = stepOver(
    { kind: 'attestor-set' },
    entry('.entries[0]', reasonWith('a')),
    entry('.entries[1]', reasonWith('b')),
  )
  expect(presentFailure(set).text).toBe('.entries[0].keys: a; .entries[1].keys: b')
})

test('a network error below a step makes the whole failure one, unless the step keeps only the text', () => {
  const network = reasonWith('ours', {
    kind: 'registry-transport',
    stage: 'dial',
    fault: 'refused',
    systemCode: 'ECONNREFUSED',
    method: 'GET',
    url: 'https://registry.test/v2/',
    host: 'registry.test',
    address: '203.0.113.1:443',
  })
  expect(presentFailure(stepOver({ kind: 'attestor-set' }, reasonWith('a'), network)).isNetworkError).toBe(true)
  expect(
    presentFailure(stepOver({ kind: 'attestor-verify-candidates', of: 'signatures' }, network)).isNetworkError,
  ).toBe(false)
})
