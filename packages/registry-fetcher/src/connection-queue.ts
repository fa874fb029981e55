import { abortError, throwIfAborted } from './abort.ts'

/** Shares the connections to each host among the repositories there. */
export interface ConnectionQueue {
  /**
   * Waits for a connection to a host, and returns a function that gives it back.
   *
   * @param owner who uses the connection: the repository
   * @throws RegistryError when the signal is aborted before
   */
  acquire(host: string, owner: string, signal: AbortSignal): Promise<() => void>
}

interface Waiting {
  /** Order of arrival. */
  readonly number: number
  readonly start: () => void
}

interface Host {
  /** Connections in use, by owner. */
  readonly used: Map<string, number>
  total: number
  /** By owner, and in order of arrival. */
  readonly waiting: Map<string, Set<Waiting>>
}

/**
 * Returns a queue with a number of connections per host.
 *
 * One owner uses at most half of the connections that the others leave, so that there is always one for an owner who
 * has none: requests that a registry leaves unanswered delay those to the same repository, and not its neighbours.
 * Among those who wait, the one with the fewest connections is next.
 */
export function createConnectionQueue(connectionsPerHost: number): ConnectionQueue {
  const hosts = new Map<string, Host>()
  let arrivals = 0

  function mayStart({ used, total }: Host, owner: string): boolean {
    const own = used.get(owner) ?? 0
    if (total >= connectionsPerHost) return false
    return own < Math.max(1, Math.floor((connectionsPerHost - (total - own)) / 2))
  }

  function take(name: string, host: Host, owner: string): () => void {
    host.used.set(owner, (host.used.get(owner) ?? 0) + 1)
    host.total++
    let isHeld = true
    return () => {
      if (!isHeld) return
      isHeld = false
      host.total--
      const left = (host.used.get(owner) ?? 1) - 1
      if (left === 0) host.used.delete(owner)
      else host.used.set(owner, left)
      startNext(host)
      if (host.total === 0 && host.waiting.size === 0) hosts.delete(name)
    }
  }

  function startNext(host: Host): void {
    for (;;) {
      let next: { readonly owner: string; readonly first: Waiting } | undefined
      for (const [owner, [first]] of host.waiting) {
        if (first === undefined || !mayStart(host, owner)) continue
        const lead = next === undefined ? -1 : (host.used.get(owner) ?? 0) - (host.used.get(next.owner) ?? 0)
        if (lead < 0 || (lead === 0 && next !== undefined && first.number < next.first.number)) next = { owner, first }
      }
      if (next === undefined) return
      leave(host, next.owner, next.first)
      next.first.start()
    }
  }

  function leave({ waiting }: Host, owner: string, each: Waiting): void {
    const own = waiting.get(owner)
    own?.delete(each)
    if (own?.size === 0) waiting.delete(owner)
  }

  return {
    async acquire(name, owner, signal): Promise<() => void> {
      throwIfAborted(signal)
      const host: Host = hosts.get(name) ?? { used: new Map(), total: 0, waiting: new Map() }
      hosts.set(name, host)
      if (mayStart(host, owner)) return take(name, host, owner)
      return new Promise<() => void>((resolve, reject) => {
        const abort = (): void => {
          leave(host, owner, waiting)
          reject(abortError(signal))
        }
        const waiting: Waiting = {
          number: arrivals++,
          start: () => {
            signal.removeEventListener('abort', abort)
            resolve(take(name, host, owner))
          },
        }
        const own = host.waiting.get(owner) ?? new Set()
        host.waiting.set(owner, own.add(waiting))
        signal.addEventListener('abort', abort, { once: true })
      })
    },
  }
}
