// Reviews per second through the whole webhook: TLS, JSON, verdict, patch.
//
//   pnpm bench:webhook [--reviews 100000]     # the second form also shows that memory stays flat

import { once } from 'node:events'
import { fork } from 'node:child_process'
import { Agent, request } from 'node:https'
import { parseArgs } from 'node:util'
import { createSigningWorld, createTlsCertificate } from '@verify-images/testing'

const CONNECTIONS = 16
const { values } = parseArgs({ options: { reviews: { type: 'string', default: '2000' } } })
const tls = createTlsCertificate({ host: '127.0.0.1' })
let fault = () => undefined
const world = await createSigningWorld({ faults: (asked) => fault(asked) })
const image = world.image('registry.test/team/app:1').signedBy(world.key('release'))
const policy = JSON.stringify({
  apiVersion: 'kyverno.io/v1',
  kind: 'ClusterPolicy',
  metadata: { name: 'signed' },
  spec: {
    validationFailureAction: 'Enforce',
    background: false,
    rules: [
      {
        name: 'check',
        match: { any: [{ resources: { kinds: ['Pod'] } }] },
        verifyImages: [
          {
            imageReferences: ['registry.test/*'],
            attestors: [
              {
                entries: [
                  {
                    keys: {
                      publicKeys: world.key('release').publicKey,
                      rekor: { ignoreTlog: true },
                      ctlog: { ignoreSCT: true },
                    },
                  },
                ],
              },
            ],
          },
        ],
      },
    ],
  },
})
const review = JSON.stringify({
  apiVersion: 'admission.k8s.io/v1',
  kind: 'AdmissionReview',
  request: {
    uid: 'u1',
    kind: { group: '', version: 'v1', kind: 'Pod' },
    namespace: 'default',
    operation: 'CREATE',
    userInfo: { username: 'alice' },
    object: {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'app', namespace: 'default' },
      spec: { containers: [{ name: 'app', image: image.reference }] },
    },
  },
})

async function startWebhook(limits = {}) {
  const options = { policy, endpoint: world.registry.endpoint, tls, limits }
  const child = fork(new URL('server.mjs', import.meta.url), [JSON.stringify(options)], {
    execArgv: ['--conditions=@verify-images/source', '--no-warnings', '--expose-gc'],
  })
  const [{ port }] = await once(child, 'message')
  return { child, port }
}

async function ask({ child }, message) {
  child.send(message)
  return message === 'measure' ? (await once(child, 'message'))[0] : undefined
}

function post(port, agent, path) {
  return new Promise((resolve, reject) => {
    const started = performance.now()
    const sent = request({ host: '127.0.0.1', port, path, method: 'POST', ca: tls.cert, agent }, (response) => {
      const chunks = []
      response.on('data', (chunk) => chunks.push(chunk))
      response.on('end', () => {
        const { response: answer } = JSON.parse(Buffer.concat(chunks).toString())
        resolve({ ms: performance.now() - started, code: answer.allowed ? 'allowed' : answer.status.code })
      })
    })
    sent.on('error', reject)
    sent.end(review)
  })
}

/** Asks for so many reviews, always as many at once as there are connections. */
async function load({ port }, count, { connections = CONNECTIONS, path = '/mutate?timeout=10s' } = {}) {
  const agent = new Agent({ keepAlive: true, maxSockets: connections })
  const answers = []
  let left = count
  const started = performance.now()
  const work = async () => {
    while (left-- > 0) answers.push(await post(port, agent, path))
  }
  await Promise.all(Array.from({ length: connections }, work))
  agent.destroy()
  return { seconds: (performance.now() - started) / 1000, answers }
}

const percentile = (sorted, p) => sorted[Math.min(sorted.length - 1, Math.floor((sorted.length * p) / 100))] ?? 0
const table = (rows) => console.log(rows.map((row) => `| ${row.join(' | ')} |`).join('\n'))

async function measure(name, webhook, count) {
  await load(webhook, Math.min(200, count)) // warm
  await ask(webhook, 'begin')
  const { seconds, answers } = await load(webhook, count)
  const { cpuMs, lagP99Ms, rss } = await ask(webhook, 'measure')
  const refused = answers.filter(({ code }) => code !== 'allowed').length
  if (refused > 0) throw new Error(`${name}: ${refused} reviews were not allowed`)
  const times = answers.map(({ ms }) => ms).sort((a, b) => a - b)
  return [
    name,
    (count / seconds).toFixed(0),
    ...[50, 95, 99].map((p) => percentile(times, p).toFixed(1)),
    (cpuMs / count).toFixed(2),
    lagP99Ms.toFixed(1),
    (rss / 1024 / 1024).toFixed(0),
  ]
}

const rows = [
  ['registry', 'reviews/s', 'p50 ms', 'p95 ms', 'p99 ms', 'CPU ms per review', 'event-loop lag p99 ms', 'RSS MiB'],
  Array.from({ length: 8 }, () => '---'),
]
const webhook = await startWebhook()
rows.push(await measure('0 ms', webhook, Number(values.reviews)))
fault = () => ({ delayMs: 50 })
rows.push(await measure('50 ms', webhook, Math.min(1000, Number(values.reviews))))
table(rows)

// Memory: the heap after a collection, in ten steps over all reviews.
fault = () => undefined
const steps = []
for (let i = 0; i < 10; i++) {
  await load(webhook, Math.ceil(Number(values.reviews) / 10))
  steps.push(((await ask(webhook, 'measure')).heapUsed / 1024 / 1024).toFixed(1))
}
console.log(`\nheap after each tenth of ${values.reviews} reviews, MiB: ${steps.join(' ')}`)
await ask(webhook, 'end')

// A registry that stalls: every review is answered in time, and what finds no place is shed at once.
fault = () => ({ hang: true })
const stalled = await startWebhook({ concurrency: 16, queue: 32 })
const { answers } = await load(stalled, 128, { connections: 128, path: '/mutate?timeout=3s' })
const byCode = Map.groupBy(answers, ({ code }) => code)
console.log('\n128 reviews at once while the registry stalls (timeout 3 s, 16 at a time, 32 waiting):')
table([
  ['answer', 'reviews', 'slowest ms'],
  ['---', '---', '---'],
  ...[...byCode].map(([code, found]) => [code, found.length, Math.max(...found.map(({ ms }) => ms)).toFixed(0)]),
])
await ask(stalled, 'end')
await world.close()
