import type { HttpRevocationOptions } from '@verify-images/core'
import { beforeEach, expect, test, vi } from 'vitest'
import { run } from './run.ts'
import { memoryIO } from './testing/memory-io.ts'

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
  const { io } = memoryIO(new Map([['policy.yaml', policy]]))
  const code = await run(['apply', 'policy.yaml', '--image', 'elsewhere.test/app:1', ...options], io)
  expect(code).toBe(0)
  expect(asked).toEqual(expected)
})
