import { createImageVerifier, parsePolicies } from '@verify-images/core'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { findAssets, START_MS, type ApiAnswer } from './testing/api-server.ts'
import {
  expectStatus,
  podOf,
  policyOf,
  startCluster,
  startWebhook,
  type Cluster,
  type PolicyParts,
  type RunningWebhook,
} from './testing/cluster.ts'

const assets = findAssets()

const PODS = '/api/v1/namespaces/default/pods'
const JOBS = '/apis/batch/v1/namespaces/default/jobs'
const MERGE = 'application/merge-patch+json'
const finalizers = ['example.com/wait']

describe.skipIf(assets === undefined)('objects that were there before the policy', { timeout: 60_000 }, () => {
  let cluster: Cluster
  let webhook: RunningWebhook | undefined
  beforeAll(async () => {
    cluster = await startCluster(assets ?? '')
  }, START_MS + 60_000)
  afterAll(() => cluster.close(), 30_000)
  afterEach(async () => {
    cluster.registryFault(undefined)
    await webhook?.close()
    webhook = undefined
  })

  /** With and without the matchCondition that is shipped: the webhook must say the same by itself. */
  async function enforce(parts: PolicyParts, matchConditions: boolean, skipUnchangedImages = false): Promise<void> {
    const policies = parsePolicies(JSON.stringify(policyOf(cluster, parts)))
    const registry = cluster.world.registryClient()
    const verifier = createImageVerifier({ policies, registry, skipUnchangedImages })
    webhook = await startWebhook(cluster, { verifier }, matchConditions ? {} : { webhook: { matchConditions: [] } })
  }
  const created = async (path: string, object: { metadata: { name: string } }): Promise<string> => {
    await expectStatus(201, cluster.send('POST', `${path}?fieldValidation=Strict`, { body: object }))
    return `${path}/${object.metadata.name}`
  }
  const patch = (path: string, body: object): Promise<ApiAnswer> => cluster.send('PATCH', path, { type: MERGE, body })
  const job = (image: string, metadata: object = {}): { metadata: { name: string } } => ({
    ...{ apiVersion: 'batch/v1', kind: 'Job' },
    metadata: { ...podOf(image).metadata, ...metadata },
    ...{
      spec: { suspend: true, template: { spec: { restartPolicy: 'Never', containers: [{ name: 'app', image }] } } },
    },
  })
  const byLabel: PolicyParts = {
    rule: { match: { any: [{ resources: { kinds: ['Pod', 'Job'], selector: { matchLabels: { app: '*' } } } }] } },
  }

  test.each([true, false])(
    'a Pod that is being deleted loses its finalizer, also while the registry is down (matchCondition: %j)',
    async (matchCondition) => {
      const pod = await created(PODS, podOf(cluster.unsigned, { finalizers }))
      await enforce({}, matchCondition)
      cluster.registryFault({ hang: true })
      await expectStatus(200, cluster.send('DELETE', pod, { body: { gracePeriodSeconds: 0 } }))
      const started = performance.now()
      await expectStatus(200, patch(pod, { metadata: { finalizers: [] } }))
      expect(performance.now() - started).toBeLessThan(2_000)
      expect((await cluster.send('GET', pod)).status).toBe(404)
    },
  )

  test('a Pod that is being deleted is judged if its image changes', async () => {
    const pod = await created(PODS, podOf(cluster.signed, { finalizers }))
    await enforce({}, true)
    await expectStatus(200, cluster.send('DELETE', pod, { body: { gracePeriodSeconds: 0 } }))
    const change = [{ op: 'replace', path: '/spec/containers/0/image', value: cluster.unsigned }]
    const { status } = await cluster.send('PATCH', pod, { type: 'application/json-patch+json', body: change })
    expect(status).toBe(403)
    await expectStatus(200, patch(pod, { metadata: { finalizers: [] } }))
  })

  test.each([true, false])(
    'an unsigned, unpinned Job changes its labels and is suspended, and is not resumed (matchCondition: %j)',
    async (matchCondition) => {
      const path = await created(JOBS, job(cluster.unsigned))
      await enforce({ kinds: ['Pod', 'Job'] }, matchCondition)
      await expectStatus(200, patch(path, { metadata: { labels: { app: 'x' } } }))
      await expectStatus(200, patch(path, { spec: { suspend: true, parallelism: 2 } }))
      expect((await patch(path, { spec: { suspend: false } })).status).toBe(403)
      await expectStatus(200, patch(path, { metadata: { finalizers } }))
      await expectStatus(200, patch(path, { metadata: { finalizers: [] } }))
    },
  )

  test('a label that brings a Job into the scope of a rule is judged; a signed one is not pinned, so it is stored', async () => {
    const unsigned = await created(JOBS, job(cluster.unsigned))
    const signed = await created(JOBS, job(cluster.signed))
    await enforce(byLabel, true)
    expect((await patch(unsigned, { metadata: { labels: { app: 'x' } } })).status).toBe(403)
    const stored = await expectStatus(200, patch(signed, { metadata: { labels: { app: 'x' } } }))
    expect(JSON.stringify(stored['spec'])).toContain(`"image":"${cluster.signed}"`)
  })

  test('an unsigned running Pod changes nothing, and with `skipUnchangedImages` all but its image', async () => {
    const pod = await created(PODS, podOf(cluster.unsigned, { finalizers }))
    await enforce({}, true)
    expect((await patch(pod, { metadata: { finalizers: [] } })).status).toBe(403)
    expect((await patch(pod, { metadata: { labels: { team: 'x' } } })).status).toBe(403)
    await webhook?.close()
    await enforce({}, true, true)
    await expectStatus(200, patch(pod, { metadata: { finalizers: [] } }))
    await expectStatus(200, patch(pod, { metadata: { labels: { team: 'x' } } }))
    const change = [{ op: 'replace', path: '/spec/containers/0/image', value: 'registry.test/team/tool:2' }]
    const { status } = await cluster.send('PATCH', pod, { type: 'application/json-patch+json', body: change })
    expect(status).toBe(403)
  })

  test('an unpinned ephemeral container does not keep its Pod from being updated', async () => {
    const pod = await created(PODS, podOf(cluster.signed))
    const debug = { spec: { ephemeralContainers: [{ name: 'debug', image: cluster.signed }] } }
    const type = 'application/strategic-merge-patch+json'
    await expectStatus(200, cluster.send('PATCH', `${pod}/ephemeralcontainers`, { type, body: debug }))
    await enforce({}, true)
    const { spec } = await expectStatus(200, patch(pod, { metadata: { labels: { team: 'x' } } }))
    expect(Object(spec).containers[0].image).toBe(`${cluster.signed}@${cluster.signedDigest}`)
    expect(Object(spec).ephemeralContainers[0].image).toBe(cluster.signed)
  })
})
