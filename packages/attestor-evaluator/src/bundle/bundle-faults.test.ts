import { summarize, type Summary } from '../testing/summarize.ts'
import type { ImageVerification } from '@verify-images/policy-parser'
import { sourceFault } from '@verify-images/testing/internal'
import { describe, expect, test } from 'vitest'
import { digestOf } from '@verify-images/primitives'
import { attestorOptions } from '../attestor-options.ts'
import type { ArtifactSource, Descriptor } from '../ports.ts'
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
] as const)('is inconclusive when fetching the %s fails', async (_what, summary, change) => {
  expect(await verifier.verifySignature(request('bundle-a'), run(change))).toMatchObject({
    kind: 'inconclusive',
    summary,
    reasons: [{ message: 'the registry is gone', path: 'entries[0]' }],
  })
})

test('is inconclusive when the blob of a listed bundle is gone: its statement is unknown', async () => {
  const gone = run(() => ({
    fetchBlob: async () => {
      throw sourceFault('REGISTRY_NOT_FOUND', false)
    },
  }))
  expect(await verifier.verifySignature(request('bundle-a'), gone)).toMatchObject({
    kind: 'inconclusive',
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
    summary: expect.stringMatching(/^list-bundles\(/),
  })
})

test('ignores a referrer that cannot be fetched beside a valid signature, but not beside a statement', async () => {
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
    summary: expect.stringMatching(/^verify-bundles\(the signature of the bundle is invalid, /),
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

describe('referrers that are listed without their artifact type', () => {
  /** A listing in which every referrer has this artifact type. */
  const listedAs = (artifactType: string | undefined, more: readonly Descriptor[] = []): VerificationRun =>
    run((source) => ({
      listReferrers: async (...call) => {
        const { descriptors, ...listing } = await source.listReferrers(...call)
        const relabelled = descriptors.map(({ artifactType: _, ...descriptor }) => ({
          ...descriptor,
          ...(artifactType !== undefined && { artifactType }),
        }))
        return { ...listing, descriptors: [...more, ...relabelled] }
      },
    }))
  const empty = 'application/vnd.oci.empty.v1+json'

  test.each([empty, undefined])(
    'takes a referrer that is listed as %s for a bundle if its manifest says so',
    async (artifactType) => {
      expect((await verifier.verifySignature(request('bundle-a'), listedAs(artifactType))).kind).toBe('accepted')
      expect((await verifier.verifySignature(request('bundle-b'), listedAs(artifactType))).kind).toBe('rejected')
      expect((await verifier.verifyAttestations(request('bundle-attested-vuln-ok'), listedAs(artifactType))).kind).toBe(
        'accepted',
      )
    },
  )

  test('control: does not read a referrer that is listed with another artifact type', async () => {
    const other = listedAs('application/spdx+json')
    expect(await verifier.verifySignature(request('bundle-a'), other)).toMatchObject({
      kind: 'rejected',
      reasons: [{ code: 'ATTESTOR_NO_SIGNATURE' }],
    })
  })

  test.each([empty, undefined])(
    'passes over a referrer that is listed as %s and is no bundle by its manifest',
    async (artifactType) => {
      const image = await createCorpusSource().fetchManifest(repository, 'unsigned', new AbortController().signal)
      const sbom = {
        ...{ mediaType: 'application/vnd.oci.image.manifest.v1+json', size: 1 },
        digest: 'digest' in image ? image.digest : digestOf(Buffer.from('')),
        ...(artifactType !== undefined && { artifactType }),
      }
      const beside = listedAs(empty, [sbom])
      expect((await verifier.verifyAttestations(request('bundle-attested-vuln-ok'), beside)).kind).toBe('accepted')
      expect((await verifier.verifySignature(request('bundle-a'), beside)).kind).toBe('accepted')
    },
  )

  test('leaves open what a referrer without artifact type says that cannot be fetched', async () => {
    const lost = { mediaType: 'x', size: 1, digest: digestOf(Buffer.from('lost')), artifactType: empty }
    const beside = listedAs(empty, [lost])
    expect((await verifier.verifyAttestations(request('bundle-attested-vuln-ok'), beside)).kind).toBe('inconclusive')
  })
})

test('reads up to fifty bundles, and leaves open what more of them would say', async () => {
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
    kind: 'accepted',
  })
  const over = await verifier.verifySignature(request('bundle-b'), many(51))
  expect(over).toMatchObject({ kind: 'inconclusive' })
  expect(over.kind === 'accepted' ? undefined : over.reasons.at(-1)).toMatchObject({
    code: 'ATTESTOR_LIMIT_EXCEEDED',
    message: 'bundles of the image: expected at most 50, got 51',
  })
})

/**
 * Returns a listing with bundles of a pusher before those of the image; `claimed` is the predicate type that each of
 * them has there.
 */
function crowded(claimed: readonly (string | undefined)[], own: string | undefined): VerificationRun {
  const annotated = (type: string | undefined): { readonly annotations?: Readonly<Record<string, string>> } =>
    type === undefined ? {} : { annotations: { 'dev.sigstore.bundle.predicateType': type } }
  return run((source) => ({
    listReferrers: async (...call) => {
      const { descriptors, ...listing } = await source.listReferrers(...call)
      const foreign = claimed.map((type, i) => ({
        mediaType: 'application/vnd.oci.image.manifest.v1+json',
        artifactType: 'application/vnd.dev.sigstore.bundle.v0.3+json',
        digest: digestOf(Buffer.from(String(i))),
        size: 2,
        ...annotated(type),
      }))
      const good = descriptors.map(({ annotations: _, ...descriptor }) => ({ ...descriptor, ...annotated(own) }))
      return { ...listing, descriptors: [...foreign, ...good] }
    },
  }))
}

const signature = 'https://sigstore.dev/cosign/sign/v1'
const vulnerabilities = 'https://cosign.sigstore.dev/attestation/vuln/v1'

test.each([
  ['52 of another type before it', Array<string>(52).fill('https://example.com/other'), signature, 'accepted'],
  [
    '52 of another type before one that names none',
    Array<string>(52).fill('https://example.com/other'),
    undefined,
    'accepted',
  ],
  ['49 that claim its type', Array<string>(49).fill(signature), signature, 'accepted'],
  ['52 that claim its type', Array<string>(52).fill(signature), signature, 'inconclusive'],
  ['52 that claim its type before one that names none', Array<string>(52).fill(signature), undefined, 'inconclusive'],
  ['52 that name none, as it does', Array<undefined>(52).fill(undefined), undefined, 'inconclusive'],
])('finds a signature beside bundles of a pusher: %s', async (_, claimed, own, kind) => {
  expect((await verifier.verifySignature(request('bundle-a'), crowded(claimed, own))).kind).toBe(kind)
})

test('accepts a statement beside unread ones only where they could not say no', async () => {
  const verify = async (count: number, everyStatementCounts?: boolean): Promise<string> => {
    const asked = { ...request('bundle-attested-vuln-ok'), everyStatementCounts }
    const others = Array<string>(count).fill('https://example.com/other')
    return (await verifier.verifyAttestations(asked, crowded(others, vulnerabilities))).kind
  }
  expect([await verify(60), await verify(60, true), await verify(60, false)]).toEqual([
    ...['inconclusive', 'inconclusive', 'accepted'],
  ])
  const missing = request('bundle-a')
  const nothing = await verifier.verifyAttestations(
    { ...missing, everyStatementCounts: false },
    crowded([], vulnerabilities),
  )
  expect(nothing.kind).toBe('rejected')
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
