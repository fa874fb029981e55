import { KubeConfig } from '@kubernetes/client-node'
import type { ServerResponse } from 'node:http'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createClusterClient, type ClusterClient, type WatchEvent } from './cluster-client.ts'
import { MAX_ANSWER_BYTES, MAX_ANSWER_DEPTH, MAX_ANSWER_TOKENS, MAX_EVENT_BYTES } from './limits.ts'
import {
  configFor,
  sendJson,
  sendStatus,
  startLoopbackApiServer,
  type LoopbackApiServer,
} from './testing/loopback-api-server.ts'

const { signal } = new AbortController()
const PATH = '/api/v1/namespaces/team/configmaps/allowed'

let server: LoopbackApiServer
let client: ClusterClient
beforeEach(async () => {
  server = await startLoopbackApiServer()
  client = createClusterClient(server.config)
})
afterEach(() => server.close())

const answerWith = (answer: (response: ServerResponse) => void): void => {
  server.intercept = (_, response) => {
    answer(response)
    return true
  }
}

async function eventsOf(body: (response: ServerResponse) => void): Promise<readonly WatchEvent[]> {
  answerWith(body)
  const events: WatchEvent[] = []
  for await (const event of client.watch('/api/v1/namespaces?watch=1', signal, () => undefined)) events.push(event)
  return events
}

test('sends a JSON body with the credentials of the kubeconfig, and returns the JSON of the answer', async () => {
  let header: string | undefined
  server.intercept = ({ headers }) => {
    header = headers.authorization
    return false
  }
  const path = '/apis/authorization.k8s.io/v1/subjectaccessreviews'
  expect(await client.send({ method: 'POST', path, body: { spec: { user: 'alice' } } }, signal)).toEqual({
    spec: { user: 'alice' },
  })
  expect([header, server.created]).toEqual(['Bearer token-of-the-webhook', [{ spec: { user: 'alice' } }]])
})

test('returns undefined for an object that does not exist, and the object otherwise', async () => {
  expect(await client.read(PATH, signal)).toBeUndefined()
  server.put('/api/v1/configmaps', { metadata: { name: 'allowed', namespace: 'team' } })
  expect(await client.read(PATH, signal)).toMatchObject({ metadata: { name: 'allowed' } })
})

test('throws the message and the status that the API server states for a refused request', async () => {
  answerWith((response) => sendStatus(response, 403, 'configmaps "allowed" is forbidden'))
  await expect(client.read(PATH, signal)).rejects.toMatchObject({
    code: 'KUBERNETES_REQUEST_FAILED',
    status: 403,
    message: 'configmaps "allowed" is forbidden',
  })
})

test.each(['<html>', '{"kind":"Pod","message":"x"}', '{"kind":"Status"}', '['.repeat(100_000)])(
  'names path and status of a refused request whose body is no Status (%#)',
  async (body) => {
    answerWith((response) => response.writeHead(502).end(body))
    await expect(client.read(PATH, signal)).rejects.toMatchObject({ status: 502, message: `${PATH}: HTTP 502` })
  },
)

const nested = (depth: number): string => `${'['.repeat(depth)}${']'.repeat(depth)}`
const zeros = (count: number): string => `[${'0,'.repeat(count - 1)}0]`

test.each<[string, string | Uint8Array]>([
  ['is not JSON', '{"a":'],
  ['is not UTF-8', Uint8Array.of(0x22, 0xff, 0x22)],
  ['nests deeper than allowed', nested(MAX_ANSWER_DEPTH + 1)],
  ['has more tokens than allowed', zeros(MAX_ANSWER_TOKENS)],
  ['has more bytes than allowed', Buffer.alloc(MAX_ANSWER_BYTES + 1, 0x20)],
])('refuses an answer that %s', async (_, body) => {
  answerWith((response) => response.end(body))
  await expect(client.send({ method: 'GET', path: PATH }, signal)).rejects.toMatchObject({
    code: 'KUBERNETES_ANSWER_INVALID',
    message: expect.stringContaining(PATH),
  })
})

test('takes an answer of the deepest nesting and of the most tokens', async () => {
  answerWith((response) => response.end(nested(MAX_ANSWER_DEPTH)))
  expect(await client.send({ method: 'GET', path: PATH }, signal)).toBeInstanceOf(Array)
  answerWith((response) => response.end(zeros(MAX_ANSWER_TOKENS - 1)))
  expect(await client.send({ method: 'GET', path: PATH }, signal)).toHaveLength(MAX_ANSWER_TOKENS - 1)
})

test('refuses an array where an object is read', async () => {
  answerWith((response) => sendJson(response, 200, []))
  await expect(client.read(PATH, signal)).rejects.toMatchObject({ code: 'KUBERNETES_ANSWER_INVALID' })
})

test('names the cause when the API server cannot be reached', async () => {
  const { port } = new URL(server.config.getCurrentCluster()?.server ?? '')
  await server.close()
  await expect(createClusterClient(configFor(Number(port))).read(PATH, signal)).rejects.toMatchObject({
    code: 'KUBERNETES_REQUEST_FAILED',
    message: expect.stringContaining('the API server cannot be reached: ECONNREFUSED'),
  })
})

test('reports an answer that is cut off as a failed request', async () => {
  answerWith((response) => {
    response.writeHead(200, { 'content-length': '100' })
    response.write('{"a":')
    setTimeout(() => response.destroy(), 20)
  })
  await expect(client.read(PATH, signal)).rejects.toMatchObject({ code: 'KUBERNETES_REQUEST_FAILED' })
})

test('throws the reason of an aborted signal', async () => {
  const aborted = new AbortController()
  answerWith(() => aborted.abort(new Error('deadline')))
  await expect(client.read(PATH, aborted.signal)).rejects.toThrow('deadline')
})

test('says that a kubeconfig names no cluster', async () => {
  await expect(createClusterClient(new KubeConfig()).read(PATH, signal)).rejects.toMatchObject({
    code: 'KUBERNETES_REQUEST_FAILED',
    message: 'the kubeconfig names no cluster',
  })
})

test('yields the events of a watch whose lines are cut anywhere, and drops an incomplete last one', async () => {
  const lines = ['a', 'b', 'ü'].map((name) => JSON.stringify({ type: 'ADDED', object: { metadata: { name } } }))
  const bytes = Buffer.from(`${lines.join('\n')}\n{"type":"ADDED","obj`)
  const events = await eventsOf((response) => {
    void (async () => {
      for (let i = 0; i < bytes.length; i += 7) {
        response.write(bytes.subarray(i, i + 7))
        await new Promise((resolve) => setImmediate(resolve))
      }
      response.end()
    })()
  })
  expect(events.map(({ object }) => Object(object['metadata']).name)).toEqual(['a', 'b', 'ü'])
})

test.each(['[]', '{"type":"ADDED"}', '{"object":{}}', '{"type":1,"object":{}}', '{"type":"ADDED","object":[]}', 'x'])(
  'refuses the line %s of a watch',
  async (line) => {
    await expect(eventsOf((response) => response.end(`${line}\n`))).rejects.toMatchObject({
      code: 'KUBERNETES_ANSWER_INVALID',
    })
  },
)

test('refuses an event of a watch that is larger than allowed before its line ends', async () => {
  await expect(eventsOf((response) => response.write(Buffer.alloc(MAX_EVENT_BYTES + 1, 0x20)))).rejects.toMatchObject({
    code: 'KUBERNETES_ANSWER_INVALID',
    message: expect.stringContaining('watch event'),
  })
})
