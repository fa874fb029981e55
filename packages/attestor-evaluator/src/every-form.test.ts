import type { ImageVerification, SignatureType } from '@verify-images/policy-parser'
import { describe, expect, it } from 'vitest'
import { createAttestorEvaluator } from './attestor-evaluator.ts'
import type { StatementJudge } from './attestors/evaluate-attestations.ts'
import { createCorpusSource, readCorpusText } from './testing/corpus-source.ts'
import { summarize } from './testing/summarize.ts'
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
): Promise<{ readonly kind: string }> {
  const repository = 'registry.local:5000/app'
  const image = { reference: `${repository}:${tag}`, repository, tag }
  const run = {
    source: createCorpusSource(),
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

describe('looking in every form', () => {
  it.each([
    ['Cosign', 'bundle-a'],
    ['SigstoreBundle', 'signed-a'],
  ] as const)('finds for a rule of type %s what %s has, and marks it', async (type, tag) => {
    expect(await check(type, tag, 'as-kyverno')).toMatchObject({ kind: 'rejected' })
    expect(await check(type, tag, 'auto')).toMatchObject({ kind: 'accepted', evidence: [{ unseenByKyverno: true }] })
  })

  it.each([
    ['Cosign', 'bundle-attested-vuln-ok'],
    ['SigstoreBundle', 'attested-vuln-ok'],
  ] as const)('finds attestations for a rule of type %s too', async (type, tag) => {
    expect(await check(type, tag, 'as-kyverno', true)).toMatchObject({ kind: 'rejected' })
    expect(await check(type, tag, 'auto', true)).toMatchObject({
      kind: 'accepted',
      evidence: [{ unseenByKyverno: true }],
    })
  })

  it('marks nothing that Kyverno sees', async () => {
    const outcome = await check('Cosign', 'signed-a', 'auto')
    expect(outcome).toMatchObject({ kind: 'accepted' })
    expect(outcome).not.toHaveProperty('evidence.0.unseenByKyverno')
  })

  it('does not accept another key, and keeps the words of the first form', async () => {
    expect(await check('Cosign', 'bundle-b', 'auto')).toMatchObject({
      kind: 'rejected',
      told: expect.stringMatching(/\(no-signatures\)\)\)$/),
    })
  })
})
