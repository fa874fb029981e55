import type { Attestation, AttestorEntry, AttestorSet, ImageVerification } from '@verify-images/policy-parser'
import { describe, expect, it } from 'vitest'
import { type Digest, type Json, ownMember } from '@verify-images/primitives'
import { createAttestorEvaluator } from '../attestor-evaluator.ts'
import { createMemorySource } from '@verify-images/testing/internal'
import { summarize, type Summary } from '../testing/summarize.ts'
import { createStatedVerifier } from '../testing/stated-verifier.ts'
import { createEvaluationBudget, createVerificationMemo, HeldPredicate } from '@verify-images/primitives'
import type { StatementJudge, VerifiedAttestationSets } from './evaluate-attestations.ts'

const scan = 'https://example.com/scan/v1'
const image = { reference: 'registry.test/app:1', repository: 'registry.test/app', tag: '1' }
const by = (publicKeys: string): AttestorEntry => ({ keys: { publicKeys } })
const clean = [{ type: scan, predicate: { critical: 0 } }]

const judge: StatementJudge = (_attestation, { predicate }) => {
  const critical = predicate instanceof HeldPredicate ? undefined : ownMember(predicate, 'critical')
  if (critical === undefined)
    return Promise.resolve({
      failure: { message: 'unknown key', reason: { code: 'CONDITION_VARIABLE_UNRESOLVED', message: 'unknown key' } },
    })
  return Promise.resolve(critical === 0 ? { holds: true } : { holds: false, message: 'too many' })
}

async function verify(
  attestations: readonly Attestation[],
  statements: readonly { readonly type: string; readonly predicate: Json }[] = clean,
  subject: typeof image | (typeof image & { digest: Digest }) = image,
  changes: Pick<ImageVerification, 'attestors'> = {},
): Promise<Summary<VerifiedAttestationSets>> {
  const run = {
    source: createMemorySource(),
    now: new Date(),
    signal: new AbortController().signal,
    memo: createVerificationMemo(),
    budget: createEvaluationBudget(),
  }
  const entry = { ...changes, attestations, mutateDigest: true, verifyDigest: true, required: true, useCache: true }
  const evaluator = createAttestorEvaluator({ verifiers: [createStatedVerifier(statements)] })
  return summarize(await evaluator.verifyAttestations(entry, subject, run, judge))
}

const failed = (told: string, verifiedCount = 0, requiredCount = 1): object => ({
  told: `verify-attestation(${told})`,
  failure: { step: { kind: 'attestor-verify-attestation', verifiedCount, requiredCount } },
})

