import type { KubeConfig } from '@kubernetes/client-node'
import { pullSecrets, type CredentialProvider } from '@verify-images/core'
import {
  isJsonArray,
  isJsonObject,
  untilAborted,
  withLinkedSignal,
  type Json,
  type JsonObject,
  type OptionTable,
} from '@verify-images/primitives'
import { aKubeConfig, createClusterClient, type ClusterClient } from './cluster-client.ts'
import { checkOptions, KubernetesError } from './kubernetes-error.ts'
import { PULL_SECRETS_MS, SERVICE_CALL_MS } from './limits.ts'

export interface ServiceAccountOptions {
  readonly config: KubeConfig
  readonly namespace: string
  readonly name: string
}

const accountOptions: OptionTable<ServiceAccountOptions> = {
  config: aKubeConfig,
  namespace: { expected: 'a namespace', fits: (value) => typeof value === 'string' && value !== '' },
  name: { expected: 'a name', fits: (value) => typeof value === 'string' && value !== '' },
}

/**
 * Returns the credentials in the `imagePullSecrets` of a service account, for `createRegistryClient({ credentials })`.
 * They are read again once a minute. The API server copies those of a Pod's own service account into the Pod itself.
 *
 * @throws KubernetesError KUBERNETES_OPTIONS_INVALID
 */
export function serviceAccountCredentials(options: ServiceAccountOptions): CredentialProvider {
  checkOptions(options, accountOptions, { required: ['config', 'namespace', 'name'] })
  const { config, namespace, name } = options
  const client = createClusterClient(config)
  let last: { readonly until: number; readonly provider: Promise<CredentialProvider> } | undefined
  const load = (): Promise<CredentialProvider> => {
    if (last !== undefined && last.until > performance.now()) return last.provider
    const provider = withLinkedSignal([], SERVICE_CALL_MS, (signal) => readAccount(client, namespace, name, signal))
    last = { until: performance.now() + PULL_SECRETS_MS, provider }
    provider.catch(() => (last = undefined))
    return provider
  }
  return {
    credentialFor: async (repository, signal) => (await untilAborted(signal, load)).credentialFor(repository, signal),
  }
}

async function readAccount(
  client: ClusterClient,
  namespace: string,
  name: string,
  signal: AbortSignal,
): Promise<CredentialProvider> {
  const base = `/api/v1/namespaces/${encodeURIComponent(namespace)}`
  const account = await client.read(`${base}/serviceaccounts/${encodeURIComponent(name)}`, signal)
  if (account === undefined)
    throw new KubernetesError('KUBERNETES_REQUEST_FAILED', `service account ${namespace}/${name} does not exist`)
  const secrets: JsonObject[] = []
  for (const secret of namesIn(account['imagePullSecrets'])) {
    const found = await client.read(`${base}/secrets/${encodeURIComponent(secret)}`, signal)
    if (found !== undefined) secrets.push(found)
  }
  return pullSecrets(
    secrets.map(({ type, data }) => ({ ...(typeof type === 'string' && { type }), data: stringsIn(data) })),
  )
}

function namesIn(references: Json | undefined): readonly string[] {
  if (!isJsonArray(references)) return []
  return references.filter(isJsonObject).flatMap(({ name }) => (typeof name === 'string' ? [name] : []))
}

function stringsIn(data: Json | undefined): Readonly<Record<string, string>> {
  if (!isJsonObject(data)) return {}
  const strings = Object.entries(data).flatMap(([key, value]) =>
    typeof value === 'string' ? [[key, value] as const] : [],
  )
  return Object.fromEntries(strings)
}
