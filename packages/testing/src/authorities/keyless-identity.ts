import { anObject, aString, type OptionKind, type OptionTable } from '@verify-images/primitives'
import { der } from '../certificates/der-writer.ts'
import { generalName } from '../certificates/make-certificate.ts'
import type { ExtensionTemplate } from '../certificates/make-certificate.ts'
import { aName, checkOptions } from '../check-options.ts'

/** The identity in a keyless certificate, encoded as Fulcio does. */
export interface KeylessIdentity {
  /** An e-mail address, a URI such as that of a workflow, or a user name. */
  readonly subject: string
  /** The URL of the OIDC issuer. */
  readonly issuer: string
  readonly claims?: Readonly<Partial<Record<ClaimName, string>>> | undefined
}

export type ClaimName = keyof typeof PLAIN_CLAIMS | keyof typeof DER_CLAIMS

const ARC = '1.3.6.1.4.1.57264.1'

/** Claims whose extension value is the plain string. Policies compare them under `additionalExtensions`. */
const PLAIN_CLAIMS = {
  githubWorkflowTrigger: 2,
  githubWorkflowSha: 3,
  githubWorkflowName: 4,
  githubWorkflowRepository: 5,
  githubWorkflowRef: 6,
} as const

/** Claims whose extension value is a DER UTF8String. */
const DER_CLAIMS = {
  buildSignerUri: 9,
  buildSignerDigest: 10,
  runnerEnvironment: 11,
  sourceRepositoryUri: 12,
  sourceRepositoryDigest: 13,
  sourceRepositoryRef: 14,
  sourceRepositoryIdentifier: 15,
  sourceRepositoryOwnerUri: 16,
  sourceRepositoryOwnerIdentifier: 17,
  buildConfigUri: 18,
  buildConfigDigest: 19,
  buildTrigger: 20,
  runInvocationUri: 21,
  sourceRepositoryVisibilityAtSigning: 22,
} as const

const identityMembers: OptionTable<KeylessIdentity> = { subject: aName, issuer: aName, claims: anObject }
const claimMembers: Readonly<Record<string, OptionKind>> = Object.fromEntries(
  Object.keys({ ...PLAIN_CLAIMS, ...DER_CLAIMS }).map((name) => [name, aString]),
)

/** @throws RangeError for unknown or missing members */
export function assertIdentity(identity: unknown): asserts identity is KeylessIdentity {
  checkOptions(identity, identityMembers, { path: 'identity', required: ['subject', 'issuer'] })
  checkOptions(identity.claims ?? {}, claimMembers, { path: 'identity.claims' })
}

/**
 * Encodes an identity as certificate extensions. The issuer is written twice, as a plain string and as a DER string.
 *
 * @see https://github.com/sigstore/fulcio/blob/main/docs/oid-info.md
 */
export function identityExtensions({ subject, issuer, claims = {} }: KeylessIdentity): readonly ExtensionTemplate[] {
  const plain = Object.entries(PLAIN_CLAIMS).map(([name, number]) => [claims[name as ClaimName], number] as const)
  const encoded = Object.entries(DER_CLAIMS).map(([name, number]) => [claims[name as ClaimName], number] as const)
  return [
    // RFC 5280, 4.2.1.6: critical because the subject is empty.
    { oid: '2.5.29.17', critical: true, value: der.sequence(subjectName(subject)) },
    { oid: `${ARC}.1`, value: Buffer.from(issuer) },
    ...plain.flatMap(([text, number]) =>
      text === undefined ? [] : [{ oid: `${ARC}.${String(number)}`, value: Buffer.from(text) }],
    ),
    { oid: `${ARC}.8`, value: der.utf8(issuer) },
    ...encoded.flatMap(([text, number]) =>
      text === undefined ? [] : [{ oid: `${ARC}.${String(number)}`, value: der.utf8(text) }],
    ),
  ]
}

function subjectName(subject: string): Uint8Array {
  if (/^[a-z][a-z\d+.-]*:\/\//i.test(subject)) return generalName.uri(subject)
  return subject.includes('@') ? generalName.email(subject) : generalName.other(`${ARC}.7`, der.utf8(subject))
}

/** A run of a GitHub Actions workflow. Only `repository` is required. */
export interface GitHubWorkflow {
  /** `owner/name` */
  readonly repository: string
  /** Path of the workflow file. Default: `.github/workflows/release.yml`. */
  readonly workflow?: string | undefined
  /** Default: `refs/heads/main`. */
  readonly ref?: string | undefined
  /** The commit that is built. Default: forty times the digit 1. */
  readonly sha?: string | undefined
  /** Default: `push`. */
  readonly trigger?: string | undefined
}

export const GITHUB_ISSUER = 'https://token.actions.githubusercontent.com'
/** Arbitrary: no policy compares these. */
const NUMBERS = { repository: '1001', owner: '2002', run: '7' } as const

/**
 * Returns the identity that Fulcio gives a workflow, with all of its claims.
 *
 * @throws RangeError for unknown or missing members
 */
export function githubWorkflow(run: GitHubWorkflow): KeylessIdentity {
  const { repository, workflow, ref, sha, trigger } = completeRun(run)
  const source = `https://github.com/${repository}`
  const file = `${source}/${workflow}@${ref}`
  const [owner = ''] = repository.split('/')
  return {
    subject: file,
    issuer: GITHUB_ISSUER,
    claims: {
      githubWorkflowTrigger: trigger,
      githubWorkflowSha: sha,
      githubWorkflowName: workflow.replace(/^.*\//, '').replace(/\.ya?ml$/, ''),
      githubWorkflowRepository: repository,
      githubWorkflowRef: ref,
      buildSignerUri: file,
      buildSignerDigest: sha,
      runnerEnvironment: 'github-hosted',
      sourceRepositoryUri: source,
      sourceRepositoryDigest: sha,
      sourceRepositoryRef: ref,
      sourceRepositoryIdentifier: NUMBERS.repository,
      sourceRepositoryOwnerUri: `https://github.com/${owner}`,
      sourceRepositoryOwnerIdentifier: NUMBERS.owner,
      buildConfigUri: file,
      buildConfigDigest: sha,
      buildTrigger: trigger,
      runInvocationUri: `${source}/actions/runs/${NUMBERS.run}/attempts/1`,
      sourceRepositoryVisibilityAtSigning: 'public',
    },
  }
}

const aRepository: OptionKind = {
  expected: 'a repository, such as `acme/app`',
  fits: (value) => typeof value === 'string' && /^[\w.-]+\/[\w.-]+$/.test(value),
}
const runMembers: OptionTable<GitHubWorkflow> = {
  repository: aRepository,
  workflow: aName,
  ref: aName,
  sha: aName,
  trigger: aName,
}

/**
 * Returns a run with its defaults.
 *
 * @throws RangeError for unknown or missing members
 */
export function completeRun(run: GitHubWorkflow): Readonly<Record<keyof GitHubWorkflow, string>> {
  checkOptions(run, runMembers, { required: ['repository'] })
  const {
    repository,
    workflow = '.github/workflows/release.yml',
    ref = 'refs/heads/main',
    sha = '1111111111111111111111111111111111111111',
    trigger = 'push',
  } = run
  return { repository, workflow, ref, sha, trigger }
}
