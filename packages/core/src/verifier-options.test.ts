import { createCosignVerifier } from '@verify-images/attestor-evaluator'
import { expect, test } from 'vitest'
import { createImageVerifier } from './create-image-verifier.ts'
import { discoverImage } from './discover-image.ts'
import { podOf, policyOf } from './testing/policies.ts'

const policies = policyOf([{ imageReferences: ['registry.test/*'], attestors: [] }])
const refused = (message = ''): unknown =>
  expect.objectContaining({ code: 'VERIFIER_OPTIONS_INVALID', message: expect.stringContaining(message) })

// What callers without types may write.
test.each<[unknown, string]>([
  [undefined, '`options` must be an object, found nothing'],
  [policies, '`options` must be an object, found a list'],
  [{}, '`policies` must be a list, each of its items a policy, as parsePolicies returns it, found nothing'],
  [{ policies: 'kind: ClusterPolicy' }, '`policies` must be a list'],
  [{ policies: [null] }, '`policies[0]` must be a policy, as parsePolicies returns it, found null'],
  [
    {
      policies: [
        { apiVersion: 'kyverno.io/v1', kind: 'ClusterPolicy', metadata: { name: 'raw' }, spec: { rules: [] } },
      ],
    },
    '`policies[0]` must be a policy, as parsePolicies returns it, found an object',
  ],
  [{ policies, exceptions: [{}] }, '`exceptions[0]` must be a policy exception, as parseExceptions returns it'],
  [{ policies, registry: 'ghcr.io' }, '`registry` must be a registry client, with `openSession`, found a text'],
  [
    { policies, trust: '{"mediaType":"s3cret"}' },
    '`trust` must be a source of trust, as trustedRoot gives it, with `load`, found a text',
  ],
  [{ policies, keys: () => '' }, '`keys` must be a key resolver'],
  [
    { policies, kubernetes: 5 },
    '`kubernetes` must be a reader of a cluster, with `read`, and maybe `call` and `globalEntry`, found 5',
  ],
  [{ policies, kubernetes: { read: () => undefined, call: 'x' } }, '`kubernetes` must be a reader of a cluster'],
  [{ policies, credentialProviders: [] }, '`credentialProviders` must be an object'],
  [{ policies, credentialProviders: { amazon: {} } }, '`credentialProviders.amazon` must be a credential provider'],
  [{ policies, revocation: true }, '`revocation` must be a revocation checker'],
  [{ policies, verifiers: 'x' }, '`verifiers` must be a list'],
  [
    { policies, verifiers: [{ ...createCosignVerifier(), signatureType: 'Gpg' }] },
    'of the `signatureType` `Cosign` or `SigstoreBundle` or `Notary`',
  ],
  [{ policies, attestors: 'auto' }, '`attestors` must be an object, found a text'],
  [
    { policies, attestors: { requireSignedRepositry: true } },
    '`attestors.requireSignedRepositry` is not an option, expected one of verifyPinnedChain, ',
  ],
  [
    { policies, attestors: { requiredLogs: 0 } },
    '`attestors.requiredLogs` must be a whole number of at least 1, found 0',
  ],
  [{ policies, attestors: { verifiers: [] } }, '`attestors.verifiers` is not an option'],
  [{ policies, defaultRegistry: 'https://registry.test' }, '`defaultRegistry` must be the name of a registry'],
  [{ policies, defaultRegistry: '' }, '`defaultRegistry` must be the name of a registry'],
  [
    { policies, enableDefaultRegistryMutation: 'false' },
    '`enableDefaultRegistryMutation` must be true or false, found a text',
  ],
  [{ policies, kyvernoNamespace: null }, '`kyvernoNamespace` must be a text, found null'],
  [{ policies, platforms: [] }, '`platforms` must be `index`, `any-child`, `every-child`, or a list of platforms'],
  [{ policies, unmatched: 'deny' }, '`unmatched` must be `admit` or `refuse`, found `deny`'],
  [{ policies, Unmatched: 'refuse' }, '`Unmatched` is not an option, expected one of policies, '],
  [{ policies, deadlineMs: 0 }, '`deadlineMs` must be an integer from 1 to 2147483647, got 0'],
  [{ policies, clock: new Date() }, '`clock` must be a function, found an object'],
  [{ policies, compatibility: 5 }, '`compatibility` must be an object, found 5'],
  [{ policies, compatibility: { matchOneSpelling: true } }, '`compatibility.matchOneSpelling` is not an option'],
  [
    { policies, compatibility: { compareConditionsLoosely: 'no' } },
    '`compatibility.compareConditionsLoosely` must be true or false, found a text',
  ],
])('a verifier refuses %j', (options, message) => {
  const create = (): unknown => createImageVerifier(options as never)
  expect(create).toThrow(refused(message))
  expect(create).not.toThrow('s3cret')
})

test('what is undefined is as good as left out', async () => {
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
  await expect(judge({ namespacelabels: {} })).rejects.toEqual(refused('`namespacelabels` is not an option'))
  await expect(judge({ dryRun: 'no' })).rejects.toEqual(refused('`dryRun`'))
  await expect(judge(null)).rejects.toEqual(refused())
})

test('a request about an image has its own options only', async () => {
  const judge = async (options: unknown): Promise<unknown> =>
    createImageVerifier({ policies }).verifyImage('registry.test/app:1', options as never)
  await expect(judge({ operation: 'CREATE' })).rejects.toEqual(refused('`operation` is not an option'))
  for (const namespace of [5, '', ' prod', 'Prod'])
    await expect(judge({ namespace })).rejects.toEqual(refused('`namespace` must be the name of a namespace, found '))
})

test('a review is denied with the reason, because a webhook that fails may let requests pass', async () => {
  const review = {
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    request: { uid: 'u', operation: 'CREATE', object: podOf('elsewhere.test/app:1') },
  }
  const answer = await createImageVerifier({ policies }).review(review, { roless: [] } as never)
  expect(answer.response).toMatchObject({
    uid: 'u',
    allowed: false,
    status: { message: expect.stringContaining('`roless` is not an option') as string },
  })
})

test('so does a report', async () => {
  const { report } = await createImageVerifier({ policies }).verifyResource(podOf('elsewhere.test/app:1'))
  expect(report({ openreports: true }).apiVersion).toBe('openreports.io/v1alpha1')
  expect(() => report({ openReports: true } as never)).toThrow(
    refused('`openReports` is not an option, expected one of openreports, timestamp'),
  )
})

test.each<[string, unknown, string]>([
  ['nothing', undefined, '`options` must be an object, found nothing'],
  ['no registry', {}, '`registry` must be a registry client, with `openSession`, found nothing'],
  ['a misspelt name', { registry: { openSession: () => undefined }, reader: [] }, '`reader` is not an option'],
  [
    'a deadline of nothing',
    { registry: { openSession: () => undefined }, deadlineMs: 0 },
    '`deadlineMs` must be an integer from 1 to 2147483647, got 0',
  ],
])('nothing is discovered with %s', async (_, options, message) => {
  await expect(discoverImage('registry.test/app:1', options as never)).rejects.toEqual(refused(message))
})

test('no policies at all are a problem, because nothing is verified then', () => {
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
