import type { ImageVerdict, ResourceVerdict } from '@verify-images/core'
import { concurrently } from '@verify-images/primitives'
import type { Deadlines } from './command-line/arguments.ts'
import type { CommandIO } from './command-io.ts'
import type { Results, Unfinished, Verified } from './formats/results.ts'

/** An object or image to verify. */
export interface Task {
  /** `Pod default/app`, or the image as given. */
  readonly subject: string
  readonly verify: (limits: TaskLimits) => Promise<ResourceVerdict | ImageVerdict>
}

export interface TaskLimits {
  readonly signal: AbortSignal
  readonly deadlineMs: number
}

interface RunOptions {
  readonly concurrency: number
  readonly deadlines: Deadlines
}

/**
 * Verifies everything, some at the same time, in the order of the tasks. What is not verified when the user interrupts
 * or the deadline of the command passes is listed as such.
 */
export async function verifyAll(
  tasks: readonly Task[],
  { concurrency, deadlines }: RunOptions,
  io: Pick<CommandIO, 'interrupted' | 'progress'>,
): Promise<Results> {
  const start = performance.now()
  const left = (): number => (deadlines.totalMs ?? Infinity) - (performance.now() - start)
  const progress = countProgress(tasks.length, io)
  const results = await concurrently(tasks, concurrency, async (task) => {
    const result = await verifyOne(task, { eachMs: deadlines.eachMs, leftMs: left() }, io.interrupted)
    progress(result)
    return result
  })
  io.progress?.('')
  return {
    verified: results.filter((result) => 'verdict' in result),
    unfinished: results.filter((result) => 'because' in result),
  }
}

async function verifyOne(
  { subject, verify }: Task,
  { eachMs, leftMs }: { readonly eachMs: number; readonly leftMs: number },
  signal: AbortSignal,
): Promise<Verified | Unfinished> {
  if (signal.aborted) return { subject, because: 'interrupted' }
  if (leftMs <= 0) return { subject, because: 'deadline' }
  const start = performance.now()
  try {
    const verdict = await verify({ signal, deadlineMs: Math.max(1, Math.ceil(Math.min(eachMs, leftMs))) })
    // A result that is inconclusive after the interruption counts as not verified.
    if (signal.aborted && verdict.outcome === 'inconclusive') return { subject, because: 'interrupted' }
    return { subject, verdict, ms: performance.now() - start }
  } catch (error) {
    if (signal.aborted) return { subject, because: 'interrupted' }
    throw error
  }
}

/** Fewer tasks end before the line could be read. */
const WATCHED = 5

function countProgress(
  total: number,
  { progress }: Pick<CommandIO, 'progress'>,
): (result: Verified | Unfinished) => void {
  const counts = { done: 0, denied: 0 }
  return (result) => {
    counts.done++
    if ('verdict' in result && !result.verdict.admitted) counts.denied++
    if (total >= WATCHED)
      progress?.(`${String(counts.done)} of ${String(total)} verified, ${String(counts.denied)} not admitted`)
  }
}
