import { describe, expect, test } from 'vitest'
import type { Json, JsonObject } from '@verify-images/primitives'
import { validatePolicy } from './validate-policy.ts'

type Loose = { [key: string]: Json }

const KEY = '-----BEGIN PUBLIC KEY-----\nMFkw\n-----END PUBLIC KEY-----'
const POD = { any: [{ resources: { kinds: ['Pod'] } }] }
const SET = { entries: [{ keys: { publicKeys: KEY } }] }
const ENTRY = { imageReferences: ['ghcr.io/acme/*'], mutateDigest: false, attestors: [SET] }

const rule = (changes: Loose = {}): Loose => ({ name: 'check', match: POD, verifyImages: [ENTRY], ...changes })
const policy = (spec: Loose = {}, rest: Loose = {}): JsonObject => ({
  apiVersion: 'kyverno.io/v1',
  kind: 'ClusterPolicy',
  metadata: { name: 'p' },
  spec: { rules: [rule()], ...spec },
  ...rest,
})
const withRule = (changes: Loose, spec: Loose = {}): JsonObject => policy({ rules: [rule(changes)], ...spec })
const withEntry = (changes: Loose): JsonObject => withRule({ verifyImages: [{ ...ENTRY, ...changes }] })
const withAttestor = (entry: Json): JsonObject => withEntry({ attestors: [{ entries: [entry] }] })
const withCondition = (condition: Json): JsonObject => withRule({ preconditions: { all: [condition] } })
const withContext = (entry: Loose): JsonObject => withRule({ context: [{ name: 'c', ...entry }] })
const namespaced = (spec: Loose = {}): JsonObject =>
  policy(spec, { kind: 'Policy', metadata: { name: 'p', namespace: 'team' } })

const compileExpression = (text: string): void => {
  if (text.includes('bad(')) throw new Error('incomplete')
}
const found = (document: JsonObject): string[] =>
  validatePolicy(document, { compileExpression }).errors.map(({ code, path }) => `${code} ${path}`)

describe('validatePolicy accepts', () => {
  test.each<[string, JsonObject]>([
    ['a plain policy', policy()],
    ['a namespaced one', namespaced()],
    ['kyverno.io/v2beta1', policy({}, { apiVersion: 'kyverno.io/v2beta1' })],
    ['no rules', policy({ rules: [] })],
    ['null where a field is not needed', withEntry({ useCache: null, attestations: null })],
    [
      'mutateDigest where the action is Enforce',
      policy({
        validationFailureAction: 'Enforce',
        rules: [rule({ verifyImages: [{ ...ENTRY, mutateDigest: true }] })],
      }),
    ],
    [
      'an action that the next entry takes over',
      withRule({
        verifyImages: [
          { ...ENTRY, failureAction: 'Enforce' },
          { ...ENTRY, mutateDigest: true },
        ],
      }),
    ],
    ['a nested attestor with a negative count', withAttestor({ attestor: { count: -1, entries: SET.entries } })],
    ['a nested attestor in any case of letters', withAttestor({ attestor: { Entries: SET.entries } })],
    ['the old list of conditions', withRule({ preconditions: [{ key: 'a', operator: 'Equals', value: 'b' }] })],
    [
      'wildcards in a selector',
      withRule({ match: { any: [{ resources: { kinds: ['Pod'], selector: { matchLabels: { 'a?': '*' } } } }] } }),
    ],
    [
      'variables that are known',
      withCondition({
        key: '{{ request.object.metadata.name }}',
        operator: 'Equals',
        value: '{{ images.containers.app.tag }}',
      }),
    ],
    [
      'variables of the context',
      withRule({
        context: [{ name: 'c', variable: { value: 1 } }],
        preconditions: { all: [{ key: '{{ c.x }}', operator: 'Equals', value: 1 }] },
      }),
    ],
    [
      'anything in conditions of attestations',
      withEntry({
        attestations: [
          {
            type: 't',
            attestors: [SET],
            conditions: [{ all: [{ key: '{{ anything }}', operator: 'Equals', value: 1 }] }],
          },
        ],
      }),
    ],
    ['an escaped variable', withCondition({ key: '\\{{ nope }}', operator: 'Equals', value: 1 })],
    [
      'conditions of the webhook that are CEL',
      policy({
        webhookConfiguration: { matchConditions: [{ name: 'x', expression: 'request.operation != "DELETE"' }] },
      }),
    ],
    [
      'a status copied from a cluster',
      policy(
        {},
        {
          status: {
            ready: true,
            conditions: [{ lastTransitionTime: 't', message: 'm', reason: 'r', status: 'True', type: 'Ready' }],
          },
        },
      ),
    ],
    [
      'an open brace in match that JSON does not close',
      withRule({
        match: {
          any: [
            {
              resources: {
                kinds: ['Pod'],
                namespaceSelector: { matchExpressions: [{ key: 'a', operator: 'Exists' }], matchLabels: { a: '{{' } },
              },
            },
          ],
        },
      }),
    ],
    [
      'a reference to a required text that is empty',
      withAttestor({ keys: { secret: { name: '', namespace: '$(./../name)' } } }),
    ],
    [
      'a validate rule',
      withRule({ verifyImages: null, validate: { pattern: { metadata: { labels: { 'app?': '?*' } } } } }),
    ],
    [
      'conditions in CEL for patches in a loop, which Kyverno does not check',
      withRule({
        verifyImages: null,
        celPreconditions: [],
        mutate: { foreach: [{ list: 'x', patchStrategicMerge: {} }] },
      }),
    ],
    [
      'a mutate rule',
      withRule({ verifyImages: null, mutate: { patchStrategicMerge: { metadata: { labels: { a: 'b' } } } } }),
    ],
    [
      'a generate rule',
      withRule({
        verifyImages: null,
        generate: { apiVersion: 'v1', kind: 'ConfigMap', name: 'x', namespace: 'y', data: { a: 'b' } },
      }),
    ],
  ])('validatePolicy accepts %s', (_name, document) => expect(found(document)).toEqual([]))
})

