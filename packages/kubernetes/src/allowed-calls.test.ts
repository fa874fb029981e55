import { expect, test } from 'vitest'
import {
  anApiCallPattern,
  aSecretPattern,
  aServicePattern,
  isAllowedCall,
  isAllowedSecret,
  isAllowedService,
} from './allowed-calls.ts'

const CONFIG_MAPS = '/api/v1/namespaces/*/configmaps'

test.each<[string, string, boolean]>([
  [CONFIG_MAPS, '/api/v1/namespaces/default/configmaps', true],
  [CONFIG_MAPS, '/api/v1/namespaces/default/configmaps?limit=1', true],
  [CONFIG_MAPS, '/api/v1/namespaces/default/secrets', false],
  [CONFIG_MAPS, '/api/v1/namespaces/default/configmaps/one', false],
  [CONFIG_MAPS, '/api/v1/namespaces//configmaps', false],
  [CONFIG_MAPS, '/api/v1/namespaces/a/secrets/x/configmaps', false],
  [CONFIG_MAPS, '/api/v1/namespaces/a%2Fsecrets%2Fx/configmaps', false],
  [CONFIG_MAPS, '/api/v1/namespaces/../configmaps', false],
  [CONFIG_MAPS, '/api/v1/namespaces/a\\b/configmaps', false],
  [CONFIG_MAPS, '/API/v1/namespaces/default/configmaps', false],
  [`GET ${CONFIG_MAPS}`, '/api/v1/namespaces/default/configmaps', true],
  [`POST ${CONFIG_MAPS}`, '/api/v1/namespaces/default/configmaps', false],
])('the pattern %s and the path %s: allowed is %j', (pattern, path, allowed) => {
  expect(isAllowedCall([pattern], { method: 'GET', path })).toBe(allowed)
})

test('a POST needs a pattern that says so', () => {
  const path = '/apis/authorization.k8s.io/v1/subjectaccessreviews'
  expect(isAllowedCall([path], { method: 'POST', path })).toBe(false)
  expect(isAllowedCall([`POST ${path}`], { method: 'POST', path })).toBe(true)
  expect(isAllowedCall([], { method: 'GET', path })).toBe(false)
})

test.each<[string, string, boolean]>([
  ['https://scanner.svc/v1/', 'https://scanner.svc/v1/check?image=a', true],
  ['https://scanner.svc/v1/', 'https://scanner.svc/v2/check', false],
  ['https://scanner.svc/v1/', 'https://scanner.svc/v1/../admin', false],
  ['https://scanner.svc/v1/', 'https://scanner.svc/v1/..%2fadmin', false],
  ['https://scanner.svc/v1', 'https://scanner.svc/v1/check', false],
  ['https://scanner.svc/v1', 'https://scanner.svc/v1', true],
  ['https://scanner.svc/', 'https://scanner.svc.evil.test/', false],
  ['https://scanner.svc/', 'https://scanner.svc@evil.test/', false],
  ['https://scanner.svc/', 'https://user@scanner.svc/', false],
  ['https://scanner.svc/', 'http://scanner.svc/', false],
  ['https://scanner.svc/', 'https://scanner.svc:444/', false],
  ['https://scanner.svc/', 'scanner.svc', false],
])('the service %s and the URL %s: allowed is %j', (pattern, url, allowed) => {
  expect(isAllowedService([pattern], url)).toBe(allowed)
})

test.each<[string, boolean]>([
  ['team/pull', true],
  ['team/*', true],
  ['*/pull', true],
  ['*/*', true],
  ['team/other', false],
  ['other/pull', false],
  ['other/*', false],
])('the pattern %s for the Secret team/pull: allowed is %j', (pattern, allowed) => {
  expect(isAllowedSecret([pattern], 'team', 'pull')).toBe(allowed)
})

test.each(['api/v1', '/api/v1/', '/api//v1', '/api/v1?x', '/api/%2e', 'DELETE /api/v1', '', 1])(
  '%j is not a pattern of a path',
  (pattern) => expect(anApiCallPattern.fits(pattern)).toBe(false),
)

test.each(['http://scanner.svc/', 'scanner.svc', 'https://user@scanner.svc/', 'https://scanner.svc/?x', 1])(
  '%j is not a service',
  (pattern) => expect(aServicePattern.fits(pattern)).toBe(false),
)

test.each(['pull', 'team/', 'team/pu*', 'Team/pull', 'a/b/c', 1])('%j is no pattern of a Secret', (pattern) =>
  expect(aSecretPattern.fits(pattern)).toBe(false),
)
