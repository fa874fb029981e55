// Reviews one object many times under one long-lived signal, and prints as JSON what remains: listeners, timers and
// heap.
//
//   node --expose-gc --conditions=@verify-images/source --no-warnings packages/core/bench/memory.mjs [reviews]

import { getEventListeners } from 'node:events'
import { createImageVerifier, createRegistryClient, parsePolicies } from '@verify-images/core'
import { createSigningKey } from '@verify-images/testing'
import { policyOf } from './hostile-cases.mjs'

const reviews = Number(process.argv[2] ?? 10_000)
const keys = { publicKeys: createSigningKey().publicKey, rekor: { ignoreTlog: true }, ctlog: { ignoreSCT: true } }
const manifest = JSON.stringify({ schemaVersion: 2, config: {}, layers: [] })
const answer = (url) =>
  url.endsWith('/1')
    ? new Response(manifest, { headers: { 'content-type': 'application/vnd.oci.image.manifest.v1+json' } })
    : new Response('{}', { status: 404 })
const verifier = createImageVerifier({
  policies: parsePolicies(policyOf({ attestors: [{ entries: [{ keys }] }] })),
  registry: createRegistryClient({ fetch: (url) => Promise.resolve(answer(url)) }),
})
const pod = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'app', namespace: 'default' },
  spec: { containers: [{ name: 'app', image: 'registry.test/app:1' }] },
}
const caller = new AbortController()
const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length
const heap = () => {
  globalThis.gc()
  globalThis.gc()
  return process.memoryUsage().heapUsed
}

async function review(times) {
  for (let i = 0; i < times; i++) {
    const { outcome } = await verifier.verifyResource(pod, { signal: caller.signal, deadlineMs: 30_000 })
    if (outcome !== 'rejected') throw new Error(`expected the unsigned image to be rejected, got ${outcome}`)
  }
  // The last answers settle.
  await new Promise((done) => setImmediate(done))
  return heap()
}

const warm = await review(Math.ceil(reviews / 5))
const end = await review(reviews - Math.ceil(reviews / 5))
console.log(
  JSON.stringify({
    listeners: getEventListeners(caller.signal, 'abort').length,
    timers: timers(),
    heapGrowthBytes: end - warm,
  }),
)
