// Random inputs: what is written into policies, objects, certificates and the documents of registries.

import fc from 'fast-check'
import { FUNCTIONS } from '../../packages/condition-engine/src/functions/function-table.ts'
import { isJsonArray, isJsonObject, type Json } from '../../packages/primitives/src/index.ts'

const WORDS: readonly string[] = [
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
export const JMESPATH: readonly string[] = [
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
export const YAML: readonly string[] = [
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
export const REFERENCE: readonly string[] = [
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

export const word: fc.Arbitrary<string> = fc.constantFrom(...WORDS)
export const spelled = (units: readonly string[]): fc.Arbitrary<string> =>
  fc.string({ unit: fc.constantFrom(...units), maxLength: 16 })
const jsonTree = fc.letrec<{ json: Json }>((tie) => ({
  json: fc.oneof(
    { maxDepth: 6, withCrossShrink: true },
    word,
    fc.constantFrom<Json>(null, true, false, 0, -1, 1, 1.5, 1e300),
    fc.string(),
    fc.array(tie('json'), { maxLength: 3 }),
    fc.dictionary(word, tie('json'), { maxKeys: 4 }),
  ),
}))
export const json: fc.Arbitrary<Json> = jsonTree.json
const expressionTree = fc.letrec<{ expression: string }>((tie) => ({
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
/** Expressions that parse, mostly. */
export const expression: fc.Arbitrary<string> = expressionTree.expression
export const object: fc.Arbitrary<{ [key: string]: Json }> = fc.dictionary(word, json, { maxKeys: 5 })
export const text: fc.Arbitrary<string> = fc.oneof(
  spelled(JMESPATH),
  spelled(YAML),
  spelled(REFERENCE),
  fc.string(),
  fc.string({ unit: 'binary' }),
)
/** Certificates are long; bytes that begin like one come further. */
export const bytes: fc.Arbitrary<Uint8Array> = fc.oneof(
  fc.uint8Array({ maxLength: 200 }),
  fc.uint8Array({ maxLength: 120 }).map((rest) => Uint8Array.of(0x30, Math.min(rest.length, 0x7f), ...rest)),
)
export const pem: fc.Arbitrary<string> = bytes.map(
  (der) => `-----BEGIN CERTIFICATE-----\n${Buffer.from(der).toString('base64')}\n-----END CERTIFICATE-----\n`,
)

type Path = readonly (string | number)[]
type Change =
  | { readonly kind: 'replace'; readonly value: Json }
  | { readonly kind: 'remove' }
  | { readonly kind: 'add'; readonly name: string; readonly value: Json }

const change: fc.Arbitrary<Change> = fc.oneof(
  fc.record({ kind: fc.constant('replace'), value: json }),
  fc.record({ kind: fc.constant('remove') }),
  fc.record({ kind: fc.constant('add'), name: word, value: json }),
)

/** A document with up to three of its nodes changed: it comes further than a random one. */
export function changed(document: Json): fc.Arbitrary<Json> {
  const paths = [...pathsOf(document)]
  return fc
    .array(fc.tuple(fc.constantFrom(...paths), change), { maxLength: 3 })
    .map((changes) => changes.reduce<Json>((from, [path, what]) => withChange(from, path, what), document))
}

/** The same as bytes, of which some are changed, too. */
export function changedBytes(document: Json): fc.Arbitrary<Uint8Array> {
  return fc.oneof(
    { weight: 4, arbitrary: changed(document).map((value) => Buffer.from(JSON.stringify(value))) },
    { weight: 1, arbitrary: flipped(Buffer.from(JSON.stringify(document))) },
    { weight: 1, arbitrary: bytes },
  )
}

/** Bytes of which up to three are others, and which may be cut short. */
export function flipped(original: Uint8Array): fc.Arbitrary<Uint8Array> {
  const index = fc.nat({ max: Math.max(0, original.length - 1) })
  const flips = fc.array(fc.tuple(index, fc.integer({ min: 0, max: 255 })), { maxLength: 3 })
  const length = fc.oneof({ weight: 5, arbitrary: fc.constant(original.length) }, index)
  return fc.tuple(flips, length).map(([all, end]) => {
    const copy = Uint8Array.from(original)
    for (const [at, value] of all) copy[at] = value
    return copy.subarray(0, end)
  })
}

function* pathsOf(value: Json, path: Path = []): Generator<Path> {
  yield path
  if (isJsonArray(value)) for (const [i, item] of value.entries()) yield* pathsOf(item, [...path, i])
  else if (isJsonObject(value))
    for (const [name, member] of Object.entries(value)) yield* pathsOf(member, [...path, name])
}

function withChange(value: Json, [step, ...rest]: Path, what: Change): Json {
  if (step === undefined) return applied(value, what)
  const isLast = rest.length === 0 && what.kind === 'remove'
  if (isJsonArray(value))
    return value.flatMap((item, i) => (i !== step ? [item] : isLast ? [] : [withChange(item, rest, what)]))
  if (!isJsonObject(value)) return value
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, member]) =>
      name !== step ? [[name, member]] : isLast ? [] : [[name, withChange(member, rest, what)]],
    ),
  )
}

function applied(value: Json, what: Change): Json {
  if (what.kind === 'replace') return what.value
  if (what.kind === 'remove') return null
  if (isJsonArray(value)) return [...value, what.value]
  return isJsonObject(value) ? { ...value, [what.name]: what.value } : value
}
