// What the first verdict costs in a new process: import of core, reading a policy, and one image with a key, against the
// import of `sigstore`, measured in turns within one run. Expects a build (`pnpm build`).
//
//   node --conditions=@verify-images/source packages/core/bench/start.bench.mjs

import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { createSigningWorld } from '@verify-images/testing'

/** The aim: a command that verifies one image should start faster than the client that signed it. */
const AIM = 0.5
const ROUNDS = 9

const run = promisify(execFile)
const world = await createSigningWorld()
const key = world.key('release')
const { reference } = world.image('registry.test/app:1').signedBy(key)
const policy = `
apiVersion: kyverno.io/v1
kind: ClusterPolicy
metadata: { name: signed }
spec:
  validationFailureAction: Enforce
  rules:
    - name: check
      match: { any: [{ resources: { kinds: [Pod] } }] }
      verifyImages:
        - imageReferences: ['registry.test/*']
          attestors: [{ entries: [{ keys: { publicKeys: ${JSON.stringify(key.publicKey)}, rekor: { ignoreTlog: true } } }] }]
`
const programs = {
  'import of sigstore': `await import('sigstore')`,
  'import of core': `await import('@verify-images/core')`,
  'import of core and first verdict': `
    const { createImageVerifier, createRegistryClient, parsePolicies } = await import('@verify-images/core')
    const registry = createRegistryClient({ hosts: { 'registry.test': { endpoint: ${JSON.stringify(world.registry.endpoint)} } } })
    const verifier = createImageVerifier({ policies: parsePolicies(${JSON.stringify(policy)}), registry })
    const { outcome } = await verifier.verifyImage(${JSON.stringify(reference)})
    if (outcome !== 'accepted') throw new Error(outcome)
    registry.close()`,
}

/** Returns the milliseconds inside of a new process, without the start of Node itself. */
async function timeOf(program) {
  const timed = `const start = performance.now()\n${program}\nconsole.log(performance.now() - start)`
  // Asynchronous: the registry is in this process.
  const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', timed], { cwd: import.meta.dirname })
  return Number(stdout)
}

const times = Object.fromEntries(Object.keys(programs).map((name) => [name, []]))
for (let round = 0; round < ROUNDS; round++)
  for (const [name, program] of Object.entries(programs)) times[name].push(await timeOf(program))
await world.close()

const median = (list) => list.sort((a, b) => a - b)[list.length >> 1]
const base = median(times['import of sigstore'])
for (const [name, list] of Object.entries(times))
  console.log(`${name.padEnd(34)} ${median(list).toFixed(0).padStart(5)} ms  ${(median(list) / base).toFixed(2)} ×`)
console.log(`aim for the last: ${String(AIM)} ×`)
