// Throws random input at everything that reads what others wrote: it may be read or be refused with an error of ours,
// and nothing else may come of it. `pnpm random-inputs --count 1000000` is for the night; the test beside this file
// takes less.

import { parseArgs } from 'node:util'
import fc from 'fast-check'
import { parseDocument } from '../packages/primitives/src/index.ts'
import { trustedRoot } from '../packages/attestor-evaluator/src/index.ts'
import {
  compileExpression,
  createQueryContext,
  evaluateAttestationConditions,
  evaluateConditions,
  evaluateOperator,
  search,
  substitute,
} from '../packages/condition-engine/src/index.ts'
import { FUNCTIONS } from '../packages/condition-engine/src/functions/function-table.ts'
import { createImageVerifier } from '../packages/core/src/index.ts'
import {
  compileImagePatterns,
  extractImages,
  matchImage,
  parseImageReference,
} from '../packages/image-matcher/src/index.ts'
import { parseTrustPolicy } from '../packages/notary/src/index.ts'
import { parseExceptions, parsePolicies, validatePolicy } from '../packages/policy-parser/src/index.ts'
import { createRegistryClient, dockerConfig } from '../packages/registry-fetcher/src/index.ts'
import { matchLabelSelector } from '../packages/core/src/match/label-selector.ts'
import { groupVersionKindOf } from '../packages/core/src/match/object-metadata.ts'
import {
  parseCertificate,
  parseCertificates,
  parsePublicKey,
  parseTimestampToken,
  readPem,
} from '../packages/x509/src/index.ts'

type Json = null | boolean | number | string | Json[] | { [key: string]: Json }

/** Something that reads, with inputs for it; `note` hears of each whether it was read or refused. */
export type Reader = (note: (read: boolean) => void) => fc.IAsyncProperty<[unknown]>

const WORDS = [
  'apiVersion',
  'kyverno.io/v1',
  'kyverno.io/v2',
  'v1',
  'kind',
  'ClusterPolicy',
  'PolicyException',
  'List',
  'Pod',
  'Deployment',
  'metadata',
  'name',
  'labels',
  'annotations',
  'spec',
  'rules',
  'match',
  'exclude',
  'any',
  'all',
  'resources',
  'kinds',
  'containers',
  'image',
  'verifyImages',
  'imageReferences',
  'attestors',
  'entries',
  'count',
  'keys',
  'publicKeys',
  'keyless',
  'attestations',
  'conditions',
  'key',
  'operator',
  'value',
  'message',
  'Equals',
  'AnyIn',
  'NotIn',
  'GreaterThan',
  'preconditions',
  'context',
  'request',
  'object',
  'uid',
  'operation',
  'CREATE',
  'AdmissionReview',
  'admission.k8s.io/v1',
  'items',
  'auths',
  'credHelpers',
  'trustPolicies',
  'version',
  '1.0',
  'certificateAuthorities',
  'tlogs',
  '{{ request.object.x }}',
  '{{ x }}',
  '{{',
  '}}',
  '$(./x)',
  '$(',
  '*',
  '?',
  '',
  '1Gi',
  '1h',
  'ghcr.io/a/b:1',
  '@sha256:',
  '__proto__',
  'constructor',
]
const JMESPATH = [
  'a',
  'x',
  '.',
  '[',
  ']',
  '[*]',
  '[?',
  '(',
  ')',
  '{',
  '}',
  ':',
  ',',
  '|',
  '||',
  '&&',
  '!',
  '==',
  '<',
  '&',
  '@',
  '`',
  '`1`',
  "'",
  "'x'",
  '"',
  '\\',
  '-1',
  ' ',
  'length(',
  'to_number(',
  'split(',
  'x509_decode(',
  'parse_yaml(',
  'time_add(',
  'é',
]
const YAML = [
  'a',
  'b',
  ': ',
  '\n',
  '- ',
  '  ',
  '[',
  ']',
  '{',
  '}',
  ',',
  '&a ',
  '*a',
  '<<: ',
  '"',
  "'",
  '|',
  '>',
  '!!str ',
  '---\n',
  '#',
  '? ',
  '\t',
  '\r',
  '0x1',
  '1e9',
  '%',
  'kind: ClusterPolicy\n',
  'apiVersion: kyverno.io/v1\n',
  'spec:\n',
  'metadata: {name: p}\n',
]
const REFERENCE = [
  'a',
  'B',
  '0',
  '.',
  ':',
  '/',
  '@',
  '-',
  '_',
  '*',
  '?',
  'docker.io',
  'sha256:',
  'a'.repeat(64),
  ' ',
  '[::1]',
  'é',
  '\n',
]

