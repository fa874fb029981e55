import { createCosignVerifier } from '@verify-images/attestor-evaluator'
import { expect, test } from 'vitest'
import { createImageVerifier } from './create-image-verifier.ts'
import { discoverImage } from './discover-image.ts'
import { parsePolicies } from './parse-policies.ts'
import { podOf, policyOf } from './testing/policies.ts'

const policies = policyOf([{ imageReferences: ['registry.test/*'], attestors: [] }])
const refused = (message = ''): unknown =>
  expect.objectContaining({ code: 'VERIFIER_OPTIONS_INVALID', message: expect.stringContaining(message) })

// What callers without types may write.
test.each<[unknown, string]>([
  [undefined, '`options`: expected an object, got undefined'],
  [policies, '`options`: expected an object, got an array'],
  [{}, '`policies`: expected an array, each item a policy returned by parsePolicies, got undefined'],
  [{ policies: 'kind: ClusterPolicy' }, '`policies`: expected an array'],
  [{ policies: [null] }, '`policies[0]`: expected a policy returned by parsePolicies, got null'],
  [
    {
      policies: [
        { apiVersion: 'kyverno.io/v1', kind: 'ClusterPolicy', metadata: { name: 'raw' }, spec: { rules: [] } },
      ],
    },
    '`policies[0]`: expected a policy returned by parsePolicies, got an object',
  ],
  [{ policies, exceptions: [{}] }, '`exceptions[0]`: expected a policy exception returned by parseExceptions'],
  [{ policies, registry: 'ghcr.io' }, '`registry`: expected a registry client with `openSession`, got a string'],
  [
    { policies, trust: '{"mediaType":"s3cret"}' },
    '`trust`: expected a trust source such as trustedRoot with `load`, or `none`, got a string',
  ],
  [{ policies, keys: () => '' }, '`keys`: expected a key resolver'],
  [
    { policies, kubernetes: 5 },
    '`kubernetes`: expected a cluster reader with `read` and optionally `call`, `globalEntry` and `list`, got 5',
  ],
  [{ policies, kubernetes: { read: () => undefined, call: 'x' } }, '`kubernetes`: expected a cluster reader'],
  [{ policies, credentialProviders: [] }, '`credentialProviders`: expected an object'],
  [{ policies, credentialProviders: { amazon: {} } }, '`credentialProviders.amazon`: expected a credential provider'],
  [{ policies, revocation: true }, '`revocation`: expected a revocation checker'],
  [{ policies, verifiers: 'x' }, '`verifiers`: expected an array'],
  [
    { policies, verifiers: [{ ...createCosignVerifier(), signatureType: 'Gpg' }] },
    'a `signatureType` of `Cosign` or `SigstoreBundle` or `Notary`',
  ],
  [{ policies, attestors: 'auto' }, '`attestors`: expected an object, got a string'],
  [
    { policies, attestors: { requireSignedRepositry: true } },
    '`attestors.requireSignedRepositry`: unknown option, did you mean `requireSignedRepository`?',
  ],
  [{ policies, attestors: { requiredLogs: 0 } }, '`attestors.requiredLogs`: expected a positive integer, got 0'],
  [{ policies, attestors: { verifiers: [] } }, '`attestors.verifiers`: unknown option'],
  [{ policies, defaultRegistry: 'https://registry.test' }, '`defaultRegistry`: expected a registry host'],
  [{ policies, defaultRegistry: '' }, '`defaultRegistry`: expected a registry host'],
  [
    { policies, enableDefaultRegistryMutation: 'false' },
    '`enableDefaultRegistryMutation`: expected a boolean, got a string',
  ],
  [{ policies, kyvernoNamespace: null }, '`kyvernoNamespace`: expected a string, got null'],
  [{ policies, platforms: [] }, '`platforms`: expected `index`, `any-child`, `every-child` or an array of platforms'],
  [{ policies, unmatched: 'deny' }, '`unmatched`: expected `admit` or `refuse`, got `deny`'],
  [{ policies, extractors: 'all' }, '`extractors`: expected `kyverno` or `common`, got `all`'],
  [{ policies, kindsWithoutImages: ['example.com/Widget'] }, 'such as `Widget.example.com`'],
  [{ policies, Unmatched: 'refuse' }, '`Unmatched`: unknown option, did you mean `unmatched`?'],
  [{ policies, deadlineMs: 0 }, '`deadlineMs`: expected an integer from 1 to 2147483647, got 0'],
  [{ policies, clock: new Date() }, '`clock`: expected a function, got a Date'],
  [{ policies, compatibility: 5 }, '`compatibility`: expected an object, got 5'],
  [
    { policies, compatibility: { matchOneSpelling: true } },
    '`compatibility.matchOneSpelling`: unknown option, expected one of ',
  ],
  [
    { policies, compatibility: { compareConditionsLoosely: 'no' } },
    '`compatibility.compareConditionsLoosely`: expected a boolean, got a string',
  ],
])('a verifier refuses %j', (options, message) => {
  const create = (): unknown => createImageVerifier(options as never)
  expect(create).toThrow(refused(message))
  expect(create).not.toThrow('s3cret')
})

