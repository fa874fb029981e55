import { markVerified, type Statement, type Verified } from '@verify-images/attestor-evaluator'
import { expect, test } from 'vitest'
import type { ImageScope } from './rule-scope.ts'

const unverified: Statement = { type: 'scan', predicate: { critical: 0 }, document: {} }
const verified: Verified<Statement> = markVerified(unverified)

/** Records what it is given, so that the type test below also runs. */
const seen: unknown[] = []
const scope: ImageScope = {
  judge: (_attestation, statement, named) => {
    seen.push(statement, named)
    return Promise.resolve({ holds: true })
  },
  denies: (_entries, statements) => {
    seen.push(statements)
    return Promise.resolve(undefined)
  },
}

test('conditions and deny take verified statements, and unverified ones do not compile', async () => {
  await scope.judge({}, verified, new Map([['scan', verified]]))
  await scope.denies([], new Map([['scan', verified]]))
  // @ts-expect-error conditions take no unverified statement
  await scope.judge({}, unverified, new Map())
  // @ts-expect-error nor under a name
  await scope.judge({}, verified, new Map([['scan', unverified]]))
  // @ts-expect-error nor does deny
  await scope.denies([], new Map([['scan', unverified]]))
  expect(seen).toHaveLength(8)
})

test('a changed copy of a verified statement does not compile where a verified one is expected', async () => {
  // @ts-expect-error the copy is not verified
  await scope.judge({}, { ...verified, predicate: {} }, new Map())
  // @ts-expect-error nor is an unchanged one
  await scope.judge({}, { ...verified }, new Map())
  expect(markVerified(unverified)).toBe(unverified)
})
