import { describe, expect, test } from 'vitest'
import { CheckError, during, duringSync } from './check-error.ts'
import { failureOf, isInconclusive, reasonsOf, refusalOf, type Failure } from './failure.ts'

const place = { path: 'attestors[0]', image: 'registry.test/app:1' }
const live = new AbortController().signal

const leaf = (message: string, inconclusive: boolean): Failure => ({
  kind: 'reason',
  reason: { code: 'ATTESTOR_SIGNATURE_INVALID', message },
  inconclusive,
})

describe('failureOf', () => {
  test('keeps code, message and facts of a check error and adds its place', () => {
    const error = new CheckError('ATTESTOR_SIGNATURE_INVALID', 'no', {
      expected: 'a',
      actual: 'b',
      candidate: 'sha256:00',
      difference: 'S12',
      detail: { kind: 'attestor-no-attestors' },
    })
    expect(failureOf(error, place, live)).toEqual({
      kind: 'reason',
      reason: {
        code: 'ATTESTOR_SIGNATURE_INVALID',
        message: 'no',
        expected: 'a',
        actual: 'b',
        candidate: 'sha256:00',
        difference: 'S12',
        ...place,
      },
      inconclusive: false,
      detail: { kind: 'attestor-no-attestors' },
    })
  })

  test.each([
    ['ATTESTOR_KEY_UNAVAILABLE', true],
    ['ATTESTOR_SOURCE_UNAVAILABLE', true],
    ['ATTESTOR_NO_SIGNATURE', false],
  ] as const)('takes %s for inconclusive: %s', (code, inconclusive) => {
    expect(failureOf(new CheckError(code, ''), place, live)).toMatchObject({ inconclusive })
  })

  test('takes the error of a registry for inconclusive, by its fields', () => {
    const detail = { kind: 'registry-answer', method: 'GET', url: 'https://r/v2/', status: 500, errors: [] } as const
    const error = Object.assign(new Error('gone'), { code: 'REGISTRY_UNAVAILABLE', detail })
    expect(failureOf(error, place, live)).toEqual({
      kind: 'reason',
      reason: { code: 'REGISTRY_UNAVAILABLE', message: 'gone', ...place },
      inconclusive: true,
      detail,
    })
  })

  test.each([
    [new Error('boom'), 'boom'],
    [Object.assign(new Error('odd'), { code: 'REGISTRY_MADE_UP', detail: { kind: 'odd' } }), 'odd'],
    ['thrown string', 'thrown string'],
    [undefined, 'the source failed'],
  ])('takes any other error (%s) for an unavailable source', (error, message) => {
    expect(failureOf(error, place, live)).toEqual({
      kind: 'reason',
      reason: { code: 'ATTESTOR_SOURCE_UNAVAILABLE', message, ...place },
      inconclusive: true,
    })
  })

  test('throws the reason of an aborted signal instead', () => {
    expect(() => failureOf(new Error('late'), place, AbortSignal.abort('stop'))).toThrow('stop')
  })

  test('nests what failed during steps, outermost first', async () => {
    const step = (path: string) => ({ kind: 'attestor-entry', path, attestor: 'keys' }) as const
    const error: unknown = await during(step('outer'), async () =>
      duringSync(step('inner'), () => {
        throw new CheckError('ATTESTOR_NO_SIGNATURE', 'none')
      }),
    ).catch((thrown: unknown) => thrown)
    expect(failureOf(error, place, live)).toMatchObject({
      kind: 'step',
      step: { path: 'outer' },
      failures: [{ kind: 'step', step: { path: 'inner' }, failures: [{ reason: { message: 'none', ...place } }] }],
    })
  })
})

test('a refusal is inconclusive as soon as one of its reasons is', () => {
  const step = { kind: 'attestor-set' } as const
  const rejected: Failure = { kind: 'step', step, failures: [leaf('a', false), leaf('b', false)] }
  const mixed: Failure = { kind: 'step', step, failures: [rejected, leaf('c', true)] }
  expect(refusalOf(rejected).kind).toBe('rejected')
  expect(refusalOf(mixed).kind).toBe('inconclusive')
  expect([isInconclusive(rejected), isInconclusive(mixed)]).toEqual([false, true])
  expect(reasonsOf(mixed).map(({ message }) => message)).toEqual(['a', 'b', 'c'])
})
