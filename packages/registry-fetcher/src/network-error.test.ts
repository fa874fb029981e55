import { expect, test } from 'vitest'
import { isNotTls, networkError } from './network-error.ts'
import type { FaultPlace } from './network-error.ts'
import { TransportFault } from './transport.ts'
import type { TransportStage } from './transport.ts'

function word(
  stage: TransportStage,
  systemCode: string,
  place: Partial<FaultPlace> = {},
  address: string | undefined = '192.0.2.1:443',
): unknown {
  const { code, upstreamText, networkFault } = networkError(new TransportFault(stage, systemCode, address, undefined), {
    host: 'r.test',
    method: 'GET',
    upstreamUrl: 'https://r.test/v2/app/manifests/1',
    plainHttp: false,
    mapped: false,
    signal: new AbortController().signal,
    ...place,
  })
  return [code, networkFault, upstreamText]
}

test.each<[TransportStage, string, string, boolean, string]>([
  [
    'dial',
    'ECONNREFUSED',
    'REGISTRY_UNAVAILABLE',
    true,
    'Get "https://r.test/v2/": dial tcp 192.0.2.1:443: connect: connection refused',
  ],
  [
    'dial',
    'ENOTFOUND',
    'REGISTRY_UNAVAILABLE',
    true,
    'Get "https://r.test/v2/": dial tcp: lookup r.test: no such host',
  ],
  ['dial', 'TIMED_OUT', 'REGISTRY_TIMEOUT', true, 'Get "https://r.test/v2/": dial tcp 192.0.2.1:443: i/o timeout'],
  [
    'dial',
    'CERT_HAS_EXPIRED',
    'REGISTRY_TLS_INVALID',
    false,
    'Get "https://r.test/v2/": tls: failed to verify certificate: x509: certificate has expired or is not yet valid',
  ],
  [
    'dial',
    'ERR_SSL_WRONG_VERSION_NUMBER',
    'REGISTRY_TLS_INVALID',
    false,
    'Get "https://r.test/v2/": http: server gave HTTP response to HTTPS client',
  ],
  [
    'dial',
    'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION',
    'REGISTRY_TLS_INVALID',
    true,
    'Get "https://r.test/v2/": remote error: tls: protocol version',
  ],
  [
    'answer',
    'ECONNRESET',
    'REGISTRY_UNAVAILABLE',
    true,
    'Get "https://r.test/v2/app/manifests/1": read tcp 192.0.2.1:443: read: connection reset by peer',
  ],
  ['answer', 'CLOSED_WITHOUT_ANSWER', 'REGISTRY_UNAVAILABLE', false, 'Get "https://r.test/v2/app/manifests/1": EOF'],
  [
    'answer',
    'TIMED_OUT',
    'REGISTRY_TIMEOUT',
    false,
    'Get "https://r.test/v2/app/manifests/1": context deadline exceeded',
  ],
  [
    'body',
    'CLOSED_WITHOUT_ANSWER',
    'REGISTRY_RESPONSE_INVALID',
    false,
    'Get "https://r.test/v2/app/manifests/1": unexpected EOF',
  ],
  [
    'body',
    'ECONNRESET',
    'REGISTRY_UNAVAILABLE',
    true,
    'Get "https://r.test/v2/app/manifests/1": read tcp 192.0.2.1:443: read: connection reset by peer',
  ],
])('%s %s', (stage, systemCode, code, networkFault, text) => {
  expect(word(stage, systemCode)).toEqual([code, networkFault, text])
})

test('hosts that upstream also greets over plain HTTP are worded so', () => {
  expect(word('dial', 'ECONNREFUSED', { host: '127.0.0.1:9', mapped: true })).toEqual([
    'REGISTRY_UNAVAILABLE',
    true,
    'Get "https://127.0.0.1:9/v2/": dial tcp 127.0.0.1:9: connect: connection refused; Get "http://127.0.0.1:9/v2/": dial tcp 127.0.0.1:9: connect: connection refused',
  ])
})

test('a name that can never resolve is worded so, wherever its requests are sent', () => {
  expect(word('dial', 'ECONNREFUSED', { host: 'registry.invalid', mapped: true })).toEqual([
    'REGISTRY_UNAVAILABLE',
    true,
    'Get "https://registry.invalid/v2/": dial tcp: lookup registry.invalid: no such host',
  ])
})

test('an end by the signal is that, whatever the machine calls it', () => {
  expect(word('answer', 'ECONNRESET', { signal: AbortSignal.abort() })).toEqual([
    'REGISTRY_ABORTED',
    false,
    'Get "https://r.test/v2/app/manifests/1": context canceled',
  ])
})

test('only a peer without TLS is one', () => {
  const fault = (stage: TransportStage, code: string): unknown =>
    networkError(new TransportFault(stage, code, undefined, undefined), {
      host: 'r.test',
      method: 'GET',
      upstreamUrl: 'https://r.test/',
      plainHttp: false,
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