const word = fc.constantFrom(...WORDS)
const spelled = (units: readonly string[]): fc.Arbitrary<string> =>
  fc.string({ unit: fc.constantFrom(...units), maxLength: 16 })
const { json } = fc.letrec<{ json: Json }>((tie) => ({
  json: fc.oneof(
    { maxDepth: 6, withCrossShrink: true },
    word,
    fc.constantFrom<Json>(null, true, false, 0, -1, 1, 1.5, 1e300),
    fc.string(),
    fc.array(tie('json'), { maxLength: 3 }),
    fc.dictionary(word, tie('json'), { maxKeys: 4 }),
  ),
}))
/** Expressions that parse, mostly. */
const { expression } = fc.letrec<{ expression: string }>((tie) => ({
  expression: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.constantFrom(
      'x',
      '@',
      '*',
      '[0]',
      '[*]',
      '[1:]',
      '&x',
      "'1Gi'",
      "'2020-01-01T00:00:00Z'",
      "'a/b:1'",
      '`1`',
      '`-1.5`',
      '`null`',
      '`[1,"a",{"k":2}]`',
    ),
    fc
      .tuple(tie('expression'), fc.constantFrom('.', '||', '&&', '|', '==', '<'), tie('expression'))
      .map((parts) => parts.join('')),
    fc
      .tuple(fc.constantFrom(...FUNCTIONS.keys()), fc.array(tie('expression'), { maxLength: 3 }))
      .map(([name, args]) => `${name}(${args.join(', ')})`),
    fc.tuple(tie('expression'), tie('expression')).map(([left, right]) => `[${left}, ${right}] | [?${right}].{x: @}`),
  ),
}))
const object = fc.dictionary(word, json, { maxKeys: 5 })
const text = fc.oneof(spelled(JMESPATH), spelled(YAML), spelled(REFERENCE), fc.string(), fc.string({ unit: 'binary' }))
/** Certificates are long; bytes that begin like one come further. */
const bytes = fc.oneof(
  fc.uint8Array({ maxLength: 200 }),
  fc.uint8Array({ maxLength: 120 }).map((rest) => Uint8Array.of(0x30, Math.min(rest.length, 0x7f), ...rest)),
)
const pem = bytes.map(
  (der) => `-----BEGIN CERTIFICATE-----\n${Buffer.from(der).toString('base64')}\n-----END CERTIFICATE-----\n`,
)

const verifier = createImageVerifier({
  policies: parsePolicies(`apiVersion: kyverno.io/v1
kind: ClusterPolicy
metadata: { name: p }
spec:
  background: false
  rules:
    - name: r
      match: { any: [{ resources: { kinds: [Pod, Deployment] } }] }
      verifyImages: [{ imageReferences: ['nothing.test/*'], mutateDigest: false, attestors: [{ entries: [{ keys: { publicKeys: k } }] }] }]
`),
  registry: createRegistryClient({ fetch: () => Promise.reject(new Error('nothing may be asked')) } as never),
})

export const reader =
  <T>(name: string, inputs: fc.Arbitrary<T>, read: (input: T) => unknown): Reader =>
  (note) =>
    fc.asyncProperty(inputs, async (input) => note(await wasRead(name, () => read(input)))) as fc.IAsyncProperty<
      [unknown]
    >

