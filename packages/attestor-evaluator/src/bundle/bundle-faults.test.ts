import { summarize, type Summary } from '../testing/summarize.ts'
import type { ImageVerification } from '@verify-images/policy-parser'
import { sourceFault } from '@verify-images/testing/internal'
import { expect, test } from 'vitest'
import { digestOf } from '@verify-images/primitives'
import { attestorOptions } from '../attestor-options.ts'
import type { ArtifactSource } from '../ports.ts'
import type {
  AttestationRequest,
  VerificationRun,
  VerifiedAttestations,
  VerifiedSignature,
} from '../signature-verifier.ts'
import { createCorpusSource, readCorpusText } from '../testing/corpus-source.ts'
import { createEvaluationBudget, createVerificationMemo } from '@verify-images/primitives'
import { createBundleVerifier } from './bundle-verifier.ts'

const repository = 'registry.local:5000/app'

function request(tag: string, key = 'a'): AttestationRequest {
  const verification: ImageVerification = {
    type: 'SigstoreBundle',
    mutateDigest: true,
    verifyDigest: true,
    required: true,
    useCache: true,
  }
  const entry = {
    keys: {
      publicKeys: readCorpusText(`registry/trust/${key}.pub`),
      rekor: { ignoreTlog: true },
      ctlog: { ignoreSCT: true },
    },
  }
  return {
    image: { reference: `${repository}:${tag}`, repository, tag },
    attestor: attestorOptions(verification, entry, 'signature'),
    path: 'entries[0]',
    predicateType: 'https://cosign.sigstore.dev/attestation/vuln/v1',
  }
}

function run(
  change: (source: ArtifactSource) => Partial<ArtifactSource>,
  signal = AbortSignal.timeout(10_000),
): VerificationRun {
  const source = createCorpusSource()
  return {
    source: { ...source, ...change(source) },
    now: new Date('2026-11-25'),
    signal,
    memo: createVerificationMemo(),
    budget: createEvaluationBudget(),
  }
}

const bundles = createBundleVerifier()
const verifier = {
  verifySignature: async (...args: Parameters<typeof bundles.verifySignature>): Promise<Summary<VerifiedSignature>> =>
    summarize(await bundles.verifySignature(...args)),
  verifyAttestations: async (
    ...args: Parameters<typeof bundles.verifyAttestations>
  ): Promise<Summary<VerifiedAttestations>> => summarize(await bundles.verifyAttestations(...args)),
}

test.each([
  [
    'referrers',
    'list-bundles(registry-transport)',
    (): Partial<ArtifactSource> => ({
      listReferrers: async () => {
        throw sourceFault('REGISTRY_UNAVAILABLE', true)
      },
    }),
  ],
  [
    'blob',
    'verify-bundles(fetch-bundle(registry-transport))',
    (): Partial<ArtifactSource> => ({
      fetchBlob: async () => {
        throw sourceFault('REGISTRY_UNAVAILABLE', true)
      },
    }),
  ],
] as const)('is inconclusive when fetching the %s fails', async (_what, told, change) => {
  expect(await verifier.verifySignature(request('bundle-a'), run(change))).toMatchObject({
    kind: 'inconclusive',
    told,
    reasons: [{ message: 'the registry is gone', path: 'entries[0]' }],
  })
})

test('rejects when the blob is gone, which is not the same as a failed fetch', async () => {
  const gone = run(() => ({
    fetchBlob: async () => {
      throw sourceFault('REGISTRY_NOT_FOUND', false)
    },
  }))
  expect(await verifier.verifySignature(request('bundle-a'), gone)).toMatchObject({
    kind: 'rejected',
    reasons: [{ code: 'REGISTRY_NOT_FOUND' }],
  })
})

