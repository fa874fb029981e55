import type { RegistryFault } from '@verify-images/primitives'
import { expect, test } from 'vitest'
import { isNotTls, networkError } from './network-error.ts'
import type { FaultPlace } from './network-error.ts'
import type { RegistryError } from './registry-error.ts'
import { TransportFault } from './transport.ts'
import type { TransportStage } from './transport.ts'

const URL_SHOWN = 'https://r.test/v2/app/manifests/1'

function errorOf(stage: TransportStage, systemCode: string, place: Partial<FaultPlace> = {}): RegistryError {
  return networkError(new TransportFault(stage, systemCode, '192.0.2.1:443', undefined), {
    host: 'r.test',
    method: 'GET',
    url: URL_SHOWN,
    mapped: false,
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
      ...{ stage, fault, systemCode, method: 'GET', url: URL_SHOWN, host: 'r.test', address: '192.0.2.1:443' },
    },
  })
})

test('the address of an endpoint is not told as that of the host', () => {
  expect(errorOf('dial', 'ECONNREFUSED', { mapped: true }).detail).not.toHaveProperty('address')
})

test('an end by the signal is that, whatever the machine calls it', () => {
  expect(errorOf('answer', 'ECONNRESET', { signal: AbortSignal.abort() })).toMatchObject({
    code: 'REGISTRY_ABORTED',
    detail: { kind: 'registry-aborted', by: 'caller', request: { method: 'GET', url: URL_SHOWN } },
  })
})

test('only a peer without TLS is one', () => {
  const fault = (stage: TransportStage, code: string): unknown =>
    networkError(new TransportFault(stage, code, undefined, undefined), {
      host: 'r.test',
      method: 'GET',
      url: 'https://r.test/',
      mapped: false,
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
