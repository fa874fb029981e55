import type { JsonObject } from '@verify-images/primitives'
import { expect, test } from 'vitest'
import { countVerdicts } from './verdict-counts.ts'

const accepted = { admitted: true, outcome: 'accepted', reference: 'r.test/a@sha256:1' }
const audited = { admitted: true, outcome: 'rejected', reference: 'r.test/b@sha256:2' }
const rejected = { admitted: false, outcome: 'rejected', reference: 'r.test/c' }
const unknown = { admitted: false, outcome: 'inconclusive' }
/** Denied because no policy matches it: no rule has rejected anything. */
const unmatched = { admitted: false, outcome: 'accepted' }

test.each<readonly [string, readonly JsonObject[], number, ReturnType<typeof countVerdicts>['outcome']]>([
  ['all accepted', [accepted, accepted], 0, 'accepted'],
  ['one rejected', [accepted, unknown, rejected], 0, 'rejected'],
  ['one rejected and admitted in Audit mode', [accepted, audited], 0, 'rejected'],
  ['one not checked', [accepted, unknown], 0, 'inconclusive'],
  ['one not verified in time', [accepted], 1, 'inconclusive'],
  ['one that no policy matches', [unmatched, unknown], 0, 'rejected'],
])('the worst outcome counts: %s', (_, verdicts, unfinished, outcome) => {
  const left = Array.from({ length: unfinished }, () => ({ subject: 'x', because: 'deadline' }))
  expect(countVerdicts({ verdicts, unfinished: left }).outcome).toBe(outcome)
})

test('counts what is admitted, denied and neither, and lists what is admitted', () => {
  const verdicts = [accepted, audited, rejected, unknown, unmatched]
  expect(countVerdicts({ verdicts, unfinished: [{ subject: 'x', because: 'interrupted' }] })).toMatchObject({
    admitted: 2,
    denied: 2,
    inconclusive: 2,
    references: ['r.test/a@sha256:1', 'r.test/b@sha256:2'],
  })
})
