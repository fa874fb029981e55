import { describe, expect, test } from 'vitest'
import { search } from '../expression/search.ts'

describe('image_normalize', () => {
  test.each([
    ['nginx', {}, 'docker.io/nginx:latest'],
    ['nginx', { defaultRegistry: 'ghcr.io' }, 'ghcr.io/nginx:latest'],
    ['nginx', { enableDefaultRegistryMutation: false }, 'nginx:latest'],
    ['localhost:5000/x:1', {}, 'localhost:5000/x:1'],
  ])('image_normalize normalizes %s with the options %j to %s', (image, options, expected) => {
    expect(search('image_normalize(@)', image, options)).toBe(expected)
  })

  test('image_normalize rejects an invalid image with the message of Kyverno', () => {
    expect(() => search('image_normalize(@)', 'x y')).toThrow(
      expect.objectContaining({
        kind: 'value',
        message: expect.stringContaining("JMESPath function 'image_normalize': bad image: docker.io/x y,"),
      }),
    )
  })
})

describe('is_external_url', () => {
  test.each<[string, boolean]>([
    ['http://8.8.8.8/', true],
    ['http://127.0.0.1:8080/x', false],
    ['http://10.1.2.3', false],
    ['https://172.31.255.255', false],
    ['https://172.32.0.0', true],
    ['http://192.168.0.1', false],
    ['http://[::1]/', false],
    ['http://[fd00::1]:80/', false],
    ['http://[2001:4860:4860::8888]/', true],
    // An IPv4 address in an IPv6 one is judged as what it is.
    ['http://[::ffff:10.0.0.1]/', false],
    ['http://[::ffff:7f00:1]/', false],
    ['http://user:10.0.0.1@8.8.8.8/', true],
    ['http://8.8.8.8@10.0.0.1/', false],
    ['http://169.254.169.254/', true],
  ])('is_external_url(%s) is %s', (url, expected) => {
    expect(search('is_external_url(@)', url)).toBe(expected)
  })

  test.each([
    'http://2130706433/',
    'http://0x7f.1/',
    'http://127.1/',
    'http://0177.0.0.1/',
    'http://localhost/',
    'http://example.com./',
    'x:y',
    '',
  ])('is_external_url needs `resolveHost` for %j, which has no IP address', (url) => {
    expect(() => search('is_external_url(@)', url)).toThrow(
      expect.objectContaining({ kind: 'value', message: 'is_external_url() needs the option `resolveHost`' }),
    )
  })

  test.each<[readonly string[], boolean]>([
    [['8.8.8.8', '2001:4860:4860::8888'], true],
    [['8.8.8.8', '10.0.0.1'], false],
    [['fe80::1%eth0'], false],
    [['not an address'], false],
  ])('a host name that resolves to %j is external: %s', (addresses, expected) => {
    const asked: string[] = []
    const resolveHost = (host: string): readonly string[] => (asked.push(host), addresses)
    expect(search('is_external_url(@)', 'https://Example.com:443/a?b#c', { resolveHost })).toBe(expected)
    expect(asked).toEqual(['Example.com'])
  })

  test('is_external_url fails for a host name without addresses or one that does not resolve', () => {
    expect(() => search('is_external_url(@)', 'http://x/', { resolveHost: () => [] })).toThrow(
      expect.objectContaining({ kind: 'value' }),
    )
    const cause = new Error('no such host')
    expect(() =>
      search('is_external_url(@)', 'http://x/', {
        resolveHost: () => {
          throw cause
        },
      }),
    ).toThrow(expect.objectContaining({ kind: 'value', cause }))
  })

  test.each(
    [
      'http://[bad',
      'http://a b/',
      'http://a:b/',
      'http://%41/',
      ':x',
      'a:b',
      '\u0000',
      'http://x/%zz',
      'http://[1.2.3.4]/',
      'http://a[::1]/',
    ].filter((url) => url !== 'a:b'),
  )('%j is no URL', (url) => {
    expect(() => search('is_external_url(@)', url, { resolveHost: () => ['8.8.8.8'] })).toThrow(
      expect.objectContaining({ kind: 'value', message: expect.stringMatching(/^parse /) }),
    )
  })
})
