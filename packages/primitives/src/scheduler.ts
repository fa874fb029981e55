/**
 * How long CPU work may run before the event loop gets its turn, in milliseconds. A request waits for one slice at
 * most.
 */
const SLICE_MS = 2

/** Entries of the queue that have run and are still kept: a copy for each would be quadratic. */
const MAX_DONE = 1_000

/** When the current slice ends; undefined until the first unit of work of a turn of the event loop. */
let sliceEnds: number | undefined
/** Work that waits for a turn, in the order it came. */
let waiting: (() => void)[] = []
let nextWaiting = 0

/**
 * Lets the event loop turn when the work done since its last turn has taken 2 ms; otherwise returns at once.
 *
 * Call it between units of CPU work: a candidate, a certificate chain, a slice of a hash, a condition. There is one
 * scheduler per process: of all evaluations that wait, one gets the next slice, so that a hundred of them block the
 * loop no longer than one, and timers (such as deadlines) and sockets are served between slices.
 *
 * @throws the reason of the signal, when it was aborted
 */
export async function yieldIfDue(signal?: AbortSignal): Promise<void> {
  signal?.throwIfAborted()
  if (sliceEnds === undefined) return beginSlice()
  if (performance.now() < sliceEnds) return
  await new Promise<void>((resume) => waiting.push(resume))
  signal?.throwIfAborted()
}

function beginSlice(): void {
  sliceEnds = performance.now() + SLICE_MS
  setImmediate(endTurn)
}

function endTurn(): void {
  sliceEnds = undefined
  const resume = waiting[nextWaiting]
  if (resume === undefined) return
  nextWaiting++
  // Under steady load the queue never drains, so what has run is dropped from time to time.
  if (nextWaiting === waiting.length || nextWaiting > MAX_DONE) {
    waiting = waiting.slice(nextWaiting)
    nextWaiting = 0
  }
  beginSlice()
  resume()
}
