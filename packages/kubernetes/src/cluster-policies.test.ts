import { afterEach, beforeEach, expect, test } from 'vitest'
import { clusterPolicies, type ClusterPoliciesOptions } from './cluster-policies.ts'
import type { PolicyDocuments } from './policy-feed.ts'
import { sendStatus, startLoopbackApiServer, type LoopbackApiServer } from './testing/loopback-api-server.ts'

const CLUSTER = '/apis/kyverno.io/v1/clusterpolicies'
const NAMESPACED = '/apis/kyverno.io/v1/policies'
const EXCEPTIONS = '/apis/kyverno.io/v2/policyexceptions'

let server: LoopbackApiServer
const closers: (() => void)[] = []
beforeEach(async () => {
  server = await startLoopbackApiServer()
})
afterEach(async () => {
  for (const close of closers.splice(0)) close()
  await server.close()
})

interface Followed {
  readonly documents: PolicyDocuments[]
  readonly problems: (string | undefined)[]
  readonly reportBroken: (source: string, message: string) => Promise<void>
}

function follow(options: Omit<ClusterPoliciesOptions, 'config'> = {}): Followed {
  const feed = clusterPolicies({ config: server.config, times: { retryMaxMs: 10 }, ...options })
  const documents: PolicyDocuments[] = []
  const problems: (string | undefined)[] = []
  const end = feed.start({
    changed: (found) => documents.push(found),
    problem: (message) => problems.push(message),
  })
  closers.push(end)
  return {
    documents,
    problems,
    reportBroken: (source, message) => feed.reportBroken?.([{ source, message }]) ?? Promise.resolve(),
  }
}

const policy = (name: string, namespace?: string, more: object = {}): never =>
  ({
    apiVersion: 'kyverno.io/v1',
    kind: namespace === undefined ? 'ClusterPolicy' : 'Policy',
    metadata: { name, ...(namespace === undefined ? {} : { namespace }), uid: `uid-of-${name}` },
    spec: { rules: [] },
    ...more,
  }) as never
const exception = (name: string, namespace: string): never =>
  ({ apiVersion: 'kyverno.io/v2', kind: 'PolicyException', metadata: { name, namespace }, spec: {} }) as never

const sourcesOf = ({ documents }: Followed): readonly string[] =>
  [...(documents.at(-1)?.policies ?? []), ...(documents.at(-1)?.exceptions ?? [])].map(({ source }) => source)

test('reports both kinds of policy sorted by name, and each change of them', async () => {
  server.put(CLUSTER, policy('b'))
  server.put(CLUSTER, policy('a'))
  server.put(NAMESPACED, policy('c', 'team'))
  const followed = follow()
  await expect.poll(() => sourcesOf(followed)).toEqual(['ClusterPolicy/a', 'ClusterPolicy/b', 'Policy/team/c'])
  await expect.poll(() => server.openWatches()).toBe(2)
  server.remove(CLUSTER, policy('b'))
  await expect.poll(() => sourcesOf(followed)).toEqual(['ClusterPolicy/a', 'Policy/team/c'])
})

test('reports nothing before every kind has been listed', async () => {
  server.put(CLUSTER, policy('a'))
  server.intercept = ({ url }, response) => {
    if (url?.startsWith(NAMESPACED) !== true) return false
    sendStatus(response, 503, 'not now')
    return true
  }
  const followed = follow()
  await expect.poll(() => followed.problems).toContain(`${NAMESPACED}: not now`)
  expect(followed.documents).toEqual([])
  server.intercept = undefined
  await expect.poll(() => sourcesOf(followed)).toEqual(['ClusterPolicy/a'])
  expect(followed.problems.at(-1)).toBeUndefined()
})

test('reports the same document after a change of status or of managed fields', async () => {
  server.put(CLUSTER, policy('a', undefined, { status: { ready: false } }))
  const followed = follow()
  await expect.poll(() => followed.documents.length).toBe(1)
  await expect.poll(() => server.openWatches()).toBe(2)
  server.put(CLUSTER, policy('a', undefined, { status: { ready: true } }))
  await expect.poll(() => followed.documents.length).toBe(2)
  expect(followed.documents[1]).toEqual(followed.documents[0])
  server.put(CLUSTER, policy('a', undefined, { spec: { rules: [{ name: 'x' }] } }))
  await expect.poll(() => followed.documents.length).toBe(3)
  expect(followed.documents[2]).not.toEqual(followed.documents[0])
})

test('keeps labels and annotations, which Kyverno reads', async () => {
  const metadata = {
    name: 'a',
    labels: { team: 'x' },
    annotations: { 'pod-policies.kyverno.io/autogen-controllers': 'none' },
  }
  server.put(CLUSTER, policy('a', undefined, { metadata }))
  const followed = follow()
  await expect.poll(() => followed.documents.length).toBe(1)
  const [{ text } = { text: '{}' }] = followed.documents[0]?.policies ?? []
  expect(JSON.parse(text).metadata).toEqual(metadata)
})

test.each<[readonly string[], readonly string[]]>([
  [['security'], ['PolicyException/security/a']],
  [['other'], []],
  [['*'], ['PolicyException/security/a', 'PolicyException/team/b']],
])('with the exception namespaces %j takes %j', async (exceptionNamespaces, expected) => {
  server.put(EXCEPTIONS, exception('a', 'security'))
  server.put(EXCEPTIONS, exception('b', 'team'))
  const followed = follow({ exceptionNamespaces })
  await expect.poll(() => followed.documents.length).toBeGreaterThan(0)
  expect(sourcesOf(followed)).toEqual(expected)
})

test('does not ask for exceptions unless a namespace of them is named', async () => {
  server.put(EXCEPTIONS, exception('a', 'security'))
  const followed = follow()
  await expect.poll(() => followed.documents.length).toBeGreaterThan(0)
  expect(sourcesOf(followed)).toEqual([])
  expect(server.requests).not.toContain(`GET ${EXCEPTIONS}`)
})

test('writes an Event for a broken policy of the cluster, in its namespace', async () => {
  server.put(CLUSTER, policy('a'))
  server.put(NAMESPACED, policy('b', 'team'))
  const { documents, reportBroken } = follow()
  await expect.poll(() => documents.length).toBe(1)
  await reportBroken('Policy/team/b', 'rules: expected an array')
  await reportBroken('ClusterPolicy/a', 'x')
  await reportBroken('ClusterPolicy/unknown', 'x')
  expect(server.created).toMatchObject([
    {
      kind: 'Event',
      metadata: { namespace: 'team' },
      note: 'not in use: rules: expected an array',
      regarding: { kind: 'Policy', name: 'b', namespace: 'team', uid: 'uid-of-b' },
    },
    { metadata: { namespace: 'default' }, regarding: { kind: 'ClusterPolicy', name: 'a' } },
  ])
})

test('ends its watches', async () => {
  const { documents } = follow()
  await expect.poll(() => documents.length).toBe(1)
  await expect.poll(() => server.openWatches()).toBe(2)
  for (const close of closers.splice(0)) close()
  await expect.poll(() => server.openWatches()).toBe(0)
})

test.each([{}, { config: {} }, { exceptionNamespaces: 'team' }, { exceptionNamespaces: [1] }, { time: {} }])(
  'refuses the options %j',
  (options) => {
    const config = Object.keys(options).some((key) => key !== 'config') ? { config: server.config } : {}
    expect(() => clusterPolicies({ ...config, ...options } as never)).toThrow(
      expect.objectContaining({ code: 'KUBERNETES_OPTIONS_INVALID' }),
    )
  },
)
