import { createImageVerifier, parsePolicies, sigstorePublicGood } from '@verify-images/core'
import { expect, test, vi } from 'vitest'

// The examples of three guide pages, as they stand there: see scripts/readme-examples.test.ts.

const text = `apiVersion: kyverno.io/v1
kind: ClusterPolicy
metadata: { name: signed }
spec:
  validationFailureAction: Enforce
  rules:
    - name: check
      match: { any: [{ resources: { kinds: [Pod] } }] }
      verifyImages:
        - imageReferences: ['ghcr.io/acme/*']
          type: SigstoreBundle
          attestors:
            - entries:
                - keyless:
                    subject: https://github.com/acme/*
                    issuer: https://token.actions.githubusercontent.com
                    rekor: { url: https://rekor.sigstore.dev }
`

test('docs/kinds.md: an image of a Rollout that no policy matches is named', async () => {
  const policies = parsePolicies(text)
  const rollout = {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Rollout',
    metadata: { name: 'app', namespace: 'default' },
    spec: { template: { spec: { containers: [{ name: 'app', image: 'ghcr.io/acme/app:1' }] } } },
  }
  const verifier = createImageVerifier({
    policies,
    unmatched: 'refuse',
    extractors: 'common',
    kindsWithoutImages: ['Widget.example.com'],
  })
  const verdict = await verifier.verifyResource(rollout)
  console.log(verdict.denial)
  expect(verdict.denial).toBe(
    'no policy matches the image ghcr.io/acme/app:1 at /spec/template/spec/containers/0/image',
  )
})

test('docs/trust.md: the trust of the public good instance begins with the built-in copy', () => {
  const policies = parsePolicies(text)
  const trust = sigstorePublicGood({ cacheFolder: '/var/cache/verify-images' })
  const verifier = createImageVerifier({ policies, trust })
  expect(trust.origin().failure).toBeUndefined()
  expect(verifier.problems.map(({ code }) => code)).not.toContain('ATTESTOR_TRUST_UNAVAILABLE')
})

test('docs/warnings.md: a warning has the line of its place', () => {
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined)
  const policies = parsePolicies(text, { source: 'policies.yaml' })
  const verifier = createImageVerifier({ policies })
  for (const { code, source, line, message } of verifier.warnings)
    console.warn(`${source}:${line}: ${code}: ${message}`)
  expect(warn.mock.calls.flat().join('\n')).toContain('policies.yaml:15: ATTESTOR_PATTERN_LITERAL: `*` and `?` are no')
  warn.mockRestore()
})
