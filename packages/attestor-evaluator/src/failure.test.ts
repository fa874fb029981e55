import { describe, expect, it } from 'vitest'
import { AttestorError } from './attestor-error.ts'
import { readFailure, refusal } from './failure.ts'
import { sourceFault } from '@verify-images/testing/internal'
import { createVerificationMemo } from './verification-memo.ts'

const place = { path: 'attestors[0]', image: 'registry.test/app:1' }
const { signal } = new AbortController()

describe('an error becomes a failure', () => {
  it('by its code, when it is ours', () => {
    const error = new AttestorError('ATTESTOR_PAYLOAD_MISMATCH', 'another image', {
      upstreamText: 'in their words',
      expected: 'a',
      actual: 'b',
      difference: 'S26',
    })
    expect(readFailure(error, place, signal)).toEqual({
      inconclusive: false,
      networkFault: false,
      upstreamText: 'in their words',
      reason: {
        code: 'ATTESTOR_PAYLOAD_MISMATCH',
        message: 'another image',
        expected: 'a',
        found: 'b',
        difference: 'S26',
        ...place,
      },
    })
    expect(readFailure(new AttestorError('ATTESTOR_TRUST_UNAVAILABLE', 'no root'), place, signal)).toMatchObject({
      inconclusive: true,
      upstreamText: 'no root',
    })
  })

  it("by its fields, when it is a source's", () => {
    expect(readFailure(sourceFault('REGISTRY_TIMEOUT', true), place, signal)).toMatchObject({
      inconclusive: true,
      networkFault: true,
      upstreamText: 'the registry is gone',
      reason: { code: 'REGISTRY_TIMEOUT' },
    })
  })

  it("that never admits, when it is nobody's", () => {
    for (const error of [
      new TypeError('x is undefined'),
      Object.assign(new Error('e'), { code: 'ECONNRESET' }),
      'text',
      null,
      undefined,
      7,
    ]) {
      expect(readFailure(error, place, signal)).toMatchObject({
        inconclusive: true,
        networkFault: false,
        reason: { code: 'ATTESTOR_SOURCE_UNAVAILABLE' },
      })
    }
  })

  it('unless everything was stopped', () => {
    const reason = new Error('stop')
    expect(() => readFailure(new Error('late'), place, AbortSignal.abort(reason))).toThrow(reason)
  })
})

it('refusals are inconclusive when one of them is', () => {
  const no = readFailure(new AttestorError('ATTESTOR_SIGNATURE_INVALID', 'no'), place, signal)
  const gone = readFailure(sourceFault('REGISTRY_TIMEOUT', true), place, signal)
  expect(refusal([no, no], 'text')).toMatchObject({ kind: 'rejected', upstreamText: 'text', reasons: [{}, {}] })
  expect(refusal([no, gone], 'text')).toMatchObject({ kind: 'inconclusive', networkFault: true })
})

it('a memo makes each thing once, failures too, whatever its name', () => {
  const memo = createVerificationMemo()
  let made = 0
  for (const name of ['a', '__proto__', 'constructor']) {
    for (let i = 0; i < 3; i++) expect(memo.once(name, () => ++made && name)).toBe(name)
  }
  expect(made).toBe(3)
  const failing = (): never => {
    made++
    throw new Error('no')
  }
  for (let i = 0; i < 3; i++) expect(() => memo.once('failing', failing)).toThrow('no')
  expect(made).toBe(4)
})