describe('an attestation', () => {
  it('holds when every statement of the type satisfies the conditions', async () => {
    expect(await verify([{ name: 'scan', type: scan, attestors: [{ entries: [by('a')] }] }])).toMatchObject({
      kind: 'accepted',
      image: 'registry.test/app:1',
      evidence: [{}],
      statements: new Map([['scan', [{ predicate: { critical: 0 } }]]]),
    })
    expect(
      await verify(
        [{ type: scan, attestors: [{ entries: [by('a')] }] }],
        [...clean, { type: scan, predicate: { critical: 3 } }],
      ),
    ).toMatchObject({
      kind: 'rejected',
      reasons: [{ code: 'ATTESTOR_CONDITION_NOT_MET' }],
      ...failed('entry(conditions-not-met)'),
    })
  })

  it('that is not there is none that holds', async () => {
    expect(await verify([])).toMatchObject({
      kind: 'rejected',
      told: 'the policy names no attestations',
      reasons: [
        {
          code: 'ATTESTOR_SET_INVALID',
          message: 'the policy names no attestations',
          path: 'attestations',
          image: 'registry.test/app:1',
        },
      ],
    })
  })

  it('is named by the digest once that is known', async () => {
    const pinned = { ...image, digest: 'sha256:aa' as const }
    expect(await verify([{ type: scan, attestors: [{ entries: [by('a')] }] }], clean, pinned)).toMatchObject({
      image: 'registry.test/app@sha256:aa',
    })
  })

  it('needs a type, of which `type` wins', async () => {
    for (const attestation of [{}, { type: '' }]) {
      expect(await verify([{ ...attestation, attestors: [{ entries: [by('a')] }] }])).toMatchObject({
        kind: 'rejected',
        told: 'attestation-without-type',
        failure: { detail: { path: '.attestations[0]' } },
      })
    }
    const attestors = [{ entries: [by('a')] }]
    expect(await verify([{ predicateType: scan, attestors }])).toMatchObject({ kind: 'accepted' })
    expect(await verify([{ type: 'x', predicateType: scan, attestors }])).toMatchObject({
      kind: 'rejected',
      reasons: [{ code: 'ATTESTOR_STATEMENT_MISSING' }],
    })
  })

  it('needs a statement of exactly the type, with an object for its predicate', async () => {
    const attestors = [{ entries: [by('a')] }]
    expect(await verify([{ type: `${scan}/`, attestors }])).toMatchObject({
      ...failed('entry(statement-missing)'),
    })
    expect(await verify([{ type: scan, attestors }], [{ type: scan, predicate: 'text' }])).toMatchObject({
      ...failed('predicate-missing'),
    })
    expect(await verify([{ type: scan, attestors }], [])).toMatchObject({ kind: 'rejected' })
  })

  it('whose conditions cannot be evaluated is inconclusive', async () => {
    expect(
      await verify([{ type: scan, attestors: [{ entries: [by('a')] }] }], [{ type: scan, predicate: {} }]),
    ).toMatchObject({
      kind: 'inconclusive',
      ...failed('entry(conditions-not-evaluated)'),
      reasons: [{ code: 'ATTESTOR_CONDITION_FAILED' }],
    })
  })

  it('shows deny conditions only predicates of its own type', async () => {
    const other = { type: 'https://example.com/other', predicate: { critical: 9 } }
    expect(
      await verify([{ name: 'scan', type: scan, attestors: [{ entries: [by('a')] }] }], [other, ...clean]),
    ).toMatchObject({ statements: new Map([['scan', [{ predicate: { critical: 0 } }]]]) })
  })
})

describe('sets of attestors', () => {
  it('are counted without taking keys apart, and print the number of the attestation for that of the entry', async () => {
    const attestors = [{ entries: [by('!one'), by('a')] }]
    expect(await verify([{ type: scan, attestors }])).toMatchObject({
      ...failed('one', 1, 2),
      reasons: [{ path: 'attestations[0].attestors[0].entries[0]' }],
    })
    expect(
      await verify([
        { type: scan, attestors: [{ entries: [by('a')] }] },
        { type: 'x', attestors: [{ entries: [by('a')] }] },
      ]),
    ).toMatchObject({
      ...failed('entry(statement-missing)'),
      reasons: [{ path: 'attestations[1].attestors[0].entries[0]' }],
    })
  })

  it('must all hold, and keep the complaints of those that did', async () => {
    const attestors = [{ count: 1, entries: [by('!one'), by('a')] }, { entries: [by('!two')] }]
    expect(await verify([{ type: scan, attestors }])).toMatchObject(failed('one, two'))
  })

  it('count one signer once', async () => {
    expect(await verify([{ type: scan, attestors: [{ entries: [by('a'), by('a')] }] }])).toMatchObject({
      kind: 'rejected',
      reasons: [{ code: 'ATTESTOR_DUPLICATE_SIGNER', difference: 'S12' }],
    })
    expect(await verify([{ type: scan, attestors: [{ entries: [by('a'), by('b')] }] }])).toMatchObject({
      kind: 'accepted',
      evidence: [{}, {}],
    })
  })

  it('with impossible counts never hold', async () => {
    for (const set of [{}, { entries: [] }, { count: -1, entries: [by('a')] }, { count: 2, entries: [by('a')] }]) {
      expect(await verify([{ type: scan, attestors: [set] }])).toMatchObject({ kind: 'rejected' })
    }
  })

  it('are inconclusive when an entry that could not be told might have filled the count, and never an error', async () => {
    expect(await verify([{ type: scan, attestors: [{ count: 1, entries: [by('!no'), by('~gone')] }] }])).toMatchObject({
      kind: 'inconclusive',
    })
    expect(await verify([{ type: scan, attestors: [{ entries: [by('!no'), by('~gone')] }] }])).toMatchObject({
      kind: 'rejected',
    })
  })
})

