// Readers of what policy authors, requesters and operators write.

import fc from 'fast-check'
import { readArguments } from '../../packages/cli/src/command-line/read-arguments.ts'
import { nullsAsText, unrollLists } from '../../packages/cli/src/kubernetes-objects.ts'
import { FUNCTIONS } from '../../packages/condition-engine/src/functions/function-table.ts'
import {
  compileExpression,
  createQueryContext,
  evaluateAttestationConditions,
  evaluateConditions,
  evaluateOperator,
  search,
  substitute,
} from '../../packages/condition-engine/src/index.ts'
import { createImageVerifier } from '../../packages/core/src/index.ts'
import { readOnce } from '../../packages/core/src/kubernetes.ts'
import { matchLabelSelector } from '../../packages/core/src/match/label-selector.ts'
import { groupVersionKindOf } from '../../packages/core/src/match/object-metadata.ts'
import { parseImageConfig } from '../../packages/core/src/engine/context/image-config.ts'
import {
  compileImagePatterns,
  extractImages,
  matchImage,
  parseImageReference,
} from '../../packages/image-matcher/src/index.ts'
import { parseExceptions, parsePolicies, validatePolicy } from '../../packages/policy-parser/src/index.ts'
import { isJsonObject, type Json } from '../../packages/primitives/src/index.ts'
import { createRegistryClient } from '../../packages/registry-fetcher/src/index.ts'
import { readReview } from '../../packages/webhook/src/read-review.ts'
import {
  changed,
  changedBytes,
  expression,
  JMESPATH,
  json,
  object,
  REFERENCE,
  spelled,
  text,
  word,
  YAML,
} from './arbitraries.ts'
import { reader, type Reader } from './reader.ts'

const POLICY: Json = {
  apiVersion: 'kyverno.io/v1',
  kind: 'ClusterPolicy',
  metadata: { name: 'p' },
  spec: {
    background: false,
    rules: [
      {
        name: 'r',
        match: { any: [{ resources: { kinds: ['Pod', 'Deployment'] } }] },
        preconditions: { all: [{ key: '{{ request.operation }}', operator: 'Equals', value: 'CREATE' }] },
        verifyImages: [
          {
            imageReferences: ['nothing.test/*'],
            mutateDigest: false,
            attestors: [{ count: 1, entries: [{ keys: { publicKeys: 'k' } }] }],
            attestations: [{ type: 't', conditions: [{ all: [{ key: '{{ x }}', operator: 'In', value: [1] }] }] }],
          },
        ],
      },
    ],
  },
}
const EXCEPTION: Json = {
  apiVersion: 'kyverno.io/v2',
  kind: 'PolicyException',
  metadata: { name: 'e', namespace: 'n' },
  spec: {
    match: { any: [{ resources: { kinds: ['Pod'], names: ['a*'] } }] },
    exceptions: [{ policyName: 'p', ruleNames: ['r'] }],
    conditions: { all: [{ key: '{{ request.operation }}', operator: 'Equals', value: 'CREATE' }] },
  },
}
const POD: Json = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'a', namespace: 'n', labels: { app: 'x' }, ownerReferences: [{ kind: 'Job' }] },
  spec: {
    containers: [{ name: 'c', image: 'registry.test/a:1' }],
    initContainers: [{ name: 'i', image: 'registry.test/b@sha256:' }],
    volumes: [{ name: 'v', image: { reference: 'registry.test/c' } }],
    imagePullSecrets: [{ name: 's' }],
  },
}
const REVIEW: Json = {
  apiVersion: 'admission.k8s.io/v1',
  kind: 'AdmissionReview',
  request: {
    uid: 'u',
    operation: 'UPDATE',
    kind: { group: '', version: 'v1', kind: 'Pod' },
    resource: { group: '', version: 'v1', resource: 'pods' },
    subResource: 'ephemeralcontainers',
    namespace: 'n',
    userInfo: { username: 'u', groups: ['g'], extra: { a: ['b'] } },
    object: POD,
    oldObject: POD,
    dryRun: false,
    options: {},
  },
}
const CONDITIONS: Json = [{ any: [{ key: '{{ x }}', operator: 'Equals', value: 1 }], all: [] }]
const CONFIG: Json = {
  architecture: 'amd64',
  os: 'linux',
  config: { User: '1000', Env: ['A=b'], Labels: { user: 'x' }, ExposedPorts: { '80/tcp': {} } },
  rootfs: { type: 'layers', diff_ids: ['sha256:'] },
  history: [{ created_by: 'x', empty_layer: true }],
}

const verifier = createImageVerifier({
  policies: parsePolicies(JSON.stringify({ ...POLICY, spec: withoutAttestations() })),
  registry: createRegistryClient({ fetch: () => Promise.reject(new Error('nothing may be asked')) }),
})

/** The rule of the policy with what the parser accepts together. */
function withoutAttestations(): Json {
  return {
    background: false,
    rules: [
      {
        name: 'r',
        match: { any: [{ resources: { kinds: ['Pod', 'Deployment'] } }] },
        verifyImages: [
          {
            imageReferences: ['nothing.test/*'],
            mutateDigest: false,
            attestors: [{ entries: [{ keys: { publicKeys: 'k' } }] }],
          },
        ],
      },
    ],
  }
}

