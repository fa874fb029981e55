import { createImageVerifier, explain, parsePolicies, type ImageVerifierOptions } from '@verify-images/core'
import { createSigningWorld, type SigningWorld } from '@verify-images/testing'
import { expect, test } from 'vitest'
import { attestedEntry, clusterPolicy, entryOf, keyAttestor } from '@verify-images/testing/internal'

const SBOM = 'https://cyclonedx.org/bom'
const IMAGES = 30
const SIGNATURES = 20
/** The default of `limits.tokens`. */
const MAX_TOKENS = 10_000_000
/** The wall time of a busy machine is no part of what is tested. */
const deadlineMs = 240_000

/**
 * A Pod with as many images as the defaults are made for, each with as many signatures. All but the last signature of
 * each are by a stranger, so that all are tried.
 */
async function signedPod(): Promise<{ readonly world: SigningWorld; readonly references: readonly string[] }> {
  const world = await createSigningWorld()
  const references = Array.from({ length: IMAGES }, (_, i) => `registry.test/app-${String(i)}:1`)
  for (const reference of references) {
    const image = world.image(reference)
    for (let i = 1; i < SIGNATURES; i++) image.signedBy(world.key('mallory'), { build: String(i) })
    image.signedBy(world.key('release'))
  }
  return { world, references }
}

async function judge(
  world: SigningWorld,
  references: readonly string[],
  entries: readonly object[],
  limits: ImageVerifierOptions['limits'] = {},
): ReturnType<ReturnType<typeof createImageVerifier>['verifyResource']> {
  const containers = references.map((image, i) => ({ name: `c${String(i)}`, image }))
  return createImageVerifier({
    policies: parsePolicies(JSON.stringify(clusterPolicy(entries))),
    registry: world.registryClient(),
    clock: world.clock,
    deadlineMs,
    ...(Object.keys(limits).length > 0 && { limits }),
  }).verifyResource({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'app' }, spec: { containers } })
}

/** An SBOM of so many bytes, as generators write it. */
function sbomOf(size: number): { readonly components: readonly object[] } {
  const component = (i: number): object => ({
    name: `package-${i}`,
    version: '1.0.0',
    purl: `pkg:npm/package-${i}@1.0.0`,
  })
  const each = JSON.stringify(component(100_000)).length + 1
  return { components: Array.from({ length: Math.ceil(size / each) }, (_, i) => component(i)) }
}

test(
  'the default budget fits a Pod of 30 images with 20 signatures each and one 64 MB SBOM',
  { timeout: 300_000 },
  async () => {
    const { world, references } = await signedPod()
    const key = world.key('release')
    world.image('registry.test/app-0:1').attestedBy(key, SBOM, sbomOf(64_000_000))
    const noLog4j = { key: "{{ components[?name=='log4j'] | length(@) }}", operator: 'Equals', value: 0 }
    const verdict = await judge(world, references, [
      entryOf(keyAttestor(key)),
      attestedEntry(keyAttestor(key), SBOM, noLog4j, { imageReferences: ['registry.test/app-0:*'] }),
    ])
    expect({ outcome: verdict.outcome, denial: verdict.denial }).toEqual({ outcome: 'accepted', denial: undefined })
    expect(verdict.images.filter(({ verified }) => verified)).toHaveLength(IMAGES)
    const blobs = world.registry.requests.filter(({ path }) => path.includes('/blobs/'))
    expect(blobs).toHaveLength(IMAGES * SIGNATURES + 1)
    await world.close()
  },
)

test(
  'a signature more than the budget allows leaves the outcome open, and the reason names what used it',
  { timeout: 300_000 },
  async () => {
    const { world, references } = await signedPod()
    const entry = entryOf(keyAttestor(world.key('release')))
    const tried = IMAGES * SIGNATURES
    expect((await judge(world, references, [entry], { signatures: tried })).outcome).toBe('accepted')
    const verdict = await judge(world, references, [entry], { signatures: tried - 1 })
    expect(verdict).toMatchObject({ admitted: false, outcome: 'inconclusive' })
    expect(explain(verdict)).toMatch(
      /the evaluation exceeds its limit of 599 signatures: \d+ of 600 for registry\.test\/app-\d+:1/,
    )
    await world.close()
  },
)

test(
  'a token more than the default allows leaves the outcome open, and nothing is parsed',
  { timeout: 120_000 },
  async () => {
    const world = await createSigningWorld()
    const key = world.key('release')
    const reference = 'registry.test/app:1'
    /** The statement around an array of numbers; its tokens are counted. */
    const around = JSON.stringify({
      _type: 0,
      predicateType: 0,
      subject: [{ name: 0, digest: { sha256: 0 } }],
      predicate: { n: [] },
    })
    const others = around.match(/"\w+"|\b0\b|[[{]/g)?.length ?? 0
    const verdicts = []
    for (const more of [0, 1]) {
      const numbers = Array.from({ length: MAX_TOKENS - others + more }, () => 0)
      world.image(reference).unsigned().attestedBy(key, SBOM, { n: numbers })
      verdicts.push(await judge(world, [reference], [attestedEntry(keyAttestor(key), SBOM, undefined)]))
    }
    expect(verdicts.map(({ outcome }) => outcome)).toEqual(['accepted', 'inconclusive'])
    expect(explain(verdicts[1] ?? expect.unreachable())).toContain(
      'the evaluation exceeds its limit of 10000000 tokens: 10000001 of 10000001 for the statement',
    )
    await world.close()
  },
)
