import type { ClientRequest } from 'node:http'
import type { Socket } from 'node:net'
import { RegistryError } from './registry-error.ts'
import { joinAddress, systemFields } from './system-fields.ts'
import { ABORTED, TIMED_OUT, TransportFault } from './transport.ts'
import type { TransportRequest, TransportStage } from './transport.ts'

/** Watches one exchange: where it is, and whether it takes too long. */
export interface ExchangeWatch {
  /** Called with the headers of the answer. */
  answered(): void
  /** Called for each chunk of the body. */
  progressed(): void
  stop(): void
  /** Returns the fault for what ended the exchange. */
  fault(error: unknown): RegistryError | TransportFault
}

/**
 * Ends the exchange when its current stage takes too long, or when the signal is aborted.
 *
 * @param release gives back the connection; called when the watch stops
 */
export function watchExchange(outgoing: ClientRequest, request: TransportRequest, release: () => void): ExchangeWatch {
  let stage: TransportStage = 'dial'
  let address: string | undefined
  // Why we ended the exchange ourselves; Node then reports a closed connection.
  let ended: string | undefined
  const end = (systemCode: string): void => {
    ended ??= systemCode
    outgoing.destroy(Object.assign(new Error(systemCode), { code: systemCode }))
  }
  let timer: NodeJS.Timeout | undefined
  const restart = (ms: number): void => {
    clearTimeout(timer)
    timer = setTimeout(() => end(TIMED_OUT), ms)
  }
  const abort = (): void => end(ABORTED)
  if (request.signal.aborted) abort()
  request.signal.addEventListener('abort', abort, { once: true })

  // The time starts with the socket: a request that waits for a free one has not dialled yet.
  outgoing.once('socket', (socket: Socket) => {
    restart(request.connectMs)
    const connected = (): void => {
      if (stage !== 'dial') return
      stage = 'answer'
      restart(request.idleMs)
    }
    const noteAddress = (): void => {
      if (socket.remoteAddress !== undefined) address = joinAddress(socket.remoteAddress, socket.remotePort)
    }
    noteAddress()
    if (!socket.connecting) connected()
    else {
      socket.once('connect', noteAddress)
      socket.once(request.url.protocol === 'https:' ? 'secureConnect' : 'connect', connected)
    }
  })
  return {
    answered(): void {
      stage = 'body'
      restart(request.idleMs)
    },
    // Refreshing costs less than a new timer for each chunk.
    progressed: () => void timer?.refresh(),
    stop(): void {
      clearTimeout(timer)
      request.signal.removeEventListener('abort', abort)
      release()
    },
    fault(error): RegistryError | TransportFault {
      if (error instanceof RegistryError) return error
      const fields = systemFields(error)
      return new TransportFault(
        stage,
        ended ?? fields.code,
        fields.address === undefined ? address : joinAddress(fields.address, fields.port),
        error,
      )
    },
  }
}
