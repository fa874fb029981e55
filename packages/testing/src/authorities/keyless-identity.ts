import { anObject, aText, type OptionKind, type OptionTable } from '@verify-images/primitives'
import { der } from '../certificates/der-writer.ts'
import { generalName } from '../certificates/make-certificate.ts'
import type { ExtensionTemplate } from '../certificates/make-certificate.ts'
import { aName, checkOptions } from '../check-options.ts'

/** Whom a keyless certificate is for, as Fulcio writes it down. */
export interface KeylessIdentity {
  /** An e-mail address, a URI such as that of a workflow, or else a plain user name. */
  readonly subject: string
  /** Who says so: the OIDC issuer. */
  readonly issuer: string
  readonly claims?: Readonly<Partial<Record<ClaimName, string>>> | undefined
}

export type ClaimName = keyof typeof PLAIN_CLAIMS | keyof typeof DER_CLAIMS

const ARC = '1.3.6.1.4.1.57264.1'

/** Claims whose value is the bare text; policies ask for them under `additionalExtensions`. */
const PLAIN_CLAIMS = {
  githubWorkflowTrigger: 2,
  githubWorkflowSha: 3,
  githubWorkflowName: 4,
  githubWorkflowRepository: 5,
  githubWorkflowRef: 6,
} as const

/** Later claims, whose value is a DER string. */
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
  Object.keys({ ...PLAIN_CLAIMS, ...DER_CLAIMS }).map((name) => [name, aText]),
)

/** @throws RangeError */
export function assertIdentity(identity: unknown): asserts identity is KeylessIdentity {
  checkOptions(identity, identityMembers, { path: 'identity', required: ['subject', 'issuer'] })
  checkOptions(identity.claims ?? {}, claimMembers, { path: 'identity.claims' })
}

/**
 * The extensions of a certificate for an identity; the issuer is in both of its forms.
 *
 * @see https://github.com/sigstore/fulcio/blob/main/docs/oid-info.md
 */
export function identityExtensions({ subject, issuer, claims = {} }: KeylessIdentity): readonly ExtensionTemplate[] {
  const plain = Object.entries(PLAIN_CLAIMS).map(([name, number]) => [claims[name as ClaimName], number] as const)
  const encoded = Object.entries(DER_CLAIMS).map(([name, number]) => [claims[name as ClaimName], number] as const)
  return [
    // The certificate has no other name, so this one is critical.
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

/** A run of a workflow on GitHub; only the repository is needed. */
export interface GitHubWorkflow {
  /** `owner/name` */
  readonly repository: string
  /** Path of the file; `.github/workflows/release.yml` unless given. */
  readonly workflow?: string | undefined
  /** `refs/heads/main` unless given. */
  readonly ref?: string | undefined
  /** Commit that was built. */
  readonly sha?: string | undefined
  /** `push` unless given. */
  readonly trigger?: string | undefined
}

export const GITHUB_ISSUER = 'https://token.actions.githubusercontent.com'
/** What the identifiers of a repository and a run are does not matter to any policy. */
const NUMBERS = { repository: '1001', owner: '2002', run: '7' } as const

/** The identity that Fulcio gives a workflow, with all of its claims. */
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
 * A run with what was left out.
 *
 * @throws RangeError
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
