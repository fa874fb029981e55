import type { RegistryFault } from '@verify-images/primitives'
import { expect, test } from 'vitest'
import { isNotTls, networkError } from './network-error.ts'
import type { FailedRequest } from './network-error.ts'
import type { RegistryError } from './registry-error.ts'
import { TransportFault } from './transport.ts'
import type { TransportStage } from './transport.ts'

const REQUESTED = 'https://r.test/v2/app/manifests/1'

function errorOf(stage: TransportStage, systemCode: string, place: Partial<FailedRequest> = {}): RegistryError {
  return networkError(new TransportFault(stage, systemCode, '192.0.2.1:443', undefined), {
    host: 'r.test',
    method: 'GET',
    url: REQUESTED,
    signal: new AbortController().signal,
    ...place,
  })
}

test.each<[TransportStage, string, string, RegistryFault]>([
  ['dial', 'ECONNREFUSED', 'REGISTRY_UNAVAILABLE', 'refused'],
  ['dial', 'ENOTFOUND', 'REGISTRY_UNAVAILABLE', 'name-not-found'],
  ['dial', 'TIMED_OUT', 'REGISTRY_TIMEOUT', 'connect-timeout'],
  ['dial', 'CERT_HAS_EXPIRED', 'REGISTRY_TLS_INVALID', 'expired-certificate'],
  ['dial', 'ERR_SSL_WRONG_VERSION_NUMBER', 'REGISTRY_TLS_INVALID', 'not-tls'],
  ['dial', 'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION', 'REGISTRY_TLS_INVALID', 'tls-alert:protocol version'],
  ['dial', 'EUNKNOWN', 'REGISTRY_UNAVAILABLE', 'unreachable'],
  ['answer', 'ECONNRESET', 'REGISTRY_UNAVAILABLE', 'reset'],
  ['answer', 'CLOSED_WITHOUT_ANSWER', 'REGISTRY_UNAVAILABLE', 'no-answer'],
  ['answer', 'TIMED_OUT', 'REGISTRY_TIMEOUT', 'answer-timeout'],
  ['answer', 'HPE_INVALID_CONSTANT', 'REGISTRY_RESPONSE_INVALID', 'not-http'],
  ['body', 'CLOSED_WITHOUT_ANSWER', 'REGISTRY_RESPONSE_INVALID', 'cut-short'],
  ['body', 'ECONNRESET', 'REGISTRY_UNAVAILABLE', 'reset'],
])('%s %s is %s: %s', (stage, systemCode, code, fault) => {
  expect(errorOf(stage, systemCode)).toMatchObject({
    code,
    detail: {
      kind: 'registry-transport',
      ...{ stage, fault, systemCode, method: 'GET', url: REQUESTED, host: 'r.test', address: '192.0.2.1:443' },
    },
  })
})

test('the message names the host of the reference, the URL that was requested and the address', () => {
  expect(errorOf('dial', 'ECONNREFUSED', { url: 'http://127.0.0.1:5000/v2/app/manifests/1' }).message).toBe(
    '`r.test` refused the connection (GET http://127.0.0.1:5000/v2/app/manifests/1 at 192.0.2.1:443)',
  )
})

test('the message names no address that is unknown', () => {
  const fault = new TransportFault('dial', 'ENOTFOUND', undefined, undefined)
  const request = { host: 'r.test', method: 'GET', url: REQUESTED, signal: new AbortController().signal } as const
  const { message, detail } = networkError(fault, request)
  expect(message).toBe(`\`r.test\` has no address (GET ${REQUESTED})`)
  expect(detail).not.toHaveProperty('address')
})

test('a fault after an abort is an abort, with any system code', () => {
  expect(errorOf('answer', 'ECONNRESET', { signal: AbortSignal.abort() })).toMatchObject({
    code: 'REGISTRY_ABORTED',
    detail: { kind: 'registry-aborted', by: 'caller', request: { method: 'GET', url: REQUESTED } },
  })
})

test('recognises servers without TLS, and no other fault', () => {
  const fault = (stage: TransportStage, code: string): unknown =>
    networkError(new TransportFault(stage, code, undefined, undefined), {
      host: 'r.test',
      method: 'GET',
      url: 'https://r.test/',
      signal: new AbortController().signal,
    })
  expect(
    [
      ['dial', 'ECONNREFUSED'],
      ['dial', 'ERR_SSL_WRONG_VERSION_NUMBER'],
      ['dial', 'CERT_HAS_EXPIRED'],
      ['dial', 'TIMED_OUT'],
      ['dial', 'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION'],
      ['body', 'ECONNREFUSED'],
    ].map(([stage, code]) => isNotTls(fault(stage as TransportStage, code ?? ''))),
  ).toEqual([true, true, false, false, false, false])
})
