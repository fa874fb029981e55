// Verifies many objects, each with an image of its own, in one run, and prints as JSON what the heap grows by once the
// caches of the run are full.
//
//   node --expose-gc --conditions=@verify-images/source --no-warnings packages/core/bench/run-memory.mjs [objects]

import { createImageVerifier, createRegistryClient, parsePolicies } from '@verify-images/core'
import { createSigningKey } from '@verify-images/testing'
import { policyOf } from './hostile-cases.mjs'

const objects = Number(process.argv[2] ?? 100_000)
/** So many images fill the caches of a run. */
const FULL = 12_000
const keys = { publicKeys: createSigningKey().publicKey, rekor: { ignoreTlog: true }, ctlog: { ignoreSCT: true } }
const answer = (url) =>
  url.endsWith('/1')
    ? new Response(JSON.stringify({ schemaVersion: 2, config: {}, layers: [], annotations: { url } }), {
        headers: { 'content-type': 'application/vnd.oci.image.manifest.v1+json' },
      })
    : new Response('{}', { status: 404 })
const verifier = createImageVerifier({
  policies: parsePolicies(policyOf({ attestors: [{ entries: [{ keys }] }] })),
  registry: createRegistryClient({ fetch: (url) => Promise.resolve(answer(url)) }),
})

function* pods() {
  for (let i = 0; i < objects; i++)
    yield {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'app', namespace: 'default' },
      spec: { containers: [{ name: 'app', image: `registry.test/app-${i}:1` }] },
    }
}
const heap = () => {
  globalThis.gc()
  globalThis.gc()
  return process.memoryUsage().heapUsed
}

let full = 0
let end = 0
for await (const { index, verdict } of verifier.verifyAll(pods())) {
  if (verdict.outcome !== 'rejected') throw new Error(`expected ${index} to be rejected, got ${verdict.outcome}`)
  if (index === FULL) full = heap()
  if (index === objects - 1) end = heap()
}
console.log(JSON.stringify({ objects, heapWhenFullBytes: full, heapGrowthBytes: end - full }))
