import { expect, test } from 'vitest'
import { cycloneDx, provenance, vulnerabilities } from './predicates.ts'

test('counts and lists the findings of a scan', () => {
  const { type, predicate } = vulnerabilities({ critical: 1, low: 2, at: new Date('2026-05-01T10:00:00.500Z') })
  expect(type).toBe('https://cosign.sigstore.dev/attestation/vuln/v1')
  expect(predicate).toMatchObject({
    scanner: {
      result: {
        criticalCount: 1,
        highCount: 0,
        mediumCount: 0,
        lowCount: 2,
        findings: [{ severity: 'CRITICAL' }, { severity: 'LOW' }, { severity: 'LOW' }],
      },
    },
    metadata: { scanStartedOn: '2026-05-01T09:55:00Z', scanFinishedOn: '2026-05-01T10:00:00Z' },
  })
})

test('names the workflow and its ref in provenance', () => {
  expect(
    provenance({ repository: 'acme/app', workflow: '.github/workflows/build.yml', ref: 'refs/tags/v1' }),
  ).toMatchObject({
    type: 'https://slsa.dev/provenance/v1',
    predicate: {
      buildDefinition: {
        externalParameters: { workflow: { ref: 'refs/tags/v1', repository: 'https://github.com/acme/app' } },
      },
      runDetails: { builder: { id: 'https://github.com/acme/app/.github/workflows/build.yml@refs/tags/v1' } },
    },
  })
})

test('lists the components of a bill of materials', () => {
  expect(
    cycloneDx([
      { name: 'libexample', version: '1.0.0', license: 'MIT' },
      { name: 'other', version: '2' },
    ]).predicate,
  ).toMatchObject({
    bomFormat: 'CycloneDX',
    components: [{ name: 'libexample', licenses: [{ license: { id: 'MIT' } }] }, { name: 'other' }],
  })
})
