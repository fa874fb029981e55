import fc from 'fast-check'
import { expect, test } from 'vitest'
import { hostName, parseGoUrl, UrlFault } from './go-url.ts'

const EMPTY = {
  scheme: '',
  opaque: '',
  hasUser: false,
  host: '',
  path: '',
  rawPath: '',
  fragment: '',
  rawFragment: '',
  rawQuery: '',
  forceQuery: false,
  omitHost: false,
}

test.each<[string, Partial<typeof EMPTY>]>([
  ['', {}],
  ['*', { path: '*' }],
  [
    'HTTP://u:p@h.example:80/p%41th/%2F?q=1&r#fr%20ag',
    {
      scheme: 'http',
      hasUser: true,
      host: 'h.example:80',
      path: '/pAth//',
      rawPath: '/p%41th/%2F',
      rawQuery: 'q=1&r',
      fragment: 'fr ag',
    },
  ],
  ['urn:a:b', { scheme: 'urn', opaque: 'a:b' }],
  ['file:/x', { scheme: 'file', path: '/x', omitHost: true }],
  ['//h/x?', { host: 'h', path: '/x', forceQuery: true }],
  ['///x', { path: '///x' }],
  ['http://[fe80::1%25en0]:1/', { scheme: 'http', host: '[fe80::1%en0]:1', path: '/' }],
  ['http://é/', { scheme: 'http', host: 'é', path: '/' }],
  ['http://%C3%A9/', { scheme: 'http', host: 'é', path: '/' }],
  ['ftp://a:b:1/', { scheme: 'ftp', host: 'a:b:1', path: '/' }],
])('parses the URL %j as Go does', (text, expected) => {
  expect(parseGoUrl(text)).toEqual({ ...EMPTY, ...expected })
})

test.each([
  'http://a:b:1/',
  'http://h/\n',
  '1:2',
  ':',
  'http://a"b^/',
  'http://u^@h/',
  '%',
  '#%',
  'http://[::1]x/',
  'http://[fe80::1%25]/',
])('rejects the URL %j as Go does', (text) => {
  expect(() => parseGoUrl(text)).toThrow(UrlFault)
})

test.each([
  ['http://h:80/', 'h'],
  ['http://[::1]:80/', '::1'],
  ['http://h/', 'h'],
  ['ftp://a:b:1/', 'a:b'],
])('the host of %s is %s', (text, host) => {
  expect(hostName(parseGoUrl(text))).toBe(host)
})

test('any string is a URL or a UrlFault', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.webUrl({ withFragments: true, withQueryParameters: true })), (text) => {
      try {
        parseGoUrl(text)
      } catch (error) {
        expect(error).toBeInstanceOf(UrlFault)
      }
    }),
  )
})
