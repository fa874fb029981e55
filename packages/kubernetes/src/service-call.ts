import type { IncomingMessage } from 'node:http'
import { request } from 'node:https'
import { linkSignals, type Json } from '@verify-images/primitives'
import type { ApiCall } from '@verify-images/core'
import { readJson } from './json-answer.ts'
import { KubernetesError } from './kubernetes-error.ts'
import { MAX_SERVICE_ANSWER_BYTES, SERVICE_CALL_MS } from './limits.ts'

type ServiceCall = Extract<ApiCall, { target: 'service' }>

/**
 * Calls a service over HTTPS. No token of the webhook is sent, and no redirect is followed, because the allow list does
 * not cover its target.
 *
 * @throws KubernetesError KUBERNETES_REQUEST_FAILED, KUBERNETES_ANSWER_INVALID
 */
export async function callService(call: ServiceCall, signal: AbortSignal): Promise<Json> {
  const linked = linkSignals([signal], SERVICE_CALL_MS)
  try {
    const response = await send(call, linked.signal)
    const { statusCode = 0 } = response
    if (statusCode < 200 || statusCode > 299) {
      response.destroy()
      throw new KubernetesError('KUBERNETES_REQUEST_FAILED', `the service answered ${String(statusCode)}`)
    }
    return await readJson(response, 'the answer of the service', MAX_SERVICE_ANSWER_BYTES)
  } finally {
    linked.dispose()
  }
}

function send({ method, url, headers, caBundle, data }: ServiceCall, signal: AbortSignal): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const sent = request(
      url,
      {
        method,
        signal,
        headers: { accept: 'application/json', 'content-type': 'application/json', ...headers },
        ...(caBundle === undefined ? {} : { ca: caBundle }),
      },
      resolve,
    )
    sent.on('error', (cause) =>
      reject(
        signal.aborted
          ? signal.reason
          : new KubernetesError('KUBERNETES_REQUEST_FAILED', `the service cannot be reached: ${cause.message}`, {
              cause,
            }),
      ),
    )
    sent.end(data === undefined ? undefined : JSON.stringify(data))
  })
}
