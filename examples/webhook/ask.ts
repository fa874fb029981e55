// What the tests of the webhook examples ask, as an API server does: over TLS.
import { request } from 'node:https'

export interface Answer {
  readonly status: number
  readonly text: string
}

/** Sends a review, or a GET request without one. */
export function ask(
  at: { readonly port: number; readonly ca: string },
  path: string,
  review?: object,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const method = review === undefined ? 'GET' : 'POST'
    const headers = review === undefined ? {} : { 'content-type': 'application/json' }
    const sent = request({ host: '127.0.0.1', ...at, path, method, headers }, (response) => {
      let text = ''
      response.on('data', (data) => void (text += String(data)))
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text }))
    })
    sent.on('error', reject)
    sent.end(review === undefined ? undefined : JSON.stringify(review))
  })
}

export function reviewOf(image: string): object {
  return {
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    request: {
      uid: 'u1',
      operation: 'CREATE',
      namespace: 'default',
      kind: { group: '', version: 'v1', kind: 'Pod' },
      object: {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name: 'app', namespace: 'default' },
        spec: { containers: [{ name: 'main', image }] },
      },
    },
  }
}
