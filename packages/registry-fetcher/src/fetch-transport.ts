import { linkSignals, type LinkedSignal } from '@verify-images/primitives'
import { untilAborted } from './abort.ts'
import { checkLiteralAddress } from './address.ts'
import { RegistryError } from './registry-error.ts'
import { joinAddress, systemFields } from './system-fields.ts'
import { ABORTED, TIMED_OUT, TransportFault } from './transport.ts'
import type { Transport, TransportAnswer, TransportRequest, TransportStage } from './transport.ts'

/** The part of `fetch` that is used. It must neither follow redirects nor send anything to another host. */
export type RegistryFetch = (
  url: string,
  init: {
    readonly method: 'GET' | 'POST'
    readonly headers: Readonly<Record<string, string>>
    readonly body?: string | Uint8Array
    readonly redirect: 'manual'
    readonly signal: AbortSignal
  },
) => Promise<Response>

/**
 * Sends requests through a function of the embedder, which is then responsible for name resolution and TLS. Everything
 * else (redirects, sizes, digests, timeouts, credentials) is checked as usual.
 */
export function createFetchTransport(fetch: RegistryFetch): Transport {
  return {
    async send(request: TransportRequest): Promise<TransportAnswer> {
      checkLiteralAddress(request.url.hostname, request.reach)
      const idle = linkSignals([request.signal], request.idleMs)
      const pending = fetch(request.url.href, {
        method: request.method,
        headers: request.headers,
        ...(request.body === undefined ? {} : { body: request.body }),
        redirect: 'manual',
        signal: request.signal,
      })
      try {
        // A function that ignores the signal must not delay us.
        return toAnswer(await untilAborted(pending, idle.signal), request, idle)
      } catch (error) {
        idle.dispose()
        void pending.then((late) => late.body?.cancel()).catch(() => undefined)
        throw fault(error, 'dial', request, idle)
      }
    },
  }
}

function toAnswer(response: Response, request: TransportRequest, idle: LinkedSignal): TransportAnswer {
  const reader = response.body?.getReader()
  const cancel = (): void => {
    idle.dispose()
    reader?.cancel().catch(() => undefined)
  }
  async function* read(): AsyncGenerator<Uint8Array> {
    try {
      while (reader !== undefined) {
        idle.restart()
        const { done, value } = await untilAborted(reader.read(), idle.signal)
        if (done) return
        yield value
      }
    } catch (error) {
      throw fault(error, 'body', request, idle)
    } finally {
      cancel()
    }
  }
  return {
    status: response.status,
    header: (name) => response.headers.get(name) ?? undefined,
    body: read(),
    discard: cancel,
  }
}

function fault(error: unknown, stage: TransportStage, request: TransportRequest, idle: LinkedSignal): Error {
  if (request.signal.aborted) return new TransportFault(stage, ABORTED, undefined, error)
  if (idle.signal.aborted) return new TransportFault(stage === 'dial' ? 'answer' : stage, TIMED_OUT, undefined, error)
  if (error instanceof RegistryError) return error
  const { code, address, port } = systemFields(error)
  return new TransportFault(stage, code, address === undefined ? undefined : joinAddress(address, port), error)
}
