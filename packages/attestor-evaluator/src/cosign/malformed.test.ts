import { reasonsOf } from '@verify-images/primitives'
import { makeKeyPair } from '@verify-images/testing/internal'
import { describe, expect, test } from 'vitest'
import type { Json } from '@verify-images/primitives'
import { attestorOptions } from '../attestor-options.ts'
import type { Outcome } from '../outcome.ts'
import {
  attested,
  type CosignWorld,
  createCosignWorld,
  keyEntry,
  repository,
  signed,
  signedKeyless,
  simplePayload,
} from '../testing/cosign-world.ts'
import { createCosignVerifier } from './cosign-verifier.ts'

const key = makeKeyPair()
const world = createCosignWorld()
const verifier = createCosignVerifier()
const junk: readonly Json[] = [null, {}, [], '', 0, -1, true, 'x', [[[[]]]], { __proto__: null, constructor: 1 }]

/** Returns every document that has one node replaced by something else. */
function* mutations(value: Json): Generator<Json> {
  yield* junk
  if (Array.isArray(value))
    for (const [i, item] of value.entries()) for (const changed of mutations(item)) yield value.with(i, changed)
  else if (typeof value === 'object' && value !== null)
    for (const [name, item] of Object.entries(value))
      for (const changed of mutations(item)) yield { ...value, [name]: changed }
}

type Image = ReturnType<CosignWorld['image']>

async function verifySignature(image: Image, entry = keyEntry(key)): Promise<Outcome<unknown>> {
  const attestor = attestorOptions(
    { mutateDigest: true, verifyDigest: true, required: true, useCache: true },
    entry,
    'signature',
  )
  return verifier.verifySignature({ image, attestor, path: 'x' }, world.run())
}

async function verifyAttestations(image: Image): Promise<Outcome<unknown>> {
  const attestor = attestorOptions(
    { mutateDigest: true, verifyDigest: true, required: true, useCache: true },
    keyEntry(key),
    'attestation',
  )
  return verifier.verifyAttestations(
    { image, attestor, path: 'x', predicateType: 'https://example.com/scan/v1' },
    world.run(),
  )
}

/** Expects an outcome of a mutation; accepted only where the changed value has no meaning. */
function expectHandled(outcome: Outcome<unknown>): void {
  expect(['accepted', 'rejected', 'inconclusive']).toContain(outcome.kind)
  if (outcome.kind !== 'accepted')
    for (const { code } of reasonsOf(outcome.failure)) expect(code).toMatch(/^(?:ATTESTOR|REGISTRY)_[A-Z_]+$/)
}

describe('a value that is replaced by any other ends in an outcome', () => {
  const image = world.image('mutated')
  const tag = `${image.digest.replace(':', '-')}.sig`

  test('a changed value in the manifest ends in an outcome', async () => {
    const layer = signed(key, image)
    const good = {
      schemaVersion: 2,
      mediaType: 'application/vnd.oci.image.manifest.v1+json',
      config: {},
      layers: [{ ...world.source.putBlob(layer.bytes), annotations: layer.annotations }],
    }
    for (const mutated of mutations(JSON.parse(JSON.stringify(good)) as Json)) {
      world.source.putManifest(repository, tag, mutated)
      expectHandled(await verifySignature(image))
    }
  })

  test('a changed value in the signed payload ends in an outcome', async () => {
    for (const mutated of mutations(
      JSON.parse(Buffer.from(simplePayload(image.digest, { env: 'prod' })).toString()) as Json,
    )) {
      world.store(image, 'sig', [signed(key, image, { payload: Buffer.from(JSON.stringify(mutated)) })])
      const outcome = await verifySignature(image)
      expectHandled(outcome)
      const accepted = outcome.kind === 'accepted'
      expect(accepted && !JSON.stringify(mutated).includes(image.digest)).toBe(false)
    }
  })

  test('a changed value in annotations ends in an outcome', async () => {
    const certificate = world.authority.issue(key)
    const layer = signedKeyless(world, image, { certificate, key })
    const entry = { keyless: { subject: '*', issuer: '*', rekor: { url: 'x' }, ctlog: { ignoreSCT: true } } }
    for (const name of Object.keys(layer.annotations)) {
      for (const text of [
        '',
        'x',
        '{}',
        'null',
        '[]',
        '{"Payload":null}',
        '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----',
        'A'.repeat(300_000),
        '\u0000',
      ]) {
        world.store(image, 'sig', [{ ...layer, annotations: { ...layer.annotations, [name]: text } }])
        const outcome = await verifySignature(image, entry)
        expectHandled(outcome)
        // The chain only helps, and the general root knows the intermediate.
        if (name !== 'dev.sigstore.cosign/chain') expect(outcome.kind).not.toBe('accepted')
      }
    }
    const bundle = layer.annotations['dev.sigstore.cosign/bundle'] ?? ''
    for (const mutated of mutations(JSON.parse(bundle) as Json)) {
      world.store(image, 'sig', [
        { ...layer, annotations: { ...layer.annotations, 'dev.sigstore.cosign/bundle': JSON.stringify(mutated) } },
      ])
      const outcome = await verifySignature(image, entry)
      expectHandled(outcome)
      expect(outcome.kind).not.toBe('accepted')
    }
  })

  test('a value that is replaced by any other ends in an outcome in an envelope and its statement', async () => {
    const [envelope, statement] = [
      attested([key], image).bytes,
      {
        _type: 'https://in-toto.io/Statement/v1',
        predicateType: 'https://example.com/scan/v1',
        subject: [{ name: 'x', digest: { sha256: image.digest.slice(7) } }],
        predicate: { a: 1 },
      },
    ]
    for (const mutated of mutations(JSON.parse(Buffer.from(envelope).toString()) as Json)) {
      world.store(image, 'att', [
        { bytes: Buffer.from(JSON.stringify(mutated)), annotations: attested([key], image).annotations },
      ])
      expectHandled(await verifyAttestations(image))
    }
    for (const mutated of mutations(statement)) {
      world.store(image, 'att', [attested([key], image, { statement: Buffer.from(JSON.stringify(mutated)) })])
      expectHandled(await verifyAttestations(image))
    }
  })

  test('a deep document ends in an outcome', async () => {
    const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`
    world.store(image, 'att', [attested([key], image, { statement: Buffer.from(`{"subject":${deep}}`) })])
    expect((await verifyAttestations(image)).kind).toBe('inconclusive')
    world.store(image, 'sig', [signed(key, image, { payload: Buffer.from(deep.slice(0, 30_000)) })])
    expect((await verifySignature(image)).kind).toBe('rejected')
  })
})
