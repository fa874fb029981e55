// What a verdict costs, as ratios within one run: machines differ, ratios less so.
//
//   node --conditions=@verify-images/source packages/core/bench/verdict.bench.mjs

import { createArtifactCache, createImageVerifier, parsePolicies } from '@verify-images/core'
import { createSigningWorld } from '@verify-images/testing'

const world = await createSigningWorld()
const release = world.key('release')
const images = Array.from({ length: 20 }, (_, i) => world.image(`registry.test/app-${i}:1`).signedBy(release))
const registry = world.registryClient()

const policyText = (name, keys) => `
apiVersion: kyverno.io/v1
kind: ClusterPolicy
metadata: { name: ${name} }
spec:
  validationFailureAction: Enforce
  background: false
  rules:
    - name: check
      match: { any: [{ resources: { kinds: [Pod] } }] }
      verifyImages:
        - imageReferences: ['registry.test/*']
          attestors:
            - count: 1
              entries: [${keys.map((key) => `{ keys: { publicKeys: ${JSON.stringify(key.publicKey)}, rekor: { ignoreTlog: true }, ctlog: { ignoreSCT: true } } }`).join(', ')}]
`
const verifierOf = (texts, options = {}) =>
  createImageVerifier({ policies: texts.flatMap((text) => parsePolicies(text)), registry, ...options })
const pod = (...references) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'app', namespace: 'default' },
  spec: { containers: references.map((image, i) => ({ name: `c${i}`, image })) },
})

async function medianMs(work, rounds = 40) {
  const times = []
  for (let i = 0; i < rounds; i++) {
    const start = performance.now()
    await work()
    times.push(performance.now() - start)
  }
  return times.sort((a, b) => a - b)[rounds >> 1]
}

const one = verifierOf([policyText('one', [release])])
const five = verifierOf([
  policyText('five', [...Array.from({ length: 4 }, (_, i) => world.key(`other-${i}`)), release]),
])
const ten = verifierOf(Array.from({ length: 10 }, (_, i) => policyText(`p${i}`, [release])))
const hour = 3_600_000
const cache = createArtifactCache({ maxTagAgeMs: hour, maxListingAgeMs: hour })
const warm = verifierOf([policyText('one', [release])], { cache })
/** Milliseconds of one object of a run. */
async function runMs(objects, count) {
  const start = performance.now()
  for await (const { verdict } of one.verifyAll(Array.from({ length: count }, (_, i) => objects[i % objects.length])))
    if (!verdict.admitted) throw new Error(verdict.denial)
  return (performance.now() - start) / count
}
const expectAdmitted = (verifier, resource) => async () => {
  const { admitted, denial } = await verifier.verifyResource(resource)
  if (!admitted) throw new Error(denial)
}
const tag = images[0].reference
const byTag = expectAdmitted(one, pod(tag))
await medianMs(byTag, 100) // warm

const base = await medianMs(byTag)
const rows = [
  ['one image by tag (3 requests)', base],
  [
    'one image by digest (2 requests)',
    await medianMs(expectAdmitted(one, pod(`${tag.split(':')[0]}@${images[0].digest}`))),
  ],
  ['one image, five keys', await medianMs(expectAdmitted(five, pod(tag)))],
  ['one image, ten policies', await medianMs(expectAdmitted(ten, pod(tag)))],
  ['twenty images', await medianMs(expectAdmitted(one, pod(...images.map(({ reference }) => reference))))],
  ['one image, everything in the cache', await medianMs(expectAdmitted(warm, pod(tag)))],
  [
    'each of 20 Pods over 20 images, in a run',
    await runMs(
      images.map(({ reference }) => pod(reference)),
      20,
    ),
  ],
  [
    'each of 400 Pods over 20 images, in a run',
    await runMs(
      images.map(({ reference }) => pod(reference)),
      400,
    ),
  ],
  ['an image that no policy concerns', await medianMs(() => one.verifyResource(pod('elsewhere.test/app:1')))],
  ['reading and compiling one policy', await medianMs(() => verifierOf([policyText('one', [release])]))],
]
for (const [name, ms] of rows)
  console.log(`${name.padEnd(42)} ${ms.toFixed(2).padStart(8)} ms  ${(ms / base).toFixed(2).padStart(6)} ×`)
await world.close()
registry.close()
