import type { Json, RegistryDetail, RegistryFault, RegistryTransportDetail } from '@verify-images/primitives'
import { expect, test } from 'vitest'
import { registryText } from './registry-text.ts'

const url = 'https://r.test/v2/app/manifests/1'
const reason = { code: 'REGISTRY_UNAVAILABLE', message: 'our message' } as const

const answer = (status: number, errors: Extract<RegistryDetail, { kind: 'registry-answer' }>['errors']): string =>
  registryText({ kind: 'registry-answer', method: 'GET', url, status, errors }, reason).text

test.each<[number, Parameters<typeof answer>[1], string]>([
  [404, [{ code: 'MANIFEST_UNKNOWN', message: 'Unknown manifest' }], 'MANIFEST_UNKNOWN: Unknown manifest'],
  [
    401,
    [
      {
        code: 'UNAUTHORIZED',
        message: 'authentication required',
        detail: [{ Type: 'repository', Class: '', Name: 'app', Action: 'pull' }],
      },
    ],
    'UNAUTHORIZED: authentication required; [map[Action:pull Class: Name:app Type:repository]]',
  ],
  [
    500,
    [
      { code: 'A', message: 'a' },
      { code: 'B', message: 'b' },
    ],
    'multiple errors returned: A: a; B: b',
  ],
  [503, [], 'unexpected status code 503 Service Unavailable'],
  [502, [], 'unexpected status code 502 Bad Gateway'],
])('prints an answer with status %i and the errors %j as “%s”', (status, errors, expected) => {
  expect(answer(status, errors)).toBe(`GET ${url}: ${expected}`)
})

test('prints the text of a registry in one line of limited length', () => {
  expect(answer(500, [{ code: 'A', message: 'a\u2028\u202eb\n\nd' }])).toBe(`GET ${url}: A: a b d`)
  expect(answer(500, [{ code: 'A', message: 'x'.repeat(100_000) }]).length).toBeLessThanOrEqual(1001)
})

test('prints a nested error detail to a limited depth', () => {
  let detail: Json = []
  for (let depth = 0; depth < 5000; depth++) detail = [detail]
  expect(answer(400, [{ code: 'A', message: 'a', detail }])).toContain('A: a; [[[')
})

type Stage = 'dial' | 'answer' | 'body'

const transport = (stage: Stage, fault: RegistryFault, change: Partial<RegistryTransportDetail> = {}): unknown => {
  const detail: RegistryDetail = {
    kind: 'registry-transport',
    stage,
    fault,
    systemCode: 'E',
    method: 'GET',
    url,
    host: 'r.test',
    ...('host' in change ? {} : { address: '192.0.2.1:443' }),
    ...change,
  }
  const { text, isNetworkError } = registryText(detail, reason)
  return [isNetworkError, text]
}

const untrusted = `Get "${url}": tls: failed to verify certificate: x509: `

test.each<[Stage, RegistryFault, boolean, string]>([
  ['dial', 'refused', true, `Get "${url}": dial tcp 192.0.2.1:443: connect: connection refused`],
  ['dial', 'name-not-found', true, `Get "${url}": dial tcp: lookup r.test: no such host`],
  ['dial', 'connect-timeout', true, `Get "${url}": dial tcp 192.0.2.1:443: i/o timeout`],
  ['dial', 'expired-certificate', false, `${untrusted}certificate has expired or is not yet valid`],
  ['dial', 'untrusted-certificate', false, `${untrusted}certificate signed by unknown authority`],
  ['dial', 'other-name-certificate', false, `${untrusted}certificate is not valid for r.test`],
  ['dial', 'not-tls', false, `Get "${url}": http: server gave HTTP response to HTTPS client`],
  ['dial', 'tls-alert:protocol version', true, `Get "${url}": remote error: tls: protocol version`],
  ['dial', 'unreachable', true, 'our message'],
  ['answer', 'reset', true, `Get "${url}": read tcp 192.0.2.1:443: read: connection reset by peer`],
  ['answer', 'no-answer', false, `Get "${url}": EOF`],
  ['answer', 'answer-timeout', false, `Get "${url}": context deadline exceeded`],
  ['body', 'cut-short', false, `Get "${url}": unexpected EOF`],
])('prints the stage %s and the fault %s', (stage, fault, isNetworkError, text) => {
  expect(transport(stage, fault)).toEqual([isNetworkError, text])
})

test('names plain HTTP only where it was used', () => {
  expect(transport('dial', 'refused', { url: 'http://r.test/v2/app/manifests/1', address: '192.0.2.1:80' })).toEqual([
    true,
    'Get "http://r.test/v2/app/manifests/1": dial tcp 192.0.2.1:80: connect: connection refused',
  ])
  const local = { url: 'https://127.0.0.1:9/v2/app/manifests/1', host: '127.0.0.1:9' }
  expect(transport('dial', 'refused', local)).toEqual([
    true,
    'Get "https://127.0.0.1:9/v2/app/manifests/1": dial tcp 127.0.0.1:9: connect: connection refused',
  ])
})

test('names the URL of a token server', () => {
  expect(
    transport('dial', 'refused', {
      url: 'https://auth.test/token?scope=x',
      host: 'auth.test',
      address: '192.0.2.1:443',
    }),
  ).toEqual([true, 'Get "https://auth.test/token?scope=x": dial tcp 192.0.2.1:443: connect: connection refused'])
})

test('names the endpoint that was contacted, not the host that is mapped to it', () => {
  const endpoint = { url: 'http://127.0.0.1:5000/v2/app/manifests/1', host: 'r.test' }
  expect(transport('dial', 'refused', { ...endpoint, address: '127.0.0.1:5000' })).toEqual([
    true,
    'Get "http://127.0.0.1:5000/v2/app/manifests/1": dial tcp 127.0.0.1:5000: connect: connection refused',
  ])
  expect(transport('dial', 'name-not-found', { ...endpoint, url: 'http://mirror.test/v2/app/manifests/1' })).toEqual([
    true,
    'Get "http://mirror.test/v2/app/manifests/1": dial tcp: lookup mirror.test: no such host',
  ])
})