describe('an attestation without attestors', () => {
  const verifyInherited = async (
    attestors: readonly AttestorSet[],
    statements: Parameters<typeof verify>[1] = clean,
  ): Promise<Summary<VerifiedAttestationSets>> =>
    verify([{ name: 'scan', type: scan }], statements, image, { attestors })

  it('is held to the attestors of its entry', async () => {
    expect(await verifyInherited([{ entries: [by('a')] }])).toMatchObject({
      kind: 'accepted',
      evidence: [{ signer: { fingerprint: 'a' } }],
      statements: new Map([['scan', [{ predicate: { critical: 0 } }]]]),
    })
    expect(await verifyInherited([{ entries: [by('!no')] }])).toMatchObject({
      kind: 'rejected',
      reasons: [{ code: 'ATTESTOR_SIGNATURE_INVALID', difference: 'S8', path: 'attestors[0].entries[0]' }],
    })
  })

  it('must satisfy every set of the entry, k of n as for signatures', async () => {
    expect((await verifyInherited([{ entries: [by('a')] }, { entries: [by('!no')] }])).kind).toBe('rejected')
    expect((await verifyInherited([{ count: 1, entries: [by('!no'), by('a')] }])).kind).toBe('accepted')
    expect((await verifyInherited([{ entries: [by('a'), by('?gone')] }])).kind).toBe('inconclusive')
  })

  it('must satisfy its conditions', async () => {
    expect(await verifyInherited([{ entries: [by('a')] }], [{ type: scan, predicate: { critical: 3 } }])).toMatchObject(
      {
        kind: 'rejected',
        reasons: [{ code: 'ATTESTOR_CONDITION_NOT_MET' }],
      },
    )
  })

  it('never passes when the entry names nobody either', async () => {
    for (const attestors of [[], [{ entries: [] }], [{ entries: [{}] }], [{ entries: [{ keyless: {} }] }]])
      expect((await verifyInherited(attestors)).kind).toBe('rejected')
  })
})

describe('nobody in particular', () => {
  it('attests nothing', async () => {
    for (const attestors of [undefined, [], [{ entries: [{}] }], [{ entries: [{ keyless: {} }] }]]) {
      expect(await verify([{ type: scan, ...(attestors && { attestors }) }])).toMatchObject({
        kind: 'rejected',
        reasons: [{ code: 'ATTESTOR_POLICY_INVALID' }],
      })
    }
  })

  it('stands in front of a nested set, which decides', async () => {
    const nested = (attestor: Json): readonly Attestation[] => [
      { type: scan, attestors: [{ entries: [{ attestor }] }] },
    ]
    expect(await verify(nested({ entries: [{ keys: { publicKeys: 'a' } }] }))).toMatchObject({
      kind: 'accepted',
      evidence: [{ signer: { fingerprint: 'a' } }],
    })
    expect(await verify(nested({ entries: [{ keys: { publicKeys: '!no' } }] }))).toMatchObject({
      kind: 'rejected',
      reasons: [{ code: 'ATTESTOR_SIGNATURE_INVALID', difference: 'S8' }],
    })
    expect(
      await verify(
        nested({
          count: 1,
          entries: [{ keys: { publicKeys: '!no' } }, { attestor: { entries: [{ keys: { publicKeys: 'b' } }] } }],
        }),
      ),
    ).toMatchObject({ kind: 'accepted' })
    expect(await verify(nested({ entries: [{ keyless: {} }] }))).toMatchObject({ kind: 'rejected' })
    expect(await verify(nested({ entries: [] }))).toMatchObject({ kind: 'rejected' })
    expect(await verify(nested('x'))).toMatchObject({ kind: 'rejected' })
  })
})