const READERS: readonly Reader[] = [
  reader(
    'parsePolicies',
    fc.oneof(
      spelled(YAML),
      object.map((value) => JSON.stringify(value)),
    ),
    (value) => parsePolicies(value),
  ),
  reader(
    'parseExceptions',
    fc.oneof(
      spelled(YAML),
      object.map((value) => JSON.stringify(value)),
    ),
    (value) => parseExceptions(value),
  ),
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
  reader('substitute', fc.tuple(json, json), ([document, x]) =>
    substitute(document, createQueryContext({ x, request: { object: { x } } })),
  ),
  reader('evaluateConditions', fc.tuple(json, json), ([conditions, x]) =>
    evaluateConditions(conditions, createQueryContext({ x })),
  ),
  reader('evaluateAttestationConditions', fc.tuple(fc.array(object, { maxLength: 3 }), json), ([conditions, x]) =>
    evaluateAttestationConditions(conditions, createQueryContext({ x })),
  ),
  reader('evaluateOperator', fc.tuple(word, json, json), ([operator, key, value]) =>
    evaluateOperator(operator, key, value),
  ),
  reader('matchLabelSelector', fc.tuple(word, word, fc.dictionary(word, word)), ([key, value, labels]) =>
    matchLabelSelector({ matchLabels: { [key]: value } }, labels),
  ),
  reader('groupVersionKindOf', object, (value) => groupVersionKindOf(value)),
  reader(
    'review',
    fc.oneof(
      json,
      object.map((request) => ({
        apiVersion: 'admission.k8s.io/v1',
        kind: 'AdmissionReview',
        request: { uid: 'u', operation: 'CREATE', ...request },
      })),
    ),
    (value) => verifier.review(value as object),
  ),
  reader('verifyResource', object, (value) => verifier.verifyResource({ apiVersion: 'v1', kind: 'Pod', ...value })),
  reader(
    'dockerConfig',
    fc.oneof(object, fc.record({ auths: fc.dictionary(spelled(REFERENCE), json) }), text),
    (value) => dockerConfig(value).credentialFor('registry.test/a', AbortSignal.timeout(1_000)),
  ),
  reader(
    'parseTrustPolicy',
    fc.oneof(
      fc
        .record({ version: fc.constant('1.0'), trustPolicies: fc.array(json, { maxLength: 2 }) })
        .map((value) => JSON.stringify(value)),
      text,
    ),
    (value) => parseTrustPolicy(value),
  ),
  reader(
    'trustedRoot',
    fc.oneof(
      fc.record({
        mediaType: fc.constant('application/vnd.dev.sigstore.trustedroot+json;version=0.1'),
        tlogs: json,
        certificateAuthorities: json,
      }),
      text,
    ),
    (value) => trustedRoot(value),
  ),
  reader('parseDocument', text, (value) => parseDocument(value, 'text', 'ATTESTOR_PAYLOAD_INVALID')),
  reader('parseCertificate', fc.oneof(bytes, pem, text), (value) => parseCertificate(value as never)),
  reader('parseCertificates', fc.oneof(pem, text), (value) => parseCertificates(value)),
  reader('parsePublicKey', fc.oneof(bytes, text), (value) => parsePublicKey(value as never)),
  reader('readPem', fc.oneof(pem, text), (value) => readPem(value, { labels: ['CERTIFICATE'] } as never)),
  reader('parseTimestampToken', bytes, (value) => parseTimestampToken(value)),
]

const OURS = /^(?:Policy|Image|Condition|Registry|Attestor|Check|Certificate|Notary|Verifier)Error$/
const CODE = /^(?:POLICY|IMAGE|CONDITION|REGISTRY|ATTESTOR|CERTIFICATE|NOTARY|VERIFIER)_[A-Z0-9_]+$/

/** Whether an input was read; one that was refused as it should be was not. @throws for whatever else was thrown */
async function wasRead(name: string, read: () => unknown): Promise<boolean> {
  try {
    await read()
    return true
  } catch (error) {
    const { name: kind, code } = (error ?? {}) as { readonly name?: string; readonly code?: string }
    if (OURS.test(kind ?? '') && CODE.test(code ?? '')) return false
    throw new Error(`${name} threw ${String(kind)} ${String(code)}`, { cause: error })
  }
}

export interface Tally {
  readonly inputs: number
  readonly read: number
}

/**
 * Gives every reader its share of so many inputs. @throws with a seed and the smallest input that shows it, at the
 * first fault
 */
export async function tryRandomInputs(
  count: number,
  seed: number = Date.now(),
  readers: readonly Reader[] = READERS,
): Promise<Tally> {
  const numRuns = Math.ceil(count / readers.length)
  let inputs = 0
  let read = 0
  const note = (wasRead: boolean): void => {
    inputs++
    if (wasRead) read++
  }
  for (const each of readers) await fc.assert(each(note), { numRuns, seed, includeErrorInReport: true })
  if (Object.keys(Object.prototype).length > 0) throw new Error('a prototype was changed')
  return { inputs, read }
}

if (import.meta.main) {
  const { values } = parseArgs({ options: { count: { type: 'string', default: '1000000' }, seed: { type: 'string' } } })
  const started = performance.now()
  const { inputs, read } = await tryRandomInputs(
    Number(values.count),
    values.seed === undefined ? undefined : Number(values.seed),
  )
  console.log(
    `${String(inputs)} inputs in ${((performance.now() - started) / 1000).toFixed(0)} s: ${String(read)} read, the others refused with errors of ours`,
  )
}
