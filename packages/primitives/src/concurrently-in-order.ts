/** What {@link concurrentlyInOrder} does at the same time. */
export interface OrderedConcurrency {
  readonly atOnce: number
  /** Items that have been read and not yielded yet: others go on while one takes long. */
  readonly ahead: number
}

/**
 * Runs the work on all items, and yields the results in the order of the items. Neither all items nor all results are
 * ever in memory: items are read when there is room for their results.
 *
 * If the consumer stops, no more items are read, and work that has started is left to end.
 */
export async function* concurrentlyInOrder<T, R>(
  items: Iterable<T> | AsyncIterable<T>,
  { atOnce, ahead }: OrderedConcurrency,
  work: (item: T) => Promise<R>,
): AsyncGenerator<R, void, undefined> {
  const source = iterate(items)
  const slot = createSlots(atOnce)
  const results: Promise<R>[] = []
  let next: Promise<IteratorResult<T>> | undefined
  let ended = false
  try {
    for (;;) {
      if (!ended && results.length < ahead) next ??= quiet(source.next())
      const [head] = results
      if (head === undefined && next === undefined) return
      if (next !== undefined && (head === undefined || (await settlesFirst(next, head)))) {
        const { done, value } = await next
        next = undefined
        if (done === true) ended = true
        else results.push(quiet(slot(() => work(value))))
      } else if (head !== undefined) {
        yield await head
        void results.shift()
      }
    }
  } finally {
    const closed = quiet(source.return())
    // A source that is waited for closes when it has its item.
    if (next === undefined) await closed
  }
}

async function* iterate<T>(items: Iterable<T> | AsyncIterable<T>): AsyncGenerator<T, void, undefined> {
  yield* items
}

/** Keeps a rejection from being unhandled before the promise is awaited. */
function quiet<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => undefined)
  return promise
}

function settlesFirst(one: Promise<unknown>, other: Promise<unknown>): Promise<boolean> {
  const settled = (answer: boolean) => (): boolean => answer
  return Promise.race([one.then(settled(true), settled(true)), other.then(settled(false), settled(false))])
}

/** Returns a function that runs work when fewer than `count` others run. */
function createSlots(count: number): <R>(work: () => Promise<R>) => Promise<R> {
  let free = count
  const waiting: (() => void)[] = []
  return async (work) => {
    if (free > 0) free--
    else await new Promise<void>((begin) => waiting.push(begin))
    try {
      return await work()
    } finally {
      const next = waiting.shift()
      if (next === undefined) free++
      else next()
    }
  }
}
