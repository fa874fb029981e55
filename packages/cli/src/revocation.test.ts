import type { HttpRevocationOptions } from '@verify-images/core'
import { beforeEach, expect, test, vi } from 'vitest'
import { run } from './run.ts'

const asked: HttpRevocationOptions[] = []
vi.mock('@verify-images/core', async (original) => ({
  ...(await original<object>()),
  createHttpRevocationChecker: (options: HttpRevocationOptions) => {
    asked.push(options)
    return { checkRevocation: () => Promise.resolve({ status: 'unknown', source: '' }) }
  },
}))
beforeEach(() => asked.splice(0))

const policy = `
apiVersion: kyverno.io/v1
kind: ClusterPolicy
metadata: { name: signed }
spec:
  validationFailureAction: Enforce
  rules:
    - name: check
      match: { any: [{ resources: { kinds: [Pod] } }] }
      verifyImages: [{ imageReferences: ['registry.test/*'], attestors: [{ entries: [{ keyless: { subject: a, issuer: b, rekor: { url: 'https://rekor.test' } } }] }] }]
`

test.each<readonly [readonly string[], readonly HttpRevocationOptions[]]>([
  [[], [{ allowHosts: [] }]],
  [
    ['--revocation-host', 'ca.corp', '--revocation-host', 'crl.corp:8080'],
    [{ allowHosts: ['ca.corp', 'crl.corp:8080'] }],
  ],
  [['--no-revocation-requests'], []],
])('sets up revocation requests with %j', async (options, expected) => {
  const code = await run(['apply', 'policy.yaml', '--image', 'elsewhere.test/app:1', ...options], {
    readFile: (path) =>
      path === 'policy.yaml'
        ? Promise.resolve(policy)
        : Promise.reject(Object.assign(new Error('none'), { code: 'ENOENT' })),
    stdout: () => undefined,
    stderr: () => undefined,
    environment: {},
    home: '/nowhere',
    now: () => new Date('2026-11-25T00:00:00Z'),
  })
  expect(code).toBe(0)
  expect(asked).toEqual(expected)
})
