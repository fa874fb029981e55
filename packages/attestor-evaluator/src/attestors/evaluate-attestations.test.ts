import type { Attestation, AttestorEntry, AttestorSet, ImageVerification } from '@verify-images/policy-parser'
import { describe, expect, test } from 'vitest'
import { type Digest, type Json, ownMember, type Predicate } from '@verify-images/primitives'
import { createAttestorEvaluator } from '../attestor-evaluator.ts'
import { createMemorySource } from '@verify-images/testing/internal'
import { summarize, type Summary } from '../testing/summarize.ts'
import { createStatedVerifier } from '../testing/stated-verifier.ts'
import { createEvaluationBudget, createVerificationMemo, HeldPredicate } from '@verify-images/primitives'
import type { VerifiedAttestationSets } from './evaluate-attestations.ts'
import type { StatementJudge } from './statement-conditions.ts'

const scan = 'https://example.com/scan/v1'
const image = { reference: 'registry.test/app:1', repository: 'registry.test/app', tag: '1' }
const by = (publicKeys: string): AttestorEntry => ({ keys: { publicKeys } })
const clean = [{ type: scan, predicate: { critical: 0 } }]

const criticalOf = (predicate: Predicate | undefined): Json | undefined =>
  predicate instanceof HeldPredicate ? undefined : ownMember(predicate, 'critical')

const judge: StatementJudge = (_attestation, { predicate }) => {
  const critical = criticalOf(predicate)
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
  judgeStatement: StatementJudge = judge,
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
  return summarize(await evaluator.verifyAttestations(entry, subject, run, judgeStatement))
}

const failed = (summary: string, verifiedCount = 0, requiredCount = 1): object => ({
  summary: `verify-attestation(${summary})`,
  failure: { step: { kind: 'attestor-verify-attestation', verifiedCount, requiredCount } },
})

const json = (value: unknown): Json => JSON.parse(JSON.stringify(value)) as Json

