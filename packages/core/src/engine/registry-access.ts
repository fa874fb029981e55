import type { ArtifactSource } from '@verify-images/attestor-evaluator'
import type { ImageRegistryCredentials } from '@verify-images/policy-parser'
import {
  firstOf,
  pullSecrets,
  type CredentialProvider,
  type PullSecret,
  type RegistrySession,
} from '@verify-images/registry-fetcher'
import { concurrently, isDnsLabel, isDnsSubdomain, printableText, type JsonObject } from '@verify-images/primitives'
import { stringMapField } from '../request/typed-field.ts'
import { LIMITS } from '../limits.ts'
import type { Evaluation } from './evaluation.ts'
import { readTagsOnce } from './read-tags-once.ts'
import { watchSource } from './waits.ts'
import type { CheckedReader } from '../kubernetes.ts'

/** The credentials that an entry and the object name. */
export interface CredentialRequest {
  readonly named: ImageRegistryCredentials | undefined
  /** `imagePullSecrets` of the object. */
  readonly podSecrets: readonly string[]
}

/**
 * Thrown when an object names a pull secret of another namespace: its author must not choose whose password is used
 * (S28).
 */
export class ForeignSecretError extends Error {
  constructor(name: string) {
    super(`the object names a pull secret of another namespace: \`${name.slice(0, 120)}\``)
    this.name = 'ForeignSecretError'
  }
}

interface SecretName {
  readonly namespace: string
  readonly name: string
}

/**
 * Opens the registry for one entry, with the credentials that the policy and the object name instead of the verifier's
 * own. A tag is resolved once, whatever the credentials.
 *
 * A Secret that does not exist is ignored, as in Kyverno; one that cannot be read is an error.
 *
 * @throws ForeignSecretError when the object names a Secret of another namespace
 * @throws Error when a Secret could not be read
 */
export async function registryFor(evaluation: Evaluation, request: CredentialRequest): Promise<ArtifactSource> {
  return watchSource(readTagsOnce(await sessionFor(evaluation, request), evaluation.tags), evaluation.waits)
}

async function sessionFor(evaluation: Evaluation, { named, podSecrets }: CredentialRequest): Promise<RegistrySession> {
  const { session, settings, kubernetes } = evaluation
  if (named === undefined && podSecrets.length === 0) return session
  const namespace = evaluation.request.namespace || settings.kyvernoNamespace
  const names = distinct([
    ...(named?.secrets ?? []).map((text) => secretName(text, settings.kyvernoNamespace)),
    ...distinctNames(podSecrets).map((name) => podSecret(name, namespace)),
  ])
  const providers = (named?.providers ?? []).flatMap((name) => settings.credentialProviders.get(name) ?? [])
  // Without a reader there are no Secrets.
  const secrets = kubernetes === undefined ? [] : await readSecrets(kubernetes, names, evaluation.signal)
  const insecure = named?.allowInsecureRegistry === true
  if (secrets.length === 0 && providers.length === 0 && !insecure) return session
  const key = JSON.stringify([names, named?.providers ?? [], insecure])
  return session.withCredentials(secrets.length + providers.length === 0 ? undefined : combined(secrets, providers), {
    key,
    insecure,
  })
}

function combined(secrets: readonly JsonObject[], providers: readonly CredentialProvider[]): CredentialProvider {
  return firstOf(pullSecrets(secrets.map(pullSecretOf)), ...providers)
}

/** @throws VerifierError when the data of a Secret are not strings */
function pullSecretOf({ type, data, stringData }: JsonObject): PullSecret {
  const encoded = stringMapField(data, 'data of a pull secret')
  const plain = stringMapField(stringData, 'stringData of a pull secret')
  return {
    ...(typeof type === 'string' ? { type } : {}),
    ...(encoded === undefined ? {} : { data: encoded }),
    ...(plain === undefined ? {} : { stringData: plain }),
  }
}

/** Reads Secrets, a few at a time: each is a request to an API server. */
async function readSecrets(
  kubernetes: Pick<CheckedReader, 'read'>,
  names: readonly SecretName[],
  signal: AbortSignal,
): Promise<readonly JsonObject[]> {
  const found = await concurrently(names, LIMITS.secretsAtOnce, ({ namespace, name }) =>
    kubernetes.read('Secret', namespace, name, signal),
  )
  return found.filter((secret) => secret !== undefined)
}

/** Returns each name once. The kubelet ignores empty ones. */
function distinctNames(names: readonly string[]): readonly string[] {
  return [...new Set(names)].filter((name) => name !== '')
}

/** @throws Error for more Secrets than anyone names */
function distinct(names: readonly SecretName[]): readonly SecretName[] {
  const byKey = new Map(names.map((each) => [`${each.namespace}/${each.name}`, each]))
  if (byKey.size > LIMITS.pullSecrets)
    throw new Error(`pull secrets: expected at most ${String(LIMITS.pullSecrets)}, got ${String(byKey.size)}`)
  return [...byKey.values()]
}

/**
 * A policy may name a Secret of any namespace: `namespace/name`.
 *
 * @throws Error for what is no name: a reader may put it into a path
 */
function secretName(text: string, defaultNamespace: string): SecretName {
  const slash = text.indexOf('/')
  const [namespace, name] = slash < 0 ? [defaultNamespace, text] : [text.slice(0, slash), text.slice(slash + 1)]
  if (!isDnsLabel(namespace) || !isDnsSubdomain(name)) throw new Error(`pull secret: ${notAName(text)}`)
  return { namespace, name }
}

function podSecret(name: string, namespace: string): SecretName {
  if (name.includes('/')) throw new ForeignSecretError(name)
  if (!isDnsSubdomain(name)) throw new Error(`pull secret of the object: ${notAName(name)}`)
  return { namespace, name }
}

function notAName(text: string): string {
  return `expected a Kubernetes name, got \`${printableText(text, 80)}\``
}