test('rejects an image that is not in the registry', async () => {
  expect(
    await verifier.verifySignature(
      request('no-such-tag'),
      run(() => ({})),
    ),
  ).toMatchObject({
    kind: 'rejected',
    reasons: [{ code: 'ATTESTOR_IMAGE_NOT_FOUND' }],
    told: expect.stringMatching(/^list-bundles\(/),
  })
})

test('ignores a referrer that cannot be fetched beside a valid signature, but not beside a valid statement, which it might contradict', async () => {
  const failFirst = (source: ArtifactSource): Partial<ArtifactSource> => {
    let calls = 0
    return {
      fetchBlob: async (...call) =>
        calls++ === 0 ? Promise.reject(sourceFault('REGISTRY_UNAVAILABLE', true)) : source.fetchBlob(...call),
    }
  }
  expect((await verifier.verifySignature(request('bundle-ab', 'b'), run(failFirst))).kind).toBe('accepted')
  expect((await verifier.verifyAttestations(request('bundle-two-vuln'), run(failFirst))).kind).toBe('inconclusive')
  expect(
    (
      await verifier.verifyAttestations(
        request('bundle-two-vuln'),
        run(() => ({})),
      )
    ).kind,
  ).toBe('accepted')
})

test('is inconclusive with an incomplete referrers listing', async () => {
  const half = run((source) => ({
    listReferrers: async (...call) => ({ ...(await source.listReferrers(...call)), complete: false }),
  }))
  expect((await verifier.verifySignature(request('bundle-a'), half)).kind).toBe('accepted')
  expect(await verifier.verifySignature(request('bundle-b'), half)).toMatchObject({
    kind: 'inconclusive',
    told: expect.stringMatching(/^verify-bundles\(the signature of the bundle is invalid, /),
  })
  expect((await verifier.verifyAttestations(request('bundle-attested-vuln-ok'), half)).kind).toBe('inconclusive')
})

test('reads the manifest of a referrer, not its entry in the listing', async () => {
  const relabelled = run((source) => ({
    listReferrers: async (...call) => {
      const listing = await source.listReferrers(...call)
      return {
        ...listing,
        descriptors: listing.descriptors.map((each) => ({
          ...each,
          artifactType: 'application/vnd.dev.sigstore.bundle.v0.3+json',
        })),
      }
    },
  }))
  expect((await verifier.verifySignature(request('bundle-a'), relabelled)).kind).toBe('accepted')
  // The listing of another image's referrers is served for this one.
  const elsewhere = run((source) => ({
    listReferrers: async (name, _digest, signal) => {
      const manifest = await source.fetchManifest(name, 'bundle-a', signal)
      return source.listReferrers(name, 'digest' in manifest ? manifest.digest : digestOf(Buffer.from('')), signal)
    },
  }))
  expect(await verifier.verifySignature(request('bundle-copied'), elsewhere)).toMatchObject({
    kind: 'rejected',
    reasons: [{ message: 'the referrer refers to another subject' }],
  })
})

test('checks up to fifty referrers, and rejects an image with more', async () => {
  const many = (count: number): VerificationRun =>
    run((source) => ({
      listReferrers: async (...call) => {
        const { descriptors, ...listing } = await source.listReferrers(...call)
        return {
          ...listing,
          descriptors: Array.from(
            { length: count },
            () => descriptors[0] ?? { mediaType: '', digest: digestOf(Buffer.from('')), size: 0 },
          ),
        }
      },
    }))
  expect((await verifier.verifySignature(request('bundle-b'), many(50))).kind).toBe('rejected')
  expect(await verifier.verifySignature(request('bundle-a'), many(51))).toMatchObject({
    kind: 'inconclusive',
    reasons: [{ code: 'ATTESTOR_LIMIT_EXCEEDED' }],
    told: 'list-bundles(referrers of the image: expected at most 50, got 51)',
  })
})

test('is inconclusive whatever a source throws', async () => {
  for (const thrown of [new TypeError('x is not a function'), 'text', undefined, null, { code: 'REGISTRY_x' }]) {
    const broken = run(() => ({ fetchBlob: async () => Promise.reject(thrown as Error) }))
    expect((await verifier.verifySignature(request('bundle-a'), broken)).kind).toBe('inconclusive')
  }
})

test('rejects with the reason of an aborted signal', async () => {
  await expect(
    verifier.verifySignature(
      request('bundle-a'),
      run(() => ({}), AbortSignal.abort(new Error('enough'))),
    ),
  ).rejects.toThrow('enough')
})