describe('validatePolicy refuses, and finds nothing else', () => {
  test.each<[string, JsonObject, string]>([
    // the schema
    ['another kind', policy({}, { kind: 'ClusterPolicies' }), 'POLICY_KIND_UNSUPPORTED '],
    ['another version', policy({}, { apiVersion: 'kyverno.io/v9' }), 'POLICY_KIND_UNSUPPORTED '],
    ['an unknown field', policy({ ruls: [] }), 'POLICY_FIELD_UNKNOWN spec.ruls'],
    [
      'a field in the wrong case',
      withEntry({ verifydigest: true }),
      'POLICY_FIELD_UNKNOWN spec.rules[0].verifyImages[0].verifydigest',
    ],
    [
      'a name of the prototype as a field',
      withEntry({ constructor: 1 }),
      'POLICY_FIELD_UNKNOWN spec.rules[0].verifyImages[0].constructor',
    ],
    [
      'a missing field',
      policy({ rules: [{ name: 'check', verifyImages: [ENTRY] }] }),
      'POLICY_FIELD_MISSING spec.rules[0].match',
    ],
    ['no spec', policy({}, { spec: null }), 'POLICY_FIELD_MISSING spec'],
    [
      'a wrong type',
      withEntry({ imageReferences: [5] }),
      'POLICY_FIELD_INVALID spec.rules[0].verifyImages[0].imageReferences[0]',
    ],
    ['text for a flag', withEntry({ required: 'yes' }), 'POLICY_FIELD_INVALID spec.rules[0].verifyImages[0].required'],
    [
      'a value that is not in the list',
      withEntry({ type: 'cosign' }),
      'POLICY_FIELD_INVALID spec.rules[0].verifyImages[0].type',
    ],
    [
      'a count below one',
      withEntry({ attestors: [{ ...SET, count: 0 }] }),
      'POLICY_COUNT_OUT_OF_RANGE spec.rules[0].verifyImages[0].attestors[0].count',
    ],
    [
      'a count that is no whole number',
      withEntry({ attestors: [{ ...SET, count: 1.5 }] }),
      'POLICY_FIELD_INVALID spec.rules[0].verifyImages[0].attestors[0].count',
    ],
    [
      'two sources of a context entry',
      withContext({ variable: { value: 1 }, configMap: { name: 'a', namespace: 'b' } }),
      'POLICY_FIELD_CONFLICT spec.rules[0].context[0]',
    ],
    ['no source of a context entry', withContext({}), 'POLICY_FIELD_MISSING spec.rules[0].context[0]'],
    [
      'preconditions that are text',
      withRule({ preconditions: 'x' }),
      'POLICY_FIELD_INVALID spec.rules[0].preconditions',
    ],
    ['a rule name of 64 characters', withRule({ name: 'x'.repeat(64) }), 'POLICY_FIELD_INVALID spec.rules[0].name'],
    [
      'an operator that the schema lacks',
      withEntry({
        attestations: [
          { type: 't', attestors: [SET], conditions: [{ all: [{ key: 'a', operator: 'Equal', value: 1 }] }] },
        ],
      }),
      'POLICY_FIELD_INVALID spec.rules[0].verifyImages[0].attestations[0].conditions[0].all[0].operator',
    ],
    [
      'the old match in v2beta1',
      policy({ rules: [rule({ match: { resources: { kinds: ['Pod'] } } })] }, { apiVersion: 'kyverno.io/v2beta1' }),
      'POLICY_FIELD_UNKNOWN spec.rules[0].match.resources',
    ],
    [
      'a variable right behind a character of several bytes',
      withCondition({ key: 'é{{ request.operation }}', operator: 'Equals', value: 1 }),
      'POLICY_VARIABLE_INVALID spec.rules[0].preconditions.all[0].key',
    ],
    [
      'a patch beside images, be it false',
      withRule({ mutate: { patchStrategicMerge: false } }),
      'POLICY_FIELD_CONFLICT spec.rules[0]',
    ],
    [
      'an open brace in match that JSON itself closes',
      withRule({ match: { any: [{ roles: [], resources: { kinds: ['Pod'], names: ['{{'] }, subjects: [] }] } }),
      'POLICY_VARIABLE_INVALID spec.rules[0].match',
    ],
    // metadata
    ['a name in upper case', policy({}, { metadata: { name: 'BAD_Name' } }), 'POLICY_FIELD_INVALID metadata.name'],
    ['no name', policy({}, { metadata: {} }), 'POLICY_FIELD_MISSING metadata.name'],
    ['a name of 64 bytes', policy({}, { metadata: { name: 'x'.repeat(64) } }), 'POLICY_FIELD_INVALID metadata.name'],
    [
      'a namespace of a ClusterPolicy',
      policy({}, { metadata: { name: 'p', namespace: 'n' } }),
      'POLICY_FIELD_CONFLICT metadata.namespace',
    ],
    [
      'a bad label',
      policy({}, { metadata: { name: 'p', labels: { 'a b': 'c' } } }),
      'POLICY_FIELD_INVALID metadata.labels["a b"]',
    ],
    [
      'autogen for `all`',
      policy({}, { metadata: { name: 'p', annotations: { 'pod-policies.kyverno.io/autogen-controllers': 'all' } } }),
      'POLICY_FIELD_INVALID metadata.annotations["pod-policies.kyverno.io/autogen-controllers"]',
    ],
    // the spec
    [
      'a timeout of 31 seconds',
      policy({ webhookTimeoutSeconds: 31 }),
      'POLICY_COUNT_OUT_OF_RANGE spec.webhookTimeoutSeconds',
    ],
    [
      'both failure policies',
      policy({ failurePolicy: 'Fail', webhookConfiguration: { failurePolicy: 'Fail' } }),
      'POLICY_FIELD_CONFLICT spec.failurePolicy',
    ],
    [
      'overrides in a namespaced policy',
      namespaced({ validationFailureActionOverrides: [{ action: 'Audit', namespaces: ['a'] }] }),
      'POLICY_FIELD_CONFLICT spec.validationFailureActionOverrides',
    ],
    [
      'overrides in conflict',
      policy({
        validationFailureActionOverrides: [
          { action: 'Audit', namespaces: ['a*'] },
          { action: 'Enforce', namespaces: ['ab'] },
        ],
      }),
      'POLICY_FIELD_CONFLICT spec.validationFailureActionOverrides[1].namespaces',
    ],
    [
      'an override without an action',
      policy({ validationFailureActionOverrides: [{ namespaces: ['a'] }] }),
      'POLICY_FIELD_MISSING spec.validationFailureActionOverrides[0].action',
    ],
    ['no admission for image rules', policy({ admission: false }), 'POLICY_FIELD_CONFLICT spec.admission'],
    // rules
    ['a name twice', policy({ rules: [rule(), rule()] }), 'POLICY_FIELD_CONFLICT spec.rules[1].name'],
    ['a rule that does nothing', withRule({ verifyImages: [] }), 'POLICY_FIELD_MISSING spec.rules[0]'],
    [
      'a rule that does two things',
      withRule({ generate: { apiVersion: 'v1', kind: 'ConfigMap', name: 'x', namespace: 'y' } }),
      'POLICY_FIELD_CONFLICT spec.rules[0]',
    ],
    [
      'extractors without images',
      withRule({ verifyImages: null, validate: { pattern: { a: 1 } }, imageExtractors: { Pod: [{ path: '/x' }] } }),
      'POLICY_FIELD_CONFLICT spec.rules[0].imageExtractors',
    ],
    ['an exclude of all', withRule({ exclude: POD }), 'POLICY_FIELD_CONFLICT spec.rules[0].exclude'],
    [
      'an exclude of all, with an empty name',
      withRule({ exclude: { any: [{ resources: { kinds: ['Pod'], name: '' } }] } }),
      'POLICY_FIELD_CONFLICT spec.rules[0].exclude',
    ],
    [
      'an empty selector',
      withRule({ match: { any: [{ resources: { kinds: ['Pod'], selector: {} } }] } }),
      'POLICY_FIELD_INVALID spec.rules[0].match.any[0].resources.selector',
    ],
    [
      'namespaces in a namespaced policy',
      namespaced({ rules: [rule({ match: { any: [{ resources: { kinds: ['Pod'], namespaces: ['a'] } }] } })] }),
      'POLICY_FIELD_CONFLICT spec.rules[0].match.any[0].resources.namespaces',
    ],
    [
      'any beside resources',
      withRule({ match: { ...POD, resources: { kinds: ['Pod'] } } }),
      'POLICY_FIELD_CONFLICT spec.rules[0].match',
    ],
    [
      'a block without kinds',
      withRule({ match: { any: [{ resources: { names: ['a'] } }] } }),
      'POLICY_FIELD_MISSING spec.rules[0].match.any[0].resources.kinds',
    ],
    [
      'every kind',
      withRule({ match: { any: [{ resources: { kinds: ['*'] } }] } }, { background: false }),
      'POLICY_FIELD_CONFLICT spec.rules[0].match.any[0].resources.kinds',
    ],
    [
      'a role without a namespace',
      withRule({ exclude: { any: [{ roles: ['admin'] }] } }, { background: false }),
      'POLICY_FIELD_INVALID spec.rules[0].exclude.any[0].roles[0]',
    ],
    [
      'a subject of another kind',
      withRule({ exclude: { any: [{ subjects: [{ kind: 'Robot', name: 'r' }] }] } }, { background: false }),
      'POLICY_FIELD_INVALID spec.rules[0].exclude.any[0].subjects[0].kind',
    ],
    [
      'users in background mode',
      withRule({ exclude: { any: [{ clusterRoles: ['admin'] }] } }),
      'POLICY_VARIABLE_INVALID spec.rules[0].exclude.any[0].clusterRoles',
    ],
    // conditions
    [
      'a condition without a value',
      withCondition({ key: 'a', operator: 'Equals' }),
      'POLICY_FIELD_MISSING spec.rules[0].preconditions.all[0]',
    ],
    [
      'an operator that does not exist',
      withCondition({ key: 'a', operator: 'equals', value: 1 }),
      'POLICY_FIELD_INVALID spec.rules[0].preconditions.all[0].operator',
    ],
    [
      'an operation that does not exist',
      withCondition({ key: '{{request.operation}}', operator: 'AnyIn', value: ['CREATE', 'PATCH'] }),
      'POLICY_FIELD_INVALID spec.rules[0].preconditions.all[0].value',
    ],
    [
      'validate without deny',
      withEntry({ validate: { message: 'm' } }),
      'POLICY_FIELD_MISSING spec.rules[0].verifyImages[0].validate.deny',
    ],
    // variables
    [
      'an unknown variable',
      withCondition({ key: '{{ nope }}', operator: 'Equals', value: 1 }),
      'POLICY_VARIABLE_INVALID spec.rules[0].preconditions.all[0].key',
    ],
    [
      'an empty variable',
      withCondition({ key: '{{ }}', operator: 'Equals', value: 1 }),
      'POLICY_VARIABLE_INVALID spec.rules[0].preconditions.all[0].key',
    ],
    [
      'a variable that does not compile',
      withCondition({ key: '{{ request.bad( }}', operator: 'Equals', value: 1 }),
      'POLICY_VARIABLE_INVALID spec.rules[0].preconditions.all[0].key',
    ],
    [
      'a variable inside a variable',
      withCondition({ key: '{{ {{request.name}} }}', operator: 'Equals', value: 1 }),
      'POLICY_VARIABLE_INVALID spec.rules[0].preconditions.all[0].key',
    ],
    [
      'a variable of the request alone in background mode',
      withCondition({ key: '{{ request.userInfo.username }}', operator: 'Equals', value: 1 }),
      'POLICY_VARIABLE_INVALID spec.rules[0].preconditions.all[0].key',
    ],
    [
      'an element outside of a loop',
      withCondition({ key: '{{ element.x }}', operator: 'Equals', value: 1 }),
      'POLICY_VARIABLE_INVALID spec.rules[0].preconditions.all[0].key',
    ],
    [
      'variables in image references',
      withEntry({ imageReferences: ['{{ request.object.x }}'] }),
      'POLICY_VARIABLE_INVALID spec.rules[0].verifyImages[0].imageReferences[0]',
    ],
    [
      'variables in match',
      withRule({ match: { any: [{ resources: { kinds: ['Pod'], namespaces: ['{{ request.namespace }}'] } }] } }),
      'POLICY_VARIABLE_INVALID spec.rules[0].match',
    ],
    [
      'a reference to nothing',
      withCondition({ key: '$(/nowhere)', operator: 'Equals', value: 1 }),
      'POLICY_VARIABLE_INVALID spec.rules[0].preconditions.all[0].key',
    ],
    // context
    [
      'a reserved name',
      withRule({ context: [{ name: 'request', variable: { value: 1 } }] }),
      'POLICY_FIELD_CONFLICT spec.rules[0].context[0].name',
    ],
    [
      'a config map without a namespace',
      withContext({ configMap: { name: 'a' } }),
      'POLICY_FIELD_MISSING spec.rules[0].context[0].configMap.namespace',
    ],
    [
      'a variable that has nothing',
      withContext({ variable: {} }),
      'POLICY_FIELD_MISSING spec.rules[0].context[0].variable.value',
    ],
    [
      'a default without a path',
      withContext({ variable: { value: 1, default: 2 } }),
      'POLICY_FIELD_CONFLICT spec.rules[0].context[0].variable.default',
    ],
    [
      'two targets of a call',
      withContext({ apiCall: { urlPath: '/x', service: { url: 'https://x.test' } } }),
      'POLICY_FIELD_CONFLICT spec.rules[0].context[0].apiCall.urlPath',
    ],
    [
      'a bad image',
      withContext({ imageRegistry: { reference: 'UPPER' } }),
      'POLICY_FIELD_INVALID spec.rules[0].context[0].imageRegistry.reference',
    ],
    [
      'a path that is no JMESPath',
      withContext({ variable: { jmesPath: 'bad(' } }),
      'POLICY_FIELD_INVALID spec.rules[0].context[0].variable.jmesPath',
    ],
    [
      'an expression on images that get digests',
      policy({
        validationFailureAction: 'Enforce',
        rules: [
          rule({
            imageExtractors: { Pod: [{ path: '/x', jmesPath: 'a' }] },
            verifyImages: [{ ...ENTRY, mutateDigest: true }],
          }),
        ],
      }),
      'POLICY_FIELD_CONFLICT spec.rules[0].imageExtractors.Pod[0].jmesPath',
    ],
    // image entries
    [
      'mutateDigest where the action is Audit',
      withEntry({ mutateDigest: true }),
      'POLICY_FIELD_CONFLICT spec.rules[0].verifyImages[0].mutateDigest',
    ],
    [
      'no image references',
      withEntry({ imageReferences: [] }),
      'POLICY_FIELD_MISSING spec.rules[0].verifyImages[0].imageReferences',
    ],
    [
      'a count above the entries',
      withEntry({ attestors: [{ ...SET, count: 2 }] }),
      'POLICY_COUNT_OUT_OF_RANGE spec.rules[0].verifyImages[0].attestors[0].count',
    ],
    [
      'a set without entries',
      withEntry({ attestors: [{ entries: [] }] }),
      'POLICY_FIELD_MISSING spec.rules[0].verifyImages[0].attestors[0].entries',
    ],
    [
      'a set without entries in an attestation',
      withEntry({ attestations: [{ type: 't', attestors: [{}] }] }),
      'POLICY_FIELD_MISSING spec.rules[0].verifyImages[0].attestations[0].attestors[0].entries',
    ],
    [
      'an attestor of no kind',
      withAttestor({ repository: 'r' }),
      'POLICY_FIELD_MISSING spec.rules[0].verifyImages[0].attestors[0].entries[0]',
    ],
    [
      'an attestor of two kinds',
      withAttestor({ keys: { publicKeys: KEY }, certificates: { cert: 'c' } }),
      'POLICY_FIELD_CONFLICT spec.rules[0].verifyImages[0].attestors[0].entries[0]',
    ],
    [
      'keys without a key',
      withAttestor({ keys: {} }),
      'POLICY_FIELD_MISSING spec.rules[0].verifyImages[0].attestors[0].entries[0].keys',
    ],
    [
      'an algorithm that does not exist',
      withAttestor({ keys: { publicKeys: KEY, signatureAlgorithm: 'sha1' } }),
      'POLICY_FIELD_INVALID spec.rules[0].verifyImages[0].attestors[0].entries[0].keys.signatureAlgorithm',
    ],
    [
      'certificates without one',
      withAttestor({ certificates: {} }),
      'POLICY_FIELD_MISSING spec.rules[0].verifyImages[0].attestors[0].entries[0].certificates',
    ],
    [
      'keyless without log and roots',
      withAttestor({ keyless: { issuer: 'i' } }),
      'POLICY_FIELD_MISSING spec.rules[0].verifyImages[0].attestors[0].entries[0].keyless',
    ],
    [
      'a log without a URL',
      withAttestor({ keyless: { issuer: 'i', rekor: {} } }),
      'POLICY_FIELD_MISSING spec.rules[0].verifyImages[0].attestors[0].entries[0].keyless.rekor.url',
    ],
    [
      'an invalid nested attestor',
      withAttestor({ attestor: [] }),
      'POLICY_FIELD_INVALID spec.rules[0].verifyImages[0].attestors[0].entries[0].attestor',
    ],
    [
      'a nested attestor without entries',
      withAttestor({ attestor: {} }),
      'POLICY_FIELD_MISSING spec.rules[0].verifyImages[0].attestors[0].entries[0].attestor.entries',
    ],
    [
      'keys for Notary',
      withEntry({ type: 'Notary' }),
      'POLICY_FIELD_CONFLICT spec.rules[0].verifyImages[0].attestors[0].entries[0].keys',
    ],
    [
      'an issuer alone',
      withEntry({ attestors: null, issuer: 'i' }),
      'POLICY_FIELD_MISSING spec.rules[0].verifyImages[0].issuer',
    ],
    // other rules
  ])('validatePolicy rejects %s and finds no other problem', (_name, document, expected) =>
    expect(found(document)).toEqual([expected]),
  )

  test('reports all schema problems at once', () => {
    expect(found(policy({ bogus: 1, failurePolicy: 'x', rules: [rule({ match: null, name: 5 })] }))).toHaveLength(4)
  })

  test('rejects a document that contains itself', () => {
    const spec: Loose = {}
    spec['rules'] = [spec]
    expect(found(policy({}, { spec }))).toEqual(['POLICY_TOO_LARGE '])
  })

  test('reports a limited number of problems', () => {
    expect(validatePolicy(withEntry({ imageReferences: Array<Json>(10_000).fill(5) })).errors).toHaveLength(200)
  })
})

describe('without a cluster', () => {
  test('rejects CEL conditions without a cluster, as the command line of Kyverno does', () => {
    const document = policy({ webhookConfiguration: { matchConditions: [{ name: 'x', expression: 'true' }] } })
    expect(validatePolicy(document).accepted).toBe(true)
    expect(validatePolicy(document, { withoutCluster: true }).accepted).toBe(false)
  })
})

describe('warnings', () => {
  test('warnings are those of Kyverno, one per computed rule', () => {
    const document = policy({
      validationFailureAction: 'audit',
      rules: [rule({ verifyImages: [{ ...ENTRY, attestations: [{ predicateType: 't', attestors: [SET] }] }] })],
    })
    const { warnings } = validatePolicy(document)
    expect(warnings.filter((text) => text.startsWith('predicateType'))).toHaveLength(3)
    expect(warnings[0]).toMatch(/^Validation failure actions/)
  })
})
