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

test('a step puts its words before those of what failed in it, in order', () => {
  const inner = stepOver({ kind: 'text', text: '.entries[0]: ', separator: '; ' }, reasonWith('a'), reasonWith('b'))
  const outer = stepOver({ kind: 'text', text: '.attestors[0]', separator: '; ' }, inner, reasonWith('c'))
  expect(presentFailure(outer).text).toBe('.attestors[0].entries[0]: a; b; c')
})

test('a network error anywhere below makes the whole text one, unless a step keeps only the words', () => {
  const network = reasonWith('', { kind: 'text', text: 'dial tcp: connection refused', isNetwork: true })
  expect(presentFailure(stepOver({ kind: 'text', text: 'x: ', separator: '' }, reasonWith('a'), network))).toEqual({
    text: 'x: adial tcp: connection refused',
    isNetworkError: true,
  })
  expect(
    presentFailure(stepOver({ kind: 'text', text: 'x: ', separator: '', hidesNetwork: true }, network)).isNetworkError,
  ).toBe(false)
})
