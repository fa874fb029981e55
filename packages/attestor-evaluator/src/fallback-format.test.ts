import type { ImageVerification, SignatureType } from '@verify-images/policy-parser'
import { describe, expect, test } from 'vitest'
import { createAttestorEvaluator } from './attestor-evaluator.ts'
import type { StatementJudge } from './attestors/statement-conditions.ts'
import { sourceFault } from '@verify-images/testing/internal'
import { createCorpusSource, readCorpusText } from './testing/corpus-source.ts'
import { summarize } from './testing/summarize.ts'
import type { ArtifactSource } from './ports.ts'
import { createEvaluationBudget, createVerificationMemo } from '@verify-images/primitives'

const keyA = readCorpusText('registry/trust/a.pub')
const vulnerabilities = 'https://cosign.sigstore.dev/attestation/vuln/v1'
const judge: StatementJudge = () => Promise.resolve({ holds: true })

function entry(type: SignatureType, attested = false): ImageVerification {
  const sets = [{ entries: [{ keys: { publicKeys: keyA, rekor: { ignoreTlog: true }, ctlog: { ignoreSCT: true } } }] }]
  return {
    type,
    mutateDigest: true,
    verifyDigest: true,
    required: true,
    useCache: true,
    ...(attested ? { attestations: [{ type: vulnerabilities, attestors: sets }] } : { attestors: sets }),
  }
}

async function check(
  type: SignatureType,
  tag: string,
  discovery: 'as-kyverno' | 'auto',
  attested = false,
  source: ArtifactSource = createCorpusSource(),
): Promise<{ readonly kind: string }> {
  const repository = 'registry.local:5000/app'
  const image = { reference: `${repository}:${tag}`, repository, tag }
  const run = {
    source,
    now: new Date('2026-11-25T00:00:00Z'),
    signal: new AbortController().signal,
    memo: createVerificationMemo(),
    budget: createEvaluationBudget(),
  }
  const evaluator = createAttestorEvaluator({ discovery })
  return summarize<unknown>(
    attested
      ? await evaluator.verifyAttestations(entry(type, true), image, run, judge)
      : await evaluator.verifySignatures(entry(type), image, run),
  )
}

describe('discovery: auto', () => {
  test.each([
    ['Cosign', 'bundle-a'],
    ['SigstoreBundle', 'signed-a'],
  ] as const)('finds the other format for a rule of type %s, and marks it: %s', async (type, tag) => {
    expect(await check(type, tag, 'as-kyverno')).toMatchObject({ kind: 'rejected' })
    expect(await check(type, tag, 'auto')).toMatchObject({ kind: 'accepted', evidence: [{ unseenByKyverno: true }] })
  })

  test.each([
    ['Cosign', 'bundle-attested-vuln-ok'],
    ['SigstoreBundle', 'attested-vuln-ok'],
  ] as const)('finds attestations of the other format for a rule of type %s, and marks them: %s', async (type, tag) => {
    expect(await check(type, tag, 'as-kyverno', true)).toMatchObject({ kind: 'rejected' })
    expect(await check(type, tag, 'auto', true)).toMatchObject({
      kind: 'accepted',
      evidence: [{ unseenByKyverno: true }],
    })
  })

  test('marks nothing that Kyverno sees', async () => {
    const outcome = await check('Cosign', 'signed-a', 'auto')
    expect(outcome).toMatchObject({ kind: 'accepted' })
    expect(outcome).not.toHaveProperty('evidence.0.unseenByKyverno')
  })

  test('does not accept another key, and reports the failure of the first format', async () => {
    expect(await check('Cosign', 'bundle-b', 'auto')).toMatchObject({
      kind: 'rejected',
      summary: expect.stringMatching(/\(no-signatures\)\)\)$/),
    })
  })

  describe('when the second format cannot be fetched', () => {
    const failing = (method: keyof ArtifactSource): ArtifactSource => {
      const source = createCorpusSource()
      const fail = (): Promise<never> => Promise.reject(sourceFault('REGISTRY_UNAVAILABLE', true, 'answered 503'))
      return { ...source, [method]: fail }
    }

    test.each([false, true])(
      'an image whose second format cannot be fetched is inconclusive, not "not signed" (attestations: %s)',
      async (attested) => {
        const outcome = await check('Cosign', 'bundle-b', 'auto', attested, failing('listReferrers'))
        expect(outcome).toMatchObject({
          kind: 'inconclusive',
          reasons: [expect.anything(), { code: 'REGISTRY_UNAVAILABLE', difference: 'sig-other-format' }],
        })
      },
    )

    test.each([false, true])(
      'is rejected where only the first format is looked for (attestations: %s)',
      async (attested) => {
        const outcome = await check('Cosign', 'bundle-b', 'as-kyverno', attested, failing('listReferrers'))
        expect(outcome).toMatchObject({ kind: 'rejected' })
      },
    )

    test('an image whose second format cannot be fetched is accepted where the first format is', async () => {
      const outcome = await check('Cosign', 'signed-a', 'auto', false, failing('listReferrers'))
      expect(outcome).toMatchObject({ kind: 'accepted' })
    })
  })
})
