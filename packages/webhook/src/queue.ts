/** Runs a bounded number of tasks at a time; a bounded number of others waits. */
export interface Queue {
  /** Waits for a place and returns the function that gives it back; returns undefined at once if too many wait. */
  enter(signal: AbortSignal): Promise<(() => void) | undefined>
  readonly running: number
  readonly waiting: number
}

export function createQueue(concurrency: number, maxWaiting: number): Queue {
  let running = 0
  const waiting = new Set<() => void>()
  const leave = (): void => {
    const [next] = waiting
    if (next === undefined) {
      running--
      return
    }
    waiting.delete(next)
    next()
  }
  const enter = async (signal: AbortSignal): Promise<(() => void) | undefined> => {
    signal.throwIfAborted()
    if (running < concurrency) {
      running++
      return once(leave)
    }
    if (waiting.size >= maxWaiting) return undefined
    await new Promise<void>((resolve, reject) => {
      const begin = (): void => {
        signal.removeEventListener('abort', abort)
        resolve()
      }
      const abort = (): void => {
        waiting.delete(begin)
        reject(signal.reason)
      }
      signal.addEventListener('abort', abort, { once: true })
      waiting.add(begin)
    })
    return once(leave)
  }
  return {
    enter,
    get running() {
      return running
    },
    get waiting() {
      return waiting.size
    },
  }
}

function once(work: () => void): () => void {
  let done = false
  return () => {
    if (done) return
    done = true
    work()
  }
}
