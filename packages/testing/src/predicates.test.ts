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

test('reports no findings by default', () => {
  expect(vulnerabilities().predicate).toMatchObject({
    scanner: { result: { criticalCount: 0, highCount: 0, mediumCount: 0, lowCount: 0, findings: [] } },
    metadata: { scanFinishedOn: '2026-11-24T23:00:00Z' },
  })
})

test('names the commit and the source in the resolved dependencies of provenance', () => {
  expect(provenance({ repository: 'acme/app', sha: 'c0ffee', trigger: 'release' }).predicate).toMatchObject({
    buildDefinition: {
      externalParameters: { workflow: { path: '.github/workflows/release.yml', ref: 'refs/heads/main' } },
      internalParameters: { github: { event_name: 'release' } },
      resolvedDependencies: [
        { uri: 'git+https://github.com/acme/app@refs/heads/main', digest: { gitCommit: 'c0ffee' } },
      ],
    },
  })
})

test('omits the licenses of a component without a license', () => {
  const { predicate } = cycloneDx([{ name: 'a', version: '1' }])
  expect(predicate).toEqual({
    bomFormat: 'CycloneDX',
    specVersion: '1.5',
    version: 1,
    components: [{ type: 'library', name: 'a', version: '1' }],
  })
})