describe('an attestation', () => {
  test('an attestation holds when every statement of the type satisfies the conditions', async () => {
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

  test('an attestation is rejected when the policy names none', async () => {
    expect(await verify([])).toMatchObject({
      kind: 'rejected',
      summary: 'the policy names no attestations',
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

  test('an attestation is named by the digest once it is known', async () => {
    const pinned = { ...image, digest: 'sha256:aa' as const }
    expect(await verify([{ type: scan, attestors: [{ entries: [by('a')] }] }], clean, pinned)).toMatchObject({
      image: 'registry.test/app@sha256:aa',
    })
  })

  test('an attestation needs a type, and `type` takes precedence', async () => {
    for (const attestation of [{}, { type: '' }]) {
      expect(await verify([{ ...attestation, attestors: [{ entries: [by('a')] }] }])).toMatchObject({
        kind: 'rejected',
        summary: 'attestation-without-type',
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

  test('an attestation needs a statement of exactly the type, with an object as predicate', async () => {
    const attestors = [{ entries: [by('a')] }]
    expect(await verify([{ type: `${scan}/`, attestors }])).toMatchObject({
      ...failed('entry(statement-missing)'),
    })
    expect(await verify([{ type: scan, attestors }], [{ type: scan, predicate: 'text' }])).toMatchObject({
      ...failed('predicate-missing'),
    })
    expect(await verify([{ type: scan, attestors }], [])).toMatchObject({ kind: 'rejected' })
  })

  test('an attestation is inconclusive when its conditions cannot be evaluated', async () => {
    expect(
      await verify([{ type: scan, attestors: [{ entries: [by('a')] }] }], [{ type: scan, predicate: {} }]),
    ).toMatchObject({
      kind: 'inconclusive',
      ...failed('entry(conditions-not-evaluated)'),
      reasons: [{ code: 'ATTESTOR_CONDITION_FAILED' }],
    })
  })

  test('an attestation makes only predicates of its own type visible', async () => {
    const other = { type: 'https://example.com/other', predicate: { critical: 9 } }
    expect(
      await verify([{ name: 'scan', type: scan, attestors: [{ entries: [by('a')] }] }], [other, ...clean]),
    ).toMatchObject({ statements: new Map([['scan', [{ predicate: { critical: 0 } }]]]) })
  })
})

describe('sets of attestors', () => {
  test('sets of attestors count the keys of one field once, and print the number of the attestation', async () => {
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

  test('sets of attestors must all be satisfied, and report the failures of satisfied ones too', async () => {
    const attestors = [{ count: 1, entries: [by('!one'), by('a')] }, { entries: [by('!two')] }]
    expect(await verify([{ type: scan, attestors }])).toMatchObject(failed('one, two'))
  })

  test('sets of attestors count one signer once', async () => {
    expect(await verify([{ type: scan, attestors: [{ entries: [by('a'), by('a')] }] }])).toMatchObject({
      kind: 'rejected',
      reasons: [{ code: 'ATTESTOR_DUPLICATE_SIGNER', difference: 'S12' }],
    })
    expect(await verify([{ type: scan, attestors: [{ entries: [by('a'), by('b')] }] }])).toMatchObject({
      kind: 'accepted',
      evidence: [{}, {}],
    })
  })

  test('sets of attestors are never satisfied with an impossible count', async () => {
    for (const set of [{}, { entries: [] }, { count: -1, entries: [by('a')] }, { count: 2, entries: [by('a')] }]) {
      expect(await verify([{ type: scan, attestors: [set] }])).toMatchObject({ kind: 'rejected' })
    }
  })

  test('sets of attestors are inconclusive when an unchecked entry might complete the count', async () => {
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

  test('an attestation without attestors is verified by the attestors of its entry', async () => {
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

  test('an attestation without attestors must satisfy every set of the entry, k of n as for signatures', async () => {
    expect((await verifyInherited([{ entries: [by('a')] }, { entries: [by('!no')] }])).kind).toBe('rejected')
    expect((await verifyInherited([{ count: 1, entries: [by('!no'), by('a')] }])).kind).toBe('accepted')
    expect((await verifyInherited([{ entries: [by('a'), by('?gone')] }])).kind).toBe('inconclusive')
  })

  test('an attestation without attestors must satisfy its conditions', async () => {
    expect(await verifyInherited([{ entries: [by('a')] }], [{ type: scan, predicate: { critical: 3 } }])).toMatchObject(
      {
        kind: 'rejected',
        reasons: [{ code: 'ATTESTOR_CONDITION_NOT_MET' }],
      },
    )
  })

  test('an attestation without attestors never passes when the entry names no signer either', async () => {
    for (const attestors of [[], [{ entries: [] }], [{ entries: [{}] }], [{ entries: [{ keyless: {} }] }]])
      expect((await verifyInherited(attestors)).kind).toBe('rejected')
  })
})

describe('an attestor that names no signer', () => {
  test('an attestor that names no signer is never satisfied', async () => {
    for (const attestors of [undefined, [], [{ entries: [{}] }], [{ entries: [{ keyless: {} }] }]]) {
      expect(await verify([{ type: scan, ...(attestors && { attestors }) }])).toMatchObject({
        kind: 'rejected',
        reasons: [{ code: 'ATTESTOR_POLICY_INVALID' }],
      })
    }
  })

  test('an attestor that names no signer is checked before a nested set, which decides', async () => {
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

describe('conditions of a later attestation', () => {
  const build = 'https://example.com/build/v1'
  const attestations = (conditions: Attestation['conditions'] = [{ all: [{ key: 'x' }] }]): readonly Attestation[] => [
    { name: 'scan', type: scan, attestors: [{ entries: [by('a')] }] },
    { name: 'build', type: build, attestors: [{ entries: [by('a')] }], conditions },
  ]
  /** Satisfied unless the build is evaluated beside a scan with a critical finding. */
  const judgeBesideScan: StatementJudge = (_attestation, _statement, named) =>
    Promise.resolve(
      named.has('build') && criticalOf(named.get('scan')?.predicate) !== 0
        ? { holds: false, message: 'too many' }
        : { holds: true },
    )
  const statements = (...critical: readonly number[]): Parameters<typeof verify>[1] => [
    ...critical.map((number) => ({ type: scan, predicate: { critical: number } })),
    { type: build, predicate: { by: 'ci' } },
  ]

  test.each([
    ['first', [7, 0]],
    ['second', [0, 7]],
    ['last of many', [...Array.from({ length: 40 }, (_, i) => ({ i })).map(() => 0), 7]],
  ])('conditions of a later attestation see every statement of an earlier one: the %s', async (_, critical) => {
    const outcome = await verify(attestations(), statements(...critical), image, {}, judgeBesideScan)
    expect(outcome).toMatchObject({ kind: 'rejected', reasons: [{ code: 'ATTESTOR_CONDITION_NOT_MET' }] })
    const clean = critical.map(() => 0)
    expect(await verify(attestations(), statements(...clean), image, {}, judgeBesideScan)).toMatchObject({
      kind: 'accepted',
    })
  })

  test('conditions of a later attestation mark where Kyverno would accept by the first statement', async () => {
    const differenceOf = async (...critical: readonly number[]): Promise<unknown> => {
      const outcome = await verify(attestations(), statements(...critical), image, {}, judgeBesideScan)
      return outcome.kind === 'accepted' ? outcome.kind : outcome.reasons[0]?.difference
    }
    expect(await differenceOf(7, 0)).toBe(undefined)
    expect(await differenceOf(0, 7)).toBe('deny-every-statement')
  })

  test('conditions of a later attestation see the statements of a nested set, all of them', async () => {
    const nested = json({ entries: [by('a')] })
    const [, second = {}] = attestations()
    const first: Attestation = { name: 'scan', type: scan, attestors: [{ entries: [{ attestor: nested }] }] }
    const outcome = await verify([first, second], statements(0, 7), image, {}, judgeBesideScan)
    expect(outcome).toMatchObject({ kind: 'rejected', reasons: [{ code: 'ATTESTOR_CONDITION_NOT_MET' }] })
    const accepted = await verify([first, second], statements(0, 0), image, {}, judgeBesideScan)
    expect(accepted).toMatchObject({ kind: 'accepted' })
  })

  test('conditions of a later attestation are inconclusive beyond the limit of choices, never accepted', async () => {
    const many = Array.from({ length: 65 }, (_, i) => i)
    const judgeAll: StatementJudge = () => Promise.resolve({ holds: true })
    expect(await verify(attestations(), statements(...many), image, {}, judgeAll)).toMatchObject({
      kind: 'inconclusive',
      reasons: [{ code: 'ATTESTOR_LIMIT_EXCEEDED' }],
    })
    expect(await verify(attestations(), statements(...many.slice(1)), image, {}, judgeAll)).toMatchObject({
      kind: 'accepted',
    })
    // Without conditions nothing sees the statements together.
    expect(await verify(attestations([]), statements(...many), image, {}, judgeAll)).toMatchObject({ kind: 'accepted' })
  })
})

describe('an entry that could not be checked, in a set that others satisfy', () => {
  const oneOf = (...keys: readonly string[]): readonly AttestorSet[] => [{ count: 1, entries: keys.map(by) }]
  const nestedOneOf = (...keys: readonly string[]): readonly AttestorSet[] => [
    { entries: [{ attestor: json({ count: 1, entries: keys.map(by) }) }] },
  ]

  test.each([
    ['a set', oneOf('?gone', 'a'), oneOf('!no', 'a')],
    ['a nested set', nestedOneOf('?gone', 'a'), nestedOneOf('!no', 'a')],
  ])(
    'leaves a named attestation inconclusive, because `deny` would see its statement: %s',
    async (_, sets, control) => {
      const attestation = { name: 'scan', type: scan }
      expect(await verify([{ ...attestation, attestors: sets }])).toMatchObject({
        kind: 'inconclusive',
        reasons: [{ code: 'ATTESTOR_KEY_UNAVAILABLE' }],
      })
      expect(await verify([{ ...attestation, attestors: control }])).toMatchObject({ kind: 'accepted' })
      // Nothing else sees the statements of an attestation without a name.
      expect(await verify([{ type: scan, attestors: sets }])).toMatchObject({ kind: 'accepted' })
    },
  )

  test('an entry that could not be checked leaves an inherited set inconclusive', async () => {
    const inherit = (...keys: readonly string[]): Promise<Summary<VerifiedAttestationSets>> =>
      verify([{ name: 'scan', type: scan }], clean, image, { attestors: oneOf(...keys) })
    expect(await inherit('?gone', 'a')).toMatchObject({ kind: 'inconclusive' })
    expect(await inherit('!no', 'a')).toMatchObject({ kind: 'accepted' })
  })
})
