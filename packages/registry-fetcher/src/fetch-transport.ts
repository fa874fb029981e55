import type { ReadableStreamReadResult } from 'node:stream/web'

import { untilAborted } from './abort.ts'
import { checkLiteralAddress } from './address.ts'
import { RegistryError } from './registry-error.ts'
import { systemFields } from './system-fields.ts'
import { ABORTED, TIMED_OUT, TransportFault } from './transport.ts'
import type { Transport, TransportAnswer, TransportRequest, TransportStage } from './transport.ts'

/** The part of `fetch` that is used. Must not follow redirects, and must not send anything anywhere else. */
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
 * Requests through a function the embedder gave. What a name resolves to and TLS are then that function's business; all
 * else (redirects, sizes, digests, times, credentials) is checked as ever.
 */
export function createFetchTransport(fetch: RegistryFetch): Transport {
  return {
    async send(request: TransportRequest): Promise<TransportAnswer> {
      checkLiteralAddress(request.url.hostname, request.reach)
      const expired = AbortSignal.timeout(request.idleMs)
      const signal = AbortSignal.any([request.signal, expired])
      const pending = fetch(request.url.href, {
        method: request.method,
        headers: request.headers,
        ...(request.body === undefined ? {} : { body: request.body }),
        redirect: 'manual',
        signal: request.signal,
      })
      try {
        // A function that does not listen to the signal must not hold us.
        return toAnswer(await untilAborted(pending, signal), request)
      } catch (error) {
        void pending.then((late) => late.body?.cancel()).catch(() => undefined)
        throw fault(error, 'dial', request, expired.aborted)
      }
    },
  }
}

function toAnswer(response: Response, request: TransportRequest): TransportAnswer {
  const reader = response.body?.getReader()
  const cancel = (): void => {
    reader?.cancel().catch(() => undefined)
  }
  async function* read(): AsyncGenerator<Uint8Array> {
    if (reader === undefined) return
    try {
      for (;;) {
        const { done, value } = await nextPiece(reader, request)
        if (done) return
        yield value
      }
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

async function nextPiece(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  request: TransportRequest,
): Promise<ReadableStreamReadResult<Uint8Array>> {
  const expired = new AbortController()
  const timer = setTimeout(() => expired.abort(), request.idleMs)
  try {
    return await untilAborted(reader.read(), AbortSignal.any([request.signal, expired.signal]))
  } catch (error) {
    throw fault(error, 'body', request, expired.signal.aborted)
  } finally {
    clearTimeout(timer)
  }
}

function fault(error: unknown, stage: TransportStage, request: TransportRequest, expired: boolean): Error {
  if (request.signal.aborted) return new TransportFault(stage, ABORTED, undefined, error)
  if (expired) return new TransportFault(stage === 'dial' ? 'answer' : stage, TIMED_OUT, undefined, error)
  return error instanceof RegistryError ? error : new TransportFault(stage, systemFields(error).code, undefined, error)
}