test('an option that is undefined counts as omitted', async () => {
  const verifier = createImageVerifier({
    policies,
    unmatched: undefined,
    trust: undefined,
    compatibility: { matchOneSpellingOnly: undefined },
  } as never)
  expect(await verifier.verifyResource(podOf('elsewhere.test/app:1'), { namespace: undefined } as never)).toMatchObject(
    { admitted: true },
  )
})

test('a default registry may have a path', () => {
  expect(() => createImageVerifier({ policies, defaultRegistry: 'registry.test:5000/mirror' })).not.toThrow()
})

test.each(['verifyResource', 'scan'] as const)('%s has its own options only', async (method) => {
  const judge = async (options: unknown): Promise<unknown> =>
    createImageVerifier({ policies })[method](podOf('registry.test/app:1'), options as never)
  await expect(judge({ namespacelabels: {} })).rejects.toEqual(refused('`namespacelabels`: unknown option'))
  await expect(judge({ dryRun: 'no' })).rejects.toEqual(refused('`dryRun`'))
  await expect(judge(null)).rejects.toEqual(refused())
})

test('a request about an image has its own options only', async () => {
  const judge = async (options: unknown): Promise<unknown> =>
    createImageVerifier({ policies }).verifyImage('registry.test/app:1', options as never)
  await expect(judge({ operation: 'CREATE' })).rejects.toEqual(refused('`operation`: unknown option'))
  for (const namespace of [5, '', ' prod', 'Prod'])
    await expect(judge({ namespace })).rejects.toEqual(refused('`namespace`: expected a namespace name, got '))
})

test('a review is denied with the reason, because a webhook that fails may let requests pass', async () => {
  const review = {
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    request: { uid: 'u', operation: 'CREATE', object: podOf('elsewhere.test/app:1') },
  }
  const { response: answer } = await createImageVerifier({ policies }).review(review, { roless: [] } as never)
  expect(answer.response).toMatchObject({
    uid: 'u',
    allowed: false,
    status: { message: expect.stringContaining('`roless`: unknown option') as string },
  })
})

test('a report is refused with unknown options', async () => {
  const { report } = await createImageVerifier({ policies }).verifyResource(podOf('elsewhere.test/app:1'))
  expect(report({ openreports: true }).apiVersion).toBe('openreports.io/v1alpha1')
  expect(() => report({ openReports: true } as never)).toThrow(
    refused('`openReports`: unknown option, did you mean `openreports`?'),
  )
})

test.each<[string, unknown, string]>([
  ['nothing', undefined, '`options`: expected an object, got undefined'],
  ['no registry', {}, '`registry`: expected a registry client with `openSession`, got undefined'],
  ['a misspelt name', { registry: { openSession: () => undefined }, reader: [] }, '`reader`: unknown option'],
  [
    'a deadline of nothing',
    { registry: { openSession: () => undefined }, deadlineMs: 0 },
    '`deadlineMs`: expected an integer from 1 to 2147483647, got 0',
  ],
])('discoverImage refuses %s', async (_, options, message) => {
  await expect(discoverImage('registry.test/app:1', options as never)).rejects.toEqual(refused(message))
})

test('an empty array of policies is a problem', () => {
  expect(createImageVerifier({ policies: [] }).problems).toEqual([
    {
      severity: 'problem',
      code: 'VERIFIER_POLICIES_EMPTY',
      policy: '',
      path: 'policies',
      message: 'there is no policy, so no image is verified',
    },
  ])
  const signed = policyOf([{ imageReferences: ['registry.test/*'], attestors: [] }])
  expect(createImageVerifier({ policies: signed }).problems.map(({ code }) => code)).not.toContain(
    'VERIFIER_POLICIES_EMPTY',
  )
})

test('lists a policy without rules as a problem', () => {
  const text = JSON.stringify({
    apiVersion: 'kyverno.io/v1',
    kind: 'ClusterPolicy',
    metadata: { name: 'signed' },
    spec: { rules: [] },
  })
  const { problems } = createImageVerifier({ policies: parsePolicies(text) })
  expect(problems).toMatchObject([
    { severity: 'problem', code: 'VERIFIER_POLICIES_EMPTY', policy: 'signed', path: 'spec.rules' },
  ])
})
