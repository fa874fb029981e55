import type { Operation } from '@verify-images/core'
import { UsageError } from '../cli-error.ts'
import type {
  ApplyArguments,
  Deadlines,
  Detail,
  PolicySource,
  RegistryArguments,
  Requester,
  SignerArguments,
  TextOrPattern,
} from './arguments.ts'
import { VERDICT_FORMATS } from './options.ts'
import type { Values } from './parse-command-line.ts'
import {
  oneOf,
  readConcurrency,
  readNames,
  readNamespace,
  readOutputs,
  readPairs,
  readPlatforms,
  readProxy,
  readRevocationHost,
  readSeconds,
  readShard,
  readTime,
  readTokenServers,
} from './read-values.ts'

interface Verifying {
  readonly policies: PolicySource
  readonly images: readonly string[]
  readonly explain?: boolean
}

/** Reads the options of the commands that verify. @throws UsageError */
export function readVerifying(values: Values, { policies, images, explain = false }: Verifying): ApplyArguments {
  const files = filesOf(values)
  if (files.resources.length + images.length + files.imageFiles.length === 0)
    throw new UsageError('nothing to verify: expected --resource, an image or --images-from')
  checkStandardInput(values, policies, files)
  const labels = values.list('namespace-label')
  const [namespace, operation, at] = [values.text('namespace'), values.text('operation'), values.text('at')]
  return {
    command: 'apply',
    policies,
    images,
    ...files,
    shard: readShard(values.text('shard')),
    requester: readRequester(values),
    concurrency: readConcurrency(values.text('concurrency')),
    namespace: namespace === undefined ? undefined : readNamespace(namespace),
    namespaceLabels: labels && Object.fromEntries(readPairs('namespace-label', labels)),
    operation:
      operation === undefined ? undefined : oneOf<Operation>('--operation', operation, ['CREATE', 'UPDATE', 'DELETE']),
    platforms: readPlatforms(values.text('platforms') ?? 'index'),
    unmatched: oneOf('--unmatched', values.text('unmatched') ?? 'admit', ['admit', 'refuse']),
    at: at === undefined ? undefined : readTime(at),
    revocationHosts: values.flag('no-revocation-requests')
      ? undefined
      : (values.list('revocation-host')?.map(readRevocationHost) ?? []),
    detail: readDetail(values, explain),
    ...readOutputs(values, VERDICT_FORMATS),
    ...readRegistry(values),
    deadlines: readDeadlines(values),
  }
}

type Files = Pick<
  ApplyArguments,
  'resources' | 'imageFiles' | 'userInfoFile' | 'valuesFile' | 'oldObject' | 'exceptions' | 'objects' | 'trustedRoot'
>

function filesOf(values: Values): Files {
  return {
    resources: values.list('resource') ?? [],
    imageFiles: values.list('images-from') ?? [],
    userInfoFile: values.text('userinfo'),
    valuesFile: values.text('values'),
    oldObject: values.text('old-object'),
    exceptions: values.list('exception') ?? [],
    objects: values.list('objects') ?? [],
    trustedRoot: values.text('trusted-root'),
  }
}

function checkStandardInput(values: Values, policies: PolicySource, files: Files): void {
  const paths = [
    ...(policies.kind === 'files' ? policies.paths : [policies.signer.key]),
    ...Object.values(files).flat(),
    values.text('docker-config'),
  ]
  if (paths.filter((path) => path === '-').length > 1)
    throw new UsageError('`-` is given more than once: standard input can be read only once')
}

function readRequester(values: Values): Requester {
  const [user, groups] = [values.text('user'), readNames(values, 'groups')]
  const [roles, clusterRoles] = [readNames(values, 'roles'), readNames(values, 'cluster-roles')]
  return {
    ...(user === undefined && groups === undefined
      ? {}
      : { userInfo: { username: user ?? '', ...(groups === undefined ? {} : { groups }) } }),
    ...(roles === undefined ? {} : { roles }),
    ...(clusterRoles === undefined ? {} : { clusterRoles }),
  }
}

export function readDetail(values: Values, explain: boolean): Detail {
  if (values.flag('quiet') && (explain || values.flag('verbose')))
    throw new UsageError(`--quiet has no effect with ${explain ? '`explain`' : '--verbose'}`)
  if (values.flag('verbose')) return 'verbose'
  return explain ? 'all' : values.flag('quiet') ? 'quiet' : 'summary'
}

export function readRegistry(values: Values): RegistryArguments {
  const proxy = values.text('proxy')
  return {
    insecureRegistries: values.list('insecure-registry') ?? [],
    endpoints: readPairs('registry-endpoint', values.list('registry-endpoint') ?? []),
    tokenServers: readTokenServers(values.list('token-server') ?? []),
    insecureCredentials: values.flag('insecure-credentials'),
    caFile: values.text('ca-file'),
    proxy: proxy === undefined ? undefined : readProxy(proxy),
    dockerConfig: values.text('docker-config'),
  }
}

export function readDeadlines(values: Values): Deadlines {
  return {
    totalMs: readSeconds(values, 'deadline', 24 * 3600),
    eachMs: readSeconds(values, 'image-deadline', 3600) ?? 30_000,
  }
}

/** @throws UsageError */
export function readSigner(values: Values): SignerArguments {
  const [key, identity, issuer] = [
    values.text('key'),
    textOrPattern(values, 'certificate-identity'),
    textOrPattern(values, 'certificate-oidc-issuer'),
  ]
  const ignoreCertificateLog = values.flag('insecure-ignore-sct')
  // Anyone can get a certificate for an identity of their own, so one without the other says little.
  if (key === undefined && (identity === undefined || issuer === undefined))
    throw new UsageError('`verify` needs --key, or both --certificate-identity and --certificate-oidc-issuer')
  if (key !== undefined && (identity !== undefined || issuer !== undefined))
    throw new UsageError('--key and --certificate-… exclude each other')
  if (key !== undefined && ignoreCertificateLog) throw new UsageError('--insecure-ignore-sct has no effect with --key')
  return {
    key,
    identity,
    issuer,
    attestation: values.text('attestation'),
    ignoreTransparencyLog: values.flag('insecure-ignore-tlog'),
    ignoreCertificateLog,
  }
}

function textOrPattern(
  values: Values,
  option: 'certificate-identity' | 'certificate-oidc-issuer',
): TextOrPattern | undefined {
  const [text, pattern] = [values.text(option), values.text(`${option}-regexp`)]
  if (text !== undefined && pattern !== undefined)
    throw new UsageError(`--${option} and --${option}-regexp exclude each other`)
  if (text !== undefined) return { value: text, isPattern: false }
  return pattern === undefined ? undefined : { value: pattern, isPattern: true }
}
