import type { Operation, PlatformChoice, ResourceRequest } from '@verify-images/core'
import type { Shell } from './commands.ts'
import type { PROBLEM_FORMATS, TEST_FORMATS, TREE_FORMATS, VERDICT_FORMATS } from './options.ts'

export interface RegistryArguments {
  readonly insecureRegistries: readonly string[]
  readonly endpoints: ReadonlyMap<string, string>
  /** Token servers by registry. */
  readonly tokenServers: ReadonlyMap<string, readonly string[]>
  readonly insecureCredentials: boolean
  readonly caFile: string | undefined
  /** `none` for no proxy, whatever the environment says. */
  readonly proxy: string | undefined
  readonly dockerConfig: string | undefined
}

export interface Deadlines {
  /** For the whole command; undefined if it has none. */
  readonly totalMs: number | undefined
  /** For one object or image. */
  readonly eachMs: number
}

/** Who must have signed: a key, or an identity. */
export interface SignerArguments {
  /** A file, or a reference to a key. */
  readonly key: string | undefined
  readonly identity: TextOrPattern | undefined
  readonly issuer: TextOrPattern | undefined
  /** The predicate type of the attestation that is required instead of a signature. */
  readonly attestation: string | undefined
  readonly ignoreTransparencyLog: boolean
  readonly ignoreCertificateLog: boolean
}

export interface TextOrPattern {
  readonly value: string
  readonly isPattern: boolean
}

/** Policies in files, or the one that `verify` stands for. */
export type PolicySource =
  | { readonly kind: 'files'; readonly paths: readonly string[] }
  | { readonly kind: 'signer'; readonly signer: SignerArguments }

/** The user of the admission request; all absent without a user. */
export type Requester = Pick<ResourceRequest, 'userInfo' | 'roles' | 'clusterRoles'>

/** One of `count` equal parts of a list. */
export interface Shard {
  /** From 0. */
  readonly index: number
  readonly count: number
}

/** The formats in which a result is written. */
export interface Outputs<F extends string> {
  /** The format on standard output. */
  readonly output: F
  readonly outputFiles: readonly { readonly file: string; readonly format: F }[]
}

/** How much the text format says. */
export type Detail = 'quiet' | 'summary' | 'all' | 'verbose'

export interface ApplyArguments extends RegistryArguments, Outputs<(typeof VERDICT_FORMATS)[number]> {
  readonly command: 'apply'
  readonly deadlines: Deadlines
  readonly policies: PolicySource
  readonly resources: readonly string[]
  readonly images: readonly string[]
  /** Files with a reference per line. */
  readonly imageFiles: readonly string[]
  readonly shard: Shard
  readonly requester: Requester
  /** Files of Kyverno's command line: kind UserInfo, kind Values. */
  readonly userInfoFile: string | undefined
  readonly valuesFile: string | undefined
  readonly concurrency: number
  readonly namespace: string | undefined
  readonly namespaceLabels: Readonly<Record<string, string>> | undefined
  /** Undefined if it was not given. */
  readonly operation: Operation | undefined
  readonly oldObject: string | undefined
  readonly exceptions: readonly string[]
  readonly objects: readonly string[]
  readonly platforms: PlatformChoice
  readonly unmatched: 'admit' | 'refuse'
  readonly trustedRoot: string | undefined
  /** The time to verify as of; undefined is now. */
  readonly at: Date | undefined
  /** Hosts that may be asked at private addresses whether a certificate is revoked; undefined if no host is asked. */
  readonly revocationHosts: readonly string[] | undefined
  readonly detail: Detail
}

export interface TreeArguments extends RegistryArguments, Outputs<(typeof TREE_FORMATS)[number]> {
  readonly command: 'tree'
  readonly deadlines: Deadlines
  readonly images: readonly string[]
}

export interface LintArguments extends Outputs<(typeof PROBLEM_FORMATS)[number]> {
  readonly command: 'lint'
  readonly policies: readonly string[]
}

export interface TestArguments extends Outputs<(typeof TEST_FORMATS)[number]> {
  readonly command: 'test'
  readonly folders: readonly string[]
  readonly concurrency: number
  readonly detail: Detail
}

export type TrustArguments =
  | ({
      readonly command: 'trust show'
      readonly trustedRoot: string | undefined
    } & Outputs<(typeof TREE_FORMATS)[number]>)
  | { readonly command: 'trust export' }
  | {
      readonly command: 'trust refresh'
      readonly cacheFolder: string
      readonly mirror: string | undefined
      readonly root: string | undefined
      readonly deadlineMs: number
    }

export type Arguments =
  | ApplyArguments
  | TreeArguments
  | LintArguments
  | TestArguments
  | TrustArguments
  | { readonly command: 'completion'; readonly shell: Shell }
  | { readonly command: 'help'; readonly text: string }
  | { readonly command: 'version' }
