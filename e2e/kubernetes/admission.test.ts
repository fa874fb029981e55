import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { createImageVerifier, parsePolicies, type ImageVerifierOptions } from '@verify-images/core'
import { kubernetesReader } from '@verify-images/kubernetes'
import { createTlsCertificate } from '@verify-images/testing'
import type { WebhookOptions } from '@verify-images/webhook'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { findAssets, START_MS, type ApiAnswer } from './testing/api-server.ts'
import {
  expectStatus,
  podOf,
  policyOf,
  startCluster,
  startWebhook,
  until,
  type Cluster,
  type PolicyParts,
  type Registration,
} from './testing/cluster.ts'

const assets = findAssets()

const PODS = '/api/v1/namespaces/default/pods'

describe.skipIf(assets === undefined)('an API server that asks the webhook', { timeout: 60_000 }, () => {
  let cluster: Cluster
  const closers: (() => Promise<unknown>)[] = []
  beforeAll(async () => {
    cluster = await startCluster(assets ?? '')
  }, START_MS + 60_000)
  afterAll(() => cluster.close(), 30_000)
  afterEach(async () => {
    cluster.registryFault(undefined)
    for (const close of closers.splice(0).reverse()) await close()
  })

  async function withPolicy(
    parts: PolicyParts = {},
    registration: Registration = {},
    options: Partial<ImageVerifierOptions> = {},
    limits: WebhookOptions['limits'] = {},
  ): Promise<void> {
    const policies = parsePolicies(JSON.stringify(policyOf(cluster, parts)))
    const verifier = createImageVerifier({ policies, registry: cluster.world.registryClient(), ...options })
    const { close } = await startWebhook(cluster, { verifier, limits }, registration)
    closers.push(close)
  }
  const create = (object: object, path = PODS, query = ''): Promise<ApiAnswer> =>
    cluster.send('POST', `${path}?fieldValidation=Strict${query}`, { body: object })
  const imageOf = (body: unknown): unknown => Object(body).spec.containers[0].image
  const pinned = (): string => `${cluster.signed}@${cluster.signedDigest}`
  const denied = { status: 403, body: { message: expect.stringContaining('no signatures found') } }

  test('a signed Pod is stored with its digest, and an unsigned one is denied in the words kubectl prints', async () => {
    await withPolicy()
    expect(imageOf(await expectStatus(201, create(podOf(cluster.signed))))).toBe(pinned())
    const { status, body } = await create(podOf(cluster.unsigned))
    expect([status, body['message']]).toEqual([
      403,
      expect.stringMatching(
        /^admission webhook "mutate\.verify-images\.example\.com" denied the request: [\s\S]*signed:[\s\S]*check:[\s\S]*no signatures found/,
      ),
    ])
  })

  const template = (image: string): object => ({
    metadata: { labels: { app: 'a' } },
    spec: { containers: [{ name: 'app', image }], restartPolicy: 'Always' },
  })
  const once = (image: string): object => ({ spec: { containers: [{ name: 'app', image }], restartPolicy: 'Never' } })
  const selector = { matchLabels: { app: 'a' } }
  test.each<[string, string, string, (image: string) => object]>([
    ['apps/v1', 'Deployment', 'deployments', (image) => ({ selector, template: template(image) })],
    ['apps/v1', 'StatefulSet', 'statefulsets', (image) => ({ selector, serviceName: 'a', template: template(image) })],
    ['apps/v1', 'DaemonSet', 'daemonsets', (image) => ({ selector, template: template(image) })],
    ['apps/v1', 'ReplicaSet', 'replicasets', (image) => ({ selector, template: template(image) })],
    [
      'v1',
      'ReplicationController',
      'replicationcontrollers',
      (image) => ({ selector: { app: 'a' }, template: template(image) }),
    ],
    ['batch/v1', 'Job', 'jobs', (image) => ({ template: once(image) })],
    [
      'batch/v1',
      'CronJob',
      'cronjobs',
      (image) => ({ schedule: '0 0 * * *', jobTemplate: { spec: { template: once(image) } } }),
    ],
  ])('%s %s is judged by the rule for Pods', async (apiVersion, kind, resource, specOf) => {
    await withPolicy()
    const path = `/${apiVersion === 'v1' ? 'api' : 'apis'}/${apiVersion}/namespaces/default/${resource}`
    const object = (name: string, image: string): object => ({
      apiVersion,
      kind,
      metadata: { name },
      spec: specOf(image),
    })
    const stored = await expectStatus(201, create(object('signed', cluster.signed), path))
    expect(JSON.stringify(stored)).toContain(pinned())
    expect(await create(object('unsigned', cluster.unsigned), path)).toMatchObject(denied)
    await cluster.send('DELETE', `${path}/signed`)
  })

  test('an ephemeral container is judged and pinned', async () => {
    await withPolicy()
    const pod = podOf(cluster.signed)
    await expectStatus(201, create(pod))
    const add = (image: string): Promise<ApiAnswer> =>
      cluster.send('PATCH', `${PODS}/${pod.metadata.name}/ephemeralcontainers`, {
        type: 'application/strategic-merge-patch+json',
        body: { spec: { ephemeralContainers: [{ name: `debug-${String(image.length)}`, image }] } },
      })
    expect(await add(cluster.unsigned)).toMatchObject(denied)
    const { status, body } = await add(cluster.signed)
    expect([status, Object(body['spec']).ephemeralContainers[0].image]).toEqual([200, pinned()])
  })

  test.each<[string, (image: string) => object]>([
    ['application/strategic-merge-patch+json', (image) => ({ spec: { containers: [{ name: 'app', image }] } })],
    ['application/merge-patch+json', (image) => ({ spec: { containers: [{ name: 'app', image }] } })],
    ['application/json-patch+json', (image) => [{ op: 'replace', path: '/spec/containers/0/image', value: image }]],
    [
      'application/apply-patch+yaml',
      (image) => ({ apiVersion: 'v1', kind: 'Pod', spec: { containers: [{ name: 'app', image }] } }),
    ],
  ])('a patch of type %s is judged', async (type, bodyOf) => {
    await withPolicy()
    const pod = podOf(cluster.signed)
    await expectStatus(201, create(pod))
    const query = type.includes('apply') ? '?fieldManager=test&force=true' : ''
    const patch = (image: string): Promise<ApiAnswer> =>
      cluster.send('PATCH', `${PODS}/${pod.metadata.name}${query}`, { type, body: bodyOf(image) })
    expect(await patch(cluster.unsigned)).toMatchObject(denied)
    expect(imageOf(await expectStatus(200, patch(cluster.signed)))).toBe(pinned())
  })

  test('a dry run is judged, and stores nothing', async () => {
    await withPolicy()
    const pod = podOf(cluster.signed)
    expect(imageOf(await expectStatus(201, create(pod, PODS, '&dryRun=All')))).toBe(pinned())
    expect((await cluster.send('GET', `${PODS}/${pod.metadata.name}`)).status).toBe(404)
    expect(await create(podOf(cluster.unsigned), PODS, '&dryRun=All')).toMatchObject(denied)
  })

  test('an object with `generateName` is judged', async () => {
    await withPolicy()
    const pod = { ...podOf(cluster.signed), metadata: { generateName: 'app-' } }
    expect(imageOf(await expectStatus(201, create(pod)))).toBe(pinned())
  })

  test('deletion, scale, status, eviction and binding are not asked about, and work while nothing answers', async () => {
    const pod = podOf(cluster.unsigned)
    const deployment = {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'scaled' },
      spec: { replicas: 1, selector, template: template(cluster.unsigned) },
    }
    const path = '/apis/apps/v1/namespaces/default/deployments'
    await expectStatus(201, create(pod))
    await expectStatus(201, create(deployment, path))
    await withPolicy({}, { webhook: { clientConfig: { url: 'https://127.0.0.1:1/mutate' } } })
    const type = 'application/merge-patch+json'
    await expectStatus(200, cluster.send('PATCH', `${path}/scaled/scale`, { type, body: { spec: { replicas: 3 } } }))
    await expectStatus(
      200,
      cluster.send('PATCH', `${PODS}/${pod.metadata.name}/status`, { type, body: { status: { message: 'x' } } }),
    )
    const eviction = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name: pod.metadata.name } }
    await expectStatus(201, cluster.send('POST', `${PODS}/${pod.metadata.name}/eviction`, { body: eviction }))
    await expectStatus(200, cluster.send('DELETE', `${path}/scaled`))
    expect((await create(podOf(cluster.signed))).status).toBe(500)
  })

  test('DELETE and CONNECT are answered when they are registered, without a patch', async () => {
    const pod = podOf(cluster.unsigned)
    await expectStatus(201, create(pod))
    const rules = [
      { apiGroups: [''], apiVersions: ['v1'], resources: ['pods', 'pods/exec'], operations: ['DELETE', 'CONNECT'] },
    ]
    await withPolicy({}, { rules, webhook: { matchConditions: [] } })
    // There is no node to connect to, which is known only after admission.
    const exec = await cluster.send('POST', `${PODS}/${pod.metadata.name}/exec?command=ls&stdout=true`)
    expect(JSON.stringify(exec.body)).not.toContain('admission webhook')
    await expectStatus(200, cluster.send('DELETE', `${PODS}/${pod.metadata.name}`))
  })

  test('an excluded namespace is not asked about', async () => {
    await withPolicy()
    expect((await create(podOf(cluster.unsigned), '/api/v1/namespaces/kube-system/pods')).status).toBe(201)
  })

  test('a rule with a namespaceSelector reads the labels of the namespace, also of a new one', async () => {
    const kubernetes = kubernetesReader({ config: cluster.config() })
    closers.push(() => Promise.resolve(kubernetes.close()))
    const namespaceSelector = { matchLabels: { env: 'prod' } }
    const match = { any: [{ resources: { kinds: ['Pod'], namespaceSelector } }] }
    await withPolicy({ rule: { match } }, {}, { kubernetes })
    expect((await create(podOf(cluster.unsigned))).status).toBe(201)
    for (const env of ['prod', 'dev']) {
      const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: `team-${env}`, labels: { env } } }
      await expectStatus(201, create(namespace, '/api/v1/namespaces'))
    }
    expect((await create(podOf(cluster.unsigned), '/api/v1/namespaces/team-dev/pods')).status).toBe(201)
    expect(await create(podOf(cluster.unsigned), '/api/v1/namespaces/team-prod/pods')).toMatchObject(denied)
  })

  test('a rule with clusterRoles reads the bindings of the requester', async () => {
    const kubernetes = kubernetesReader({ config: cluster.config() })
    closers.push(() => Promise.resolve(kubernetes.close()))
    const exclude = { any: [{ clusterRoles: ['trusted'] }] }
    await withPolicy({ rule: { exclude } }, {}, { kubernetes })
    const rbac = '/apis/rbac.authorization.k8s.io/v1'
    const rules = [{ apiGroups: [''], resources: ['pods'], verbs: ['create'] }]
    for (const name of ['trusted', 'developer']) {
      const metadata = { name }
      const apiVersion = 'rbac.authorization.k8s.io/v1'
      await expectStatus(201, create({ apiVersion, kind: 'ClusterRole', metadata, rules }, `${rbac}/clusterroles`))
      const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name }
      const subjects = [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: `${name}-user` }]
      const binding = { apiVersion, kind: 'ClusterRoleBinding', metadata, roleRef, subjects }
      await expectStatus(201, create(binding, `${rbac}/clusterrolebindings`))
    }
    const as = (user: string): Promise<ApiAnswer> =>
      cluster.send('POST', PODS, { body: podOf(cluster.unsigned), as: user })
    // The API server's own authorization learns of a binding a moment later.
    for (const user of ['developer-user', 'trusted-user'])
      await until(async () => !JSON.stringify((await as(user)).body).includes('cannot create resource'))
    expect(await as('developer-user')).toMatchObject(denied)
    expect((await as('trusted-user')).status).toBe(201)
  })

  test('a custom resource is judged by imageExtractors', async () => {
    const definition = {
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: { name: 'tasks.example.com' },
      spec: {
        group: 'example.com',
        scope: 'Namespaced',
        names: { plural: 'tasks', singular: 'task', kind: 'Task' },
        versions: [
          {
            name: 'v1',
            served: true,
            storage: true,
            schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
          },
        ],
      },
    }
    await expectStatus(201, create(definition, '/apis/apiextensions.k8s.io/v1/customresourcedefinitions'))
    const rule = { imageExtractors: { Task: [{ path: '/spec/steps/*/image' }] } }
    const rules = [{ apiGroups: ['example.com'], apiVersions: ['v1'], resources: ['tasks'], operations: ['CREATE'] }]
    await withPolicy({ kinds: ['Task'], rule }, { rules })
    const path = '/apis/example.com/v1/namespaces/default/tasks'
    const task = (name: string, image: string): object => ({
      apiVersion: 'example.com/v1',
      kind: 'Task',
      metadata: { name },
      spec: { steps: [{ image }] },
    })
    expect(JSON.stringify(await expectStatus(201, create(task('signed', cluster.signed), path)))).toContain(pinned())
    expect(await create(task('unsigned', cluster.unsigned), path)).toMatchObject(denied)
  })

  test.each([
    ['Fail', 500],
    ['Ignore', 201],
  ] as const)(
    'an API server that asks the webhook with failurePolicy %s, a webhook that is down answers %i',
    async (failurePolicy, status) => {
      await withPolicy({}, { failurePolicy, webhook: { clientConfig: { url: 'https://127.0.0.1:1/mutate' } } })
      expect((await create(podOf(cluster.unsigned))).status).toBe(status)
    },
  )

  test.each(['Fail', 'Ignore'] as const)(
    'with failurePolicy %s, a registry that hangs is denied in time: no answer would be a failure of the webhook',
    async (failurePolicy) => {
      // A busy machine must not make the answer late.
      await withPolicy({}, { failurePolicy, timeoutSeconds: 5 }, {}, { reserveMs: 3_000 })
      cluster.registryFault({ hang: true })
      const started = performance.now()
      expect((await create(podOf(cluster.signed))).status).toBe(503)
      expect(performance.now() - started).toBeLessThan(5_000)
    },
  )

  test('a slow registry delays a Pod, and an overloaded webhook denies with 429, whatever the failure policy', async () => {
    const policies = parsePolicies(JSON.stringify(policyOf(cluster)))
    const verifier = createImageVerifier({ policies, registry: cluster.world.registryClient() })
    const limits = { concurrency: 1, queue: 1 }
    const { close } = await startWebhook(cluster, { verifier, limits }, { failurePolicy: 'Ignore' })
    closers.push(close)
    cluster.registryFault({ delayMs: 300 })
    const answers = await Promise.all(Array.from({ length: 8 }, () => create(podOf(cluster.signed))))
    const statuses = answers.map(({ status }) => status)
    expect(new Set(statuses)).toEqual(new Set([201, 429]))
    for (const { status, body } of answers) if (status === 201) expect(imageOf(body)).toBe(pinned())
  })

  describe('another webhook', () => {
    /**
     * Registers a webhook that replaces the image of each Pod; configurations are called in the order of their names.
     */
    async function replacingBy(image: string, name: 'a-first' | 'z-last'): Promise<void> {
      const tls = createTlsCertificate({ host: '127.0.0.1' })
      const server = createServer(tls, (incoming, outgoing) => {
        let text = ''
        incoming.on('data', (chunk) => void (text += String(chunk)))
        incoming.on('end', () => {
          const { uid } = JSON.parse(text).request
          const patch = [{ op: 'replace', path: '/spec/containers/0/image', value: image }]
          const response = {
            uid,
            allowed: true,
            patchType: 'JSONPatch',
            patch: Buffer.from(JSON.stringify(patch)).toString('base64'),
          }
          outgoing.setHeader('content-type', 'application/json')
          outgoing.end(JSON.stringify({ apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', response }))
        })
      })
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
      const { port } = server.address() as AddressInfo
      const configuration = {
        apiVersion: 'admissionregistration.k8s.io/v1',
        kind: 'MutatingWebhookConfiguration',
        metadata: { name },
        webhooks: [
          {
            name: `${name}.example.com`,
            rules: [{ apiGroups: [''], apiVersions: ['v1'], resources: ['pods'], operations: ['CREATE'] }],
            clientConfig: {
              url: `https://127.0.0.1:${String(port)}/`,
              caBundle: Buffer.from(tls.cert).toString('base64'),
            },
            sideEffects: 'None',
            admissionReviewVersions: ['v1'],
            reinvocationPolicy: 'IfNeeded',
          },
        ],
      }
      const path = '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations'
      await expectStatus(201, create(configuration, path))
      closers.push(async () => {
        await cluster.send('DELETE', `${path}/${name}`)
        server.closeAllConnections()
        await new Promise((resolve) => server.close(resolve))
      })
      await new Promise((resolve) => setTimeout(resolve, 1_000))
    }

    test('that puts in an unsigned image before ours is seen by the mutating endpoint', async () => {
      await withPolicy()
      await replacingBy(cluster.unsigned, 'a-first')
      expect(await create(podOf(cluster.signed))).toMatchObject(denied)
    })

    test('that puts in an unsigned image after ours never gets it stored', async () => {
      await withPolicy()
      await replacingBy(cluster.unsigned, 'z-last')
      expect(await create(podOf(cluster.signed))).toMatchObject(denied)
    })

    test('that removes the digest again is denied by the validating endpoint, and only by it', async () => {
      await withPolicy({}, { endpoints: ['mutate'] })
      await replacingBy(cluster.signed, 'z-last')
      expect((await create(podOf(cluster.signed))).status).toBe(201)
      await closers.splice(0, 1)[0]?.()
      await withPolicy()
      const { status, body } = await create(podOf(cluster.signed))
      expect([status, body['message']]).toEqual([403, expect.stringContaining('not pinned to the digest')])
    })
  })
})
