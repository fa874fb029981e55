import type { ImageVerdict } from '@verify-images/core'
import { setTimeout as wait } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { verifyAll, type Task } from './verify-all.ts'

const verdict = (outcome: ImageVerdict['outcome']): ImageVerdict =>
  ({ admitted: outcome === 'accepted', outcome }) as ImageVerdict
const deadlines = { totalMs: undefined, eachMs: 1000 }
const running = (): AbortController => new AbortController()
const task = (subject: string, verify: Task['verify']): Task => ({ subject, verify })
const accepted = (subject: string): Task => task(subject, () => Promise.resolve(verdict('accepted')))

test('keeps the order of the tasks, whichever is done first', async () => {
  const slow = task('slow', () => wait(20, verdict('accepted')))
  const { verified, unfinished } = await verifyAll(
    [slow, accepted('fast')],
    { concurrency: 2, deadlines },
    { interrupted: running().signal },
  )
  expect(verified.map(({ subject }) => subject)).toEqual(['slow', 'fast'])
  expect(unfinished).toEqual([])
})

test('tasks that did not start before the deadline of the command are listed, others have the rest of it', async () => {
  const given: number[] = []
  const slow = (subject: string): Task =>
    task(subject, async ({ deadlineMs }) => {
      given.push(deadlineMs)
      return wait(600, verdict('accepted'))
    })
  const { verified, unfinished } = await verifyAll(
    [slow('a'), slow('b'), slow('c')],
    { concurrency: 1, deadlines: { totalMs: 1_000, eachMs: 800 } },
    { interrupted: running().signal },
  )
  expect(verified.map(({ subject }) => subject)).toEqual(['a', 'b'])
  expect(unfinished).toEqual([{ subject: 'c', because: 'deadline' }])
  expect(given[0]).toBe(800)
  // A timer may fire a millisecond early.
  expect(given[1]).toBeLessThan(420)
})

test('an interruption keeps verdicts, and lists the tasks that were running or not started', async () => {
  const user = running()
  const rejecting = task('under way', async ({ signal }) => {
    user.abort(new Error('SIGINT'))
    signal.throwIfAborted()
    return verdict('accepted')
  })
  const unchecked = task('not checked', () => Promise.resolve(verdict('inconclusive')))
  const { verified, unfinished } = await verifyAll(
    [accepted('done'), rejecting, unchecked],
    { concurrency: 1, deadlines },
    { interrupted: user.signal },
  )
  expect(verified.map(({ subject }) => subject)).toEqual(['done'])
  expect(unfinished).toEqual([
    { subject: 'under way', because: 'interrupted' },
    { subject: 'not checked', because: 'interrupted' },
  ])
})

test('an inconclusive result counts as not verified only after an interruption', async () => {
  const user = running()
  const inconclusive = task('a', () => Promise.resolve(verdict('inconclusive')))
  const interrupting = task('b', () => {
    user.abort()
    return Promise.resolve(verdict('inconclusive'))
  })
  const io = { interrupted: user.signal }
  expect((await verifyAll([inconclusive], { concurrency: 1, deadlines }, io)).verified).toHaveLength(1)
  expect((await verifyAll([interrupting], { concurrency: 1, deadlines }, io)).unfinished).toHaveLength(1)
})

test('an error of a task ends the command unless the user did', async () => {
  const failing = task('a', () => Promise.reject(new Error('broken')))
  await expect(verifyAll([failing], { concurrency: 1, deadlines }, { interrupted: running().signal })).rejects.toThrow(
    'broken',
  )
})

test('shows the progress on a terminal, for five tasks or more', async () => {
  const shown: string[] = []
  const io = { interrupted: running().signal, progress: (text: string) => shown.push(text) }
  const options = { concurrency: 1, deadlines }
  await verifyAll(['a', 'b'].map(accepted), options, io)
  expect(shown).toEqual([''])
  await verifyAll(
    [...['a', 'b', 'c', 'd'].map(accepted), task('e', () => Promise.resolve(verdict('rejected')))],
    options,
    io,
  )
  expect(shown.slice(-2)).toEqual(['5 of 5 verified, 1 not admitted', ''])
})