/** YAML that is no policy, objects that are none, and a policy of which parts are changed. */
const documents = (document: Json): fc.Arbitrary<string> =>
  fc.oneof(
    spelled(YAML),
    object.map((value) => JSON.stringify(value)),
    changed(document).map((value) => JSON.stringify(value)),
  )

const plainError = (error: unknown): boolean => error instanceof Error && error.name === 'Error'
const syntaxError = (error: unknown): boolean => error instanceof SyntaxError
const { signal } = new AbortController()
const CALL = { target: 'kubernetes', method: 'GET', path: '/api' } as const
const limits = { bodyBytes: 10_000, tokens: 500, depth: 20 }

export const POLICY_READERS: readonly Reader[] = [
  reader('parsePolicies', documents(POLICY), (value) => parsePolicies(value)),
  reader('parseExceptions', documents(EXCEPTION), (value) => parseExceptions(value)),
  reader('validatePolicy', object, (spec) =>
    validatePolicy({ apiVersion: 'kyverno.io/v1', kind: 'ClusterPolicy', metadata: { name: 'p' }, spec }),
  ),
  reader('parseImageReference', fc.oneof(spelled(REFERENCE), text), (value) => parseImageReference(value)),
  reader('compileImagePatterns', fc.tuple(spelled(REFERENCE), spelled(REFERENCE)), ([pattern, image]) =>
    matchImage(compileImagePatterns([pattern]), parseImageReference(image)),
  ),
  reader('extractImages', fc.tuple(fc.constantFrom('Pod', 'Deployment', 'CronJob', 'Task'), object), ([kind, value]) =>
    extractImages({ ...value, kind }),
  ),
  reader('compileExpression', fc.oneof(spelled(JMESPATH), text), (value) => compileExpression(value)),
  reader('search', fc.tuple(fc.oneof(expression, expression, spelled(JMESPATH)), json), ([asked, x]) =>
    search(asked, { x }, { random: () => 0.5, now: () => new Date(0) }),
  ),
  reader(
    'functions',
    fc.tuple(fc.constantFrom(...FUNCTIONS.keys()), fc.array(fc.oneof(json, text), { maxLength: 4 })),
    ([name, values]) =>
      search(
        `${name}(${values.map((_, i) => `x[${String(i)}]`).join(', ')})`,
        { x: values },
        { now: () => new Date(0) },
      ),
  ),
  reader('substitute', fc.tuple(json, json), ([document, x]) =>
    substitute(document, createQueryContext({ x, request: { object: { x } } })),
  ),
  reader('evaluateConditions', fc.tuple(json, json), ([conditions, x]) =>
    evaluateConditions(conditions, createQueryContext({ x })),
  ),
  reader('evaluateAttestationConditions', fc.tuple(changed(CONDITIONS), json), ([conditions, x]) =>
    evaluateAttestationConditions(conditions, createQueryContext({ x })),
  ),
  reader('evaluateOperator', fc.tuple(word, json, json), ([operator, key, value]) =>
    evaluateOperator(operator, key, value),
  ),
  reader('matchLabelSelector', fc.tuple(word, word, fc.dictionary(word, word)), ([key, value, labels]) =>
    matchLabelSelector({ matchLabels: { [key]: value } }, labels),
  ),
  reader('groupVersionKindOf', object, (value) => groupVersionKindOf(value)),
  reader('AdmissionReview', fc.oneof(json, changed(REVIEW)), (value) =>
    // A caller in JavaScript may pass anything; `review` is the entry that takes what an API server sent.
    Reflect.apply(verifier.review.bind(verifier), undefined, [value]),
  ),
  reader('body of a review', changedBytes(REVIEW), (body) =>
    readReview(new Request('https://webhook.test/', { method: 'POST', body: Buffer.from(body) }), limits),
  ),
  reader('verifyResource', fc.oneof(object, changed(POD).filter(isJsonObject)), (value) =>
    verifier.verifyResource({ apiVersion: 'v1', kind: 'Pod', ...value }),
  ),
  reader(
    'answers of Kubernetes',
    fc.oneof(json, changed(POD)),
    (value) =>
      readOnce({ read: () => Promise.resolve(undefined), call: () => Promise.resolve(value) }).call?.(CALL, signal),
    plainError,
  ),
  reader('image config', changedBytes(CONFIG), (value) => parseImageConfig(value), syntaxError),
  reader('lists of the command line', json, (value) => unrollLists(value).filter(isJsonObject).map(nullsAsText)),
  reader(
    'command line',
    fc.array(
      fc.oneof(
        fc.constantFrom(
          'apply',
          'verify',
          'image',
          'tree',
          'lint',
          '--policy',
          '--key',
          '--output',
          '--image',
          '--',
          '-',
        ),
        word,
        text,
      ),
      { maxLength: 6 },
    ),
    (value) => readArguments(value),
  ),
]
