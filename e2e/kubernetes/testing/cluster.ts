import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { readDocuments } from '@verify-images/core'
import { createTlsCertificate, createSigningWorld, type Fault, type SigningWorld } from '@verify-images/testing'
import { clusterPolicy, entryOf, keyAttestor, type PolicyParts as Parts } from '@verify-images/testing/internal'
import { createWebhookServer, type WebhookOptions } from '@verify-images/webhook'
import { startApiServer, type ApiServer } from './api-server.ts'

/** A cluster without nodes and controllers, with images to run in it. */
export interface Cluster extends ApiServer {
  readonly world: SigningWorld
  readonly signed: string
  readonly signedDigest: string
  readonly unsigned: string
  /** Sets what the registry does wrong from now on. */
  readonly registryFault: (fault: Fault | undefined) => void
  /** An entry of `verifyImages` for the images of the registry. */
  readonly entry: (more?: object) => object
}

export async function startCluster(assets: string): Promise<Cluster> {
  let fault: Fault | undefined
  const world = await createSigningWorld({ faults: () => fault })
  const signed = world.image('registry.test/team/app:1').signedBy(world.key('release'))
  const unsigned = world.image('registry.test/team/tool:1')
  const api = await startApiServer(assets)
  await createDefinitions(api)
  return {
    ...api,
    world,
    signed: signed.reference,
    signedDigest: signed.digest,
    unsigned: unsigned.reference,
    registryFault: (next) => void (fault = next),
    entry: (more = {}) => entryOf(keyAttestor(world.key('release')), more),
    close: async () => {
      await api.close()
      await world.close()
    },
  }
}

/** The definitions of Kyverno's kinds that `deploy/crds` has for clusters without Kyverno. */
async function createDefinitions(api: ApiServer): Promise<void> {
  const file = join(import.meta.dirname, '../../../deploy/crds/kyverno.yaml')
  for (const { value } of readDocuments(await readFile(file, 'utf8'))) {
    const path = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions'
    await expectStatus(201, api.send('POST', `${path}?fieldValidation=Strict`, { body: Object(value) }))
  }
  await until(async () => (await api.send('GET', '/apis/kyverno.io/v2/policyexceptions')).status === 200)
}

export async function expectStatus(
  status: number,
  answer: ReturnType<ApiServer['send']>,
): Promise<Awaited<ReturnType<ApiServer['send']>>['body']> {
  const found = await answer
  if (found.status !== status) throw new Error(`expected ${String(status)}: ${JSON.stringify(found)}`)
  return found.body
}

export async function until(holds: () => Promise<boolean>, timeoutMs: number = 30_000): Promise<void> {
  const deadline = performance.now() + timeoutMs
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error('did not happen in time')
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

export type PolicyParts = Omit<Parts, 'spec'> & { readonly entry?: object }

/** A ClusterPolicy that enforces signatures. */
export function policyOf(cluster: Cluster, { entry, ...parts }: PolicyParts = {}): object {
  return clusterPolicy([cluster.entry(entry)], parts)
}

export interface Registration {
  readonly failurePolicy?: 'Fail' | 'Ignore'
  readonly timeoutSeconds?: number
  readonly rules?: readonly object[]
  /** Further members of both webhooks. */
  readonly webhook?: object
  /** Which of the two endpoints to register. */
  readonly endpoints?: readonly ('mutate' | 'validate')[]
}

export interface RunningWebhook {
  readonly port: number
  /** Removes the registration and ends the server. */
  readonly close: () => Promise<void>
}

const CONFIGURATIONS = {
  mutate: 'MutatingWebhookConfiguration',
  validate: 'ValidatingWebhookConfiguration',
} as const
const PATHS = {
  mutate: '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations',
  validate: '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations',
} as const

/** Starts the webhook and registers it as `deploy/base/webhooks.yaml` does, and waits until the API server asks it. */
export async function startWebhook(
  cluster: Cluster,
  options: WebhookOptions,
  {
    failurePolicy = 'Fail',
    timeoutSeconds = 10,
    rules,
    webhook = {},
    endpoints = ['mutate', 'validate'],
  }: Registration = {},
): Promise<RunningWebhook> {
  const tls = createTlsCertificate({ host: '127.0.0.1' })
  const server = createWebhookServer({ ...options, tls })
  const port = await server.listen(0, '127.0.0.1')
  const shipped = await shippedWebhook()
  for (const endpoint of endpoints) {
    const configuration = {
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: CONFIGURATIONS[endpoint],
      metadata: { name: 'verify-images' },
      webhooks: [
        {
          ...shipped,
          name: `${endpoint}.verify-images.example.com`,
          failurePolicy,
          timeoutSeconds,
          ...(rules === undefined ? {} : { rules }),
          ...(endpoint === 'mutate' ? { reinvocationPolicy: 'IfNeeded' } : {}),
          clientConfig: {
            url: `https://127.0.0.1:${String(port)}/${endpoint}`,
            caBundle: Buffer.from(tls.cert).toString('base64'),
          },
          ...webhook,
        },
      ],
    }
    await expectStatus(201, cluster.send('POST', `${PATHS[endpoint]}?fieldValidation=Strict`, { body: configuration }))
  }
  // The API server reads its configurations from a watch.
  await new Promise((resolve) => setTimeout(resolve, 1_000))
  return {
    port,
    close: async () => {
      for (const endpoint of endpoints) await cluster.send('DELETE', `${PATHS[endpoint]}/verify-images`)
      await server.close()
      await new Promise((resolve) => setTimeout(resolve, 1_000))
    },
  }
}

async function shippedWebhook(): Promise<object> {
  const file = join(import.meta.dirname, '../../../deploy/base/webhooks.yaml')
  const [first] = readDocuments(await readFile(file, 'utf8'))
  const { webhooks } = Object(first?.value)
  const { clientConfig: _, reinvocationPolicy: __, ...shared } = webhooks[0]
  return shared
}

let names = 0

/** A Pod, or another workload, with a name of its own. */
export function podOf(
  image: string,
  metadata: object = {},
  spec: object = {},
): { metadata: { name: string }; spec: object } {
  const name = `app-${String(++names)}`
  return {
    ...{ apiVersion: 'v1', kind: 'Pod' },
    metadata: { name, ...metadata },
    spec: { containers: [{ name: 'app', image }], ...spec },
  }
}
