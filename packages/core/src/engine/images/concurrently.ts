import { LIMITS } from '../../limits.ts'

/** Results in the order of the items, with a bounded number of them under way at a time. */
export async function concurrently<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = []
  const queue = items.entries()
  const worker = async (): Promise<void> => {
    for (const [index, item] of queue) results[index] = await work(item)
  }
  await Promise.all(Array.from({ length: Math.min(LIMITS.imagesAtOnce, items.length) }, worker))
  return results
}
