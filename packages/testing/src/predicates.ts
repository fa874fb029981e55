import { anObject, aDate, arrayOf, type OptionKind, type OptionTable } from '@verify-images/primitives'
import { completeRun, type GitHubWorkflow } from './authorities/keyless-identity.ts'
import { aName, checkOptions, checkValue } from './check-options.ts'
import type { Attestation } from './formats/statement.ts'

/** The number of findings of a scan by severity. Default: 0 each. */
export interface Findings {
  readonly critical?: number | undefined
  readonly high?: number | undefined
  readonly medium?: number | undefined
  readonly low?: number | undefined
  /** When the scan finished. Default: 2026-11-24T23:00:00Z, when signing worlds sign by default. */
  readonly at?: Date | undefined
}

const aCount: OptionKind = {
  expected: 'a non-negative integer',
  fits: (value) => Number.isSafeInteger(value) && Number(value) >= 0,
}
const findingsMembers: OptionTable<Findings> = {
  critical: aCount,
  high: aCount,
  medium: aCount,
  low: aCount,
  at: aDate,
}

const SCANNED_AT = new Date('2026-11-24T23:00:00Z')

/**
 * Creates a vulnerability scan report, of the type that `cosign attest --type vuln` makes.
 *
 * The format of `scanner.result` is up to the scanner. Here it has a count for each severity (`criticalCount`, …) and
 * an array of `findings`, each with its `severity`.
 *
 * @throws RangeError for unknown members and invalid counts
 * @see cosign, specs/COSIGN_VULN_ATTESTATION_SPEC.md
 */
export function vulnerabilities(found: Findings = {}): Attestation {
  checkOptions(found, findingsMembers)
  const { critical = 0, high = 0, medium = 0, low = 0, at = SCANNED_AT } = found
  const bySeverity = { CRITICAL: critical, HIGH: high, MEDIUM: medium, LOW: low }
  const findings = Object.entries(bySeverity).flatMap(([severity, count]) =>
    Array.from({ length: count }, (_, i) => ({
      id: `CVE-2026-${severity}-${String(i + 1)}`,
      package: 'libexample',
      severity,
    })),
  )
  return {
    type: 'https://cosign.sigstore.dev/attestation/vuln/v1',
    predicate: {
      invocation: {
        parameters: null,
        uri: 'https://ci.example.com/runs/42',
        event_id: '42',
        'builder.id': 'https://ci.example.com/scanner',
      },
      scanner: {
        uri: 'pkg:github/example/scanner@1.2.3',
        version: '1.2.3',
        db: { uri: 'https://db.example.com/vulns', version: '1' },
        result: { criticalCount: critical, highCount: high, mediumCount: medium, lowCount: low, findings },
      },
      metadata: { scanStartedOn: formatTime(at, -5 * MINUTE_MS), scanFinishedOn: formatTime(at, 0) },
    },
  }
}

const MINUTE_MS = 60 * 1000

function formatTime(at: Date, offsetMs: number): string {
  return new Date(at.getTime() + offsetMs).toISOString().replace(/\.\d+Z$/, 'Z')
}

/**
 * Creates SLSA 1 provenance of a build by a GitHub Actions workflow.
 *
 * @throws RangeError for unknown or missing members
 * @see https://slsa.dev/spec/v1.0/provenance; https://actions.github.io/buildtypes/workflow/v1
 */
export function provenance(run: GitHubWorkflow): Attestation {
  const { repository, workflow, ref, sha, trigger } = completeRun(run)
  const source = `https://github.com/${repository}`
  return {
    type: 'https://slsa.dev/provenance/v1',
    predicate: {
      buildDefinition: {
        buildType: 'https://actions.github.io/buildtypes/workflow/v1',
        externalParameters: { workflow: { ref, repository: source, path: workflow } },
        internalParameters: {
          github: {
            event_name: trigger,
            repository_id: '1001',
            repository_owner_id: '2002',
            runner_environment: 'github-hosted',
          },
        },
        resolvedDependencies: [{ uri: `git+${source}@${ref}`, digest: { gitCommit: sha } }],
      },
      runDetails: {
        builder: { id: `${source}/${workflow}@${ref}` },
        metadata: { invocationId: `${source}/actions/runs/7/attempts/1` },
      },
    },
  }
}

interface Component {
  readonly name: string
  readonly version: string
  readonly license?: string | undefined
}

const componentMembers: OptionTable<Component> = { name: aName, version: aName, license: aName }

/**
 * Creates a software bill of materials in CycloneDX JSON, of the type that `cosign attest --type cyclonedx` makes.
 *
 * @throws RangeError for unknown or missing members
 */
export function cycloneDx(components: readonly Component[] = []): Attestation {
  checkValue(components, arrayOf(anObject), 'components')
  for (const [i, component] of components.entries())
    checkOptions(component, componentMembers, { path: `components[${String(i)}]`, required: ['name', 'version'] })
  return {
    type: 'https://cyclonedx.org/bom',
    predicate: {
      bomFormat: 'CycloneDX',
      specVersion: '1.5',
      version: 1,
      components: components.map(({ name, version, license }) => ({
        type: 'library',
        name,
        version,
        ...(license !== undefined && { licenses: [{ license: { id: license } }] }),
      })),
    },
  }
}
