import { parsePolicies } from '@verify-images/core'
import {
  clusterPolicies,
  kubernetesReader,
  minimalRbac,
  watchPolicies,
  type WatchedPolicies,
} from '@verify-images/kubernetes'
import type { KubeConfig } from '@kubernetes/client-node'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { findAssets, START_MS } from './testing/api-server.ts'
import { expectStatus, podOf, policyOf, startCluster, startWebhook, until, type Cluster } from './testing/cluster.ts'
import { startFaultProxy, type FaultProxy, type ProxyFault } from './testing/fault-proxy.ts'

const assets = findAssets()

const POLICIES = '/apis/kyverno.io/v1/clusterpolicies'
const { signal } = new AbortController()

describe.skipIf(assets === undefined)('policies of a cluster', { timeout: 60_000 }, () => {
  let cluster: Cluster
  const closers: (() => unknown)[] = []
  beforeAll(async () => {
    cluster = await startCluster(assets ?? '')
  }, START_MS + 60_000)
  afterAll(() => cluster.close(), 30_000)
  afterEach(async () => {
    for (const close of closers.splice(0).reverse()) await close()
    await cluster.send('DELETE', POLICIES)
  })

  const put = async (policy: object): Promise<void> => {
    const { name } = Object(policy).metadata
    const found = await cluster.send('GET', `${POLICIES}/${String(name)}`)
    if (found.status === 404) await expectStatus(201, cluster.send('POST', POLICIES, { body: policy }))
    else {
      const type = 'application/merge-patch+json'
      await expectStatus(200, cluster.send('PATCH', `${POLICIES}/${String(name)}`, { type, body: policy }))
    }
  }
  const forJobs = (name = 'signed'): object => policyOf(cluster, { name, kinds: ['Job'] })
  function watch(config: KubeConfig = cluster.config(), exceptionNamespaces: readonly string[] = []): WatchedPolicies {
    const times = { idleMs: 2_000, retryMaxMs: 500 }
    const watched = watchPolicies({
      from: clusterPolicies({ config, exceptionNamespaces, times }),
      verifier: { registry: cluster.world.registryClient() },
    })
    closers.push(watched.close)
    return watched
  }
  const admits = async ({ current }: WatchedPolicies, image = cluster.unsigned): Promise<boolean | undefined> =>
    (await current()?.verifyImage(image))?.admitted

  test('policies of a cluster are in use from the start, and follow each change', async () => {
    await put(policyOf(cluster))
    const watched = watch()
    await watched.ready(AbortSignal.timeout(20_000))
    expect([await admits(watched), await admits(watched, cluster.signed)]).toEqual([false, true])
    await put(forJobs())
    await until(async () => (await admits(watched)) === true)
    await put(policyOf(cluster, { name: 'second' }))
    await until(async () => (await admits(watched)) === false)
    await cluster.send('DELETE', `${POLICIES}/second`)
    await until(async () => (await admits(watched)) === true)
  })

  test('exceptions count in trusted namespaces only', async () => {
    await put(policyOf(cluster))
    const watched = watch(cluster.config(), ['kube-system'])
    await watched.ready(AbortSignal.timeout(20_000))
    const exceptions = (namespace: string): string => `/apis/kyverno.io/v2/namespaces/${namespace}/policyexceptions`
    const exception = {
      apiVersion: 'kyverno.io/v2',
      kind: 'PolicyException',
      metadata: { name: 'tool' },
      spec: {
        match: { any: [{ resources: { kinds: ['Pod'] } }] },
        exceptions: [{ policyName: 'signed', ruleNames: ['*'] }],
      },
    }
    await expectStatus(201, cluster.send('POST', exceptions('default'), { body: exception }))
    await new Promise((resolve) => setTimeout(resolve, 1_000))
    expect(await admits(watched)).toBe(false)
    await expectStatus(201, cluster.send('POST', exceptions('kube-system'), { body: exception }))
    await until(async () => (await admits(watched)) === true)
    for (const namespace of ['default', 'kube-system']) await cluster.send('DELETE', `${exceptions(namespace)}/tool`)
  })

  test('that are broken keep the last good set, and have an Event', async () => {
    await put(policyOf(cluster))
    const watched = watch()
    await watched.ready(AbortSignal.timeout(20_000))
    await put({ ...policyOf(cluster, { name: 'broken' }), spec: { rules: [{ name: 'check' }] } })
    await until(() => Promise.resolve(watched.counts().broken === 1))
    expect(await admits(watched)).toBe(false)
    expect(watched.readiness()).toMatchObject({ ready: true, message: expect.stringContaining('ClusterPolicy/broken') })
    await until(async () => {
      const { body } = await cluster.send('GET', '/apis/events.k8s.io/v1/namespaces/default/events')
      const events: readonly object[] = Object(body['items'])
      return events.some((event) => {
        const { reason, regarding } = Object(event)
        return reason === 'PolicyBroken' && regarding.name === 'broken'
      })
    })
    await cluster.send('DELETE', `${POLICIES}/broken`)
    await until(() => Promise.resolve(watched.counts().broken === 0))
    expect(watched.readiness()).toEqual({ ready: true })
  })

  describe('behind a connection with faults', () => {
    let fault: (path: string, count: number) => ProxyFault | undefined = () => undefined
    let proxy: FaultProxy
    beforeAll(async () => {
      proxy = await startFaultProxy(cluster, (path, count) => fault(path, count))
    })
    afterAll(() => proxy.close())
    afterEach(() => {
      fault = () => undefined
    })
    const throughProxy = (): KubeConfig => {
      const config = cluster.config(proxy.url)
      for (const each of config.clusters) Reflect.set(each, 'caData', Buffer.from(proxy.certificate).toString('base64'))
      return config
    }
    const isWatch = (path: string): boolean => path.includes('watch=1') && path.includes(POLICIES)

    async function followsAfter(disturb: () => void | Promise<void>): Promise<void> {
      await put(policyOf(cluster))
      const watched = watch(throughProxy())
      await watched.ready(AbortSignal.timeout(20_000))
      expect(await admits(watched)).toBe(false)
      await disturb()
      await put(forJobs())
      await until(async () => (await admits(watched)) === true)
      fault = () => undefined
      await until(() => Promise.resolve(watched.readiness().message === undefined))
    }

    test('a connection that is cut is made again from the last version', async () => {
      const before = proxy.requests.length
      await followsAfter(() => proxy.cutAll())
      const asked = proxy.requests.slice(before).filter((path) => path.includes(POLICIES))
      // One list, and no other: a cut loses nothing.
      expect(asked.filter((path) => path.includes('limit='))).toHaveLength(1)
      expect(asked.filter(isWatch).length).toBeGreaterThan(1)
    })

    test('a version that the API server no longer knows (410) is listed anew', async () => {
      let answered = 0
      const before = proxy.requests.length
      await followsAfter(() => {
        fault = (path) => (isWatch(path) && answered++ < 2 ? { kind: 'status', status: 410 } : undefined)
        proxy.cutAll()
      })
      const lists = proxy.requests.slice(before).filter((path) => path.includes(POLICIES) && path.includes('limit='))
      expect(lists.length).toBeGreaterThan(1)
    })

    test.each([429, 500, 409])('requests that are answered %i are made again', async (status) => {
      let answered = 0
      await followsAfter(() => {
        fault = () => (answered++ < 4 ? { kind: 'status', status } : undefined)
        proxy.cutAll()
      })
      expect(answered).toBeGreaterThanOrEqual(4)
    })

    test('a watch that is cut in the middle of an event is not half believed', async () => {
      await followsAfter(() => {
        let answered = 0
        fault = (path) => (isWatch(path) && answered++ < 2 ? { kind: 'cut', bytes: 200 } : undefined)
        proxy.cutAll()
      })
    })

    test('a watch that hangs is given up, and a slow API server only delays', async () => {
      await followsAfter(() => {
        let answered = 0
        fault = (path) => {
          if (!isWatch(path)) return { kind: 'delay', ms: 500 }
          return answered++ < 1 ? { kind: 'hang' } : undefined
        }
        proxy.cutAll()
      })
    })

    test('an API server that is out of reach keeps the last good set, and says so', async () => {
      await put(policyOf(cluster))
      const watched = watch(throughProxy())
      await watched.ready(AbortSignal.timeout(20_000))
      fault = () => ({ kind: 'status', status: 503 })
      proxy.cutAll()
      // The watch that was cut is the first thing that it says.
      await until(() => Promise.resolve(watched.readiness().message?.includes('injected 503') === true))
      expect(watched.readiness().ready).toBe(true)
      expect(await admits(watched)).toBe(false)
    })
  })

  test('a reload under load decides each review by the old or by the new policies, and drops none', async () => {
    await put(policyOf(cluster))
    const watched = watch()
    await watched.ready(AbortSignal.timeout(20_000))
    const { close } = await startWebhook(cluster, { verifier: watched })
    closers.push(close)
    let running = true
    const statuses: number[] = []
    const load = async (): Promise<void> => {
      while (running) {
        const path = '/api/v1/namespaces/default/pods?dryRun=All'
        statuses.push((await cluster.send('POST', path, { body: podOf(cluster.unsigned) })).status)
      }
    }
    const workers = Array.from({ length: 4 }, load)
    for (let i = 0; i < 5; i++) {
      await put(i % 2 === 0 ? forJobs() : policyOf(cluster))
      await new Promise((resolve) => setTimeout(resolve, 500))
    }
    running = false
    await Promise.all(workers)
    expect(new Set(statuses)).toEqual(new Set([201, 403]))
    expect(watched.counts().refused).toBe(0)
  })

  test('the roles of `minimalRbac` are enough to follow policies and read what they name, and for nothing else', async () => {
    const context = [{ name: 'allowed', configMap: { name: 'allowed', namespace: 'default' } }]
    const namespaceSelector = { matchLabels: { env: 'prod' } }
    const match = { any: [{ resources: { kinds: ['Pod'], namespaceSelector } }] }
    const policies = parsePolicies(JSON.stringify(policyOf(cluster, { rule: { context, match } })))
    const serviceAccount = { namespace: 'default', name: 'webhook' }
    const secrets = ['default/pull']
    for (const object of minimalRbac({ policies, serviceAccount, from: 'cluster', secrets })) {
      const { kind, metadata } = Object(object)
      const place = metadata.namespace === undefined ? '' : `/namespaces/${String(metadata.namespace)}`
      const path = `/apis/rbac.authorization.k8s.io/v1${place}/${String(kind).toLowerCase()}s`
      await expectStatus(201, cluster.send('POST', `${path}?fieldValidation=Strict`, { body: object }))
    }
    const allowed = async (verb: string, resource: string, name: string, group = ''): Promise<unknown> => {
      const { body } = await cluster.send('POST', '/apis/authorization.k8s.io/v1/subjectaccessreviews', {
        body: {
          apiVersion: 'authorization.k8s.io/v1',
          kind: 'SubjectAccessReview',
          spec: {
            user: 'system:serviceaccount:default:webhook',
            resourceAttributes: { verb, resource, name, group, namespace: 'default' },
          },
        },
      })
      return Object(body['status']).allowed
    }
    expect(await allowed('get', 'configmaps', 'allowed')).toBe(true)
    expect(await allowed('get', 'secrets', 'pull')).toBe(true)
    expect(await allowed('watch', 'namespaces', '')).toBe(true)
    expect(await allowed('watch', 'clusterpolicies', '', 'kyverno.io')).toBe(true)
    expect(await allowed('create', 'events', '', 'events.k8s.io')).toBe(true)
    expect(await allowed('get', 'configmaps', 'other')).toBe(false)
    expect(await allowed('get', 'secrets', 'other')).toBe(false)
    expect(await allowed('list', 'secrets', '')).toBe(false)
    expect(await allowed('update', 'namespaces', 'default')).toBe(false)
  })

  test('the reader reads Secrets and ConfigMaps, and what it may not read is missing or an error', async () => {
    const base = '/api/v1/namespaces/default'
    const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'pull' }, data: { a: 'YQ==' } }
    const map = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'map' }, data: { a: 'b' } }
    await expectStatus(201, cluster.send('POST', `${base}/secrets`, { body: secret }))
    await expectStatus(201, cluster.send('POST', `${base}/configmaps`, { body: map }))
    const apiCalls = ['/api/v1/namespaces/*/configmaps/*']
    const reader = kubernetesReader({ config: cluster.config(), secrets: ['default/pull'], apiCalls })
    closers.push(reader.close)
    expect(await reader.read('Secret', 'default', 'pull', signal)).toMatchObject({ data: { a: 'YQ==' } })
    expect(await reader.read('Secret', 'kube-system', 'pull', signal)).toBeUndefined()
    expect(await reader.read('ConfigMap', 'default', 'map', signal)).toMatchObject({ data: { a: 'b' } })
    expect(await reader.read('ConfigMap', 'default', 'none', signal)).toBeUndefined()
    expect(await reader.read('Namespace', undefined, 'default', signal)).toMatchObject({
      metadata: { labels: { 'kubernetes.io/metadata.name': 'default' } },
    })
    const call = (path: string): Promise<unknown> => reader.call({ target: 'kubernetes', method: 'GET', path }, signal)
    expect(await call('/api/v1/namespaces/default/configmaps/map')).toMatchObject({ data: { a: 'b' } })
    await expect(call('/api/v1/namespaces/default/secrets/pull')).rejects.toMatchObject({
      code: 'KUBERNETES_CALL_REFUSED',
    })
    expect(reader.readiness()).toEqual({ ready: true })
  })
})
