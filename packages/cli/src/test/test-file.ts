import type { Json, JsonObject } from '@verify-images/core'
import { isJsonObject } from '@verify-images/primitives'
import { checkMembers, invalid, listOf, singleDocument, stringOf, stringsOf } from '../decode.ts'

/** What a test expects of one rule and its objects or images. */
export interface Expectation {
  /** `<name>`, or `<namespace>/<name>`. */
  readonly policy: string
  readonly rule: string
  /** Kind of the objects; any if absent. */
  readonly kind: string | undefined
  /** `<name>`, or `<namespace>/<name>`. */
  readonly resources: readonly string[]
  /** Images that are verified as if a Pod ran them. */
  readonly images: readonly string[]
  /** One image of the object, where it has several. */
  readonly image: string | undefined
  readonly result: Status | undefined
  readonly outcome: Outcome | undefined
  /** The code of a reason. */
  readonly code: string | undefined
}

const STATUSES = ['pass', 'fail', 'warn', 'error', 'skip'] as const
const OUTCOMES = ['accepted', 'rejected', 'inconclusive'] as const
export type Status = (typeof STATUSES)[number]
export type Outcome = (typeof OUTCOMES)[number]

/** A file of tests: Kyverno's `kyverno-test.yaml`, with members of ours. */
export interface TestFile {
  readonly name: string
  readonly policies: readonly string[]
  readonly resources: readonly string[]
  readonly exceptions: readonly string[]
  readonly objects: readonly string[]
  readonly variables: string | undefined
  readonly userInfo: string | undefined
  readonly values: JsonObject | undefined
  /** The signing world, or the file that describes it. */
  readonly world: JsonObject | string | undefined
  readonly expectations: readonly Expectation[]
}

const FILE_MEMBERS = [
  ...['apiVersion', 'kind', 'metadata', 'name', 'policies', 'resources', 'exceptions', 'variables', 'userinfo'],
  ...['values', 'results', 'world', 'objects'],
]
const RESULT_MEMBERS = [
  ...['policy', 'rule', 'kind', 'resources', 'resource', 'namespace', 'result', 'status'],
  ...['images', 'image', 'outcome', 'code'],
]

/**
 * Parses a file of tests.
 *
 * @throws InputError for fields that neither Kyverno's format nor ours has, or that do not apply to images
 * @see Kyverno, cmd/cli/kubectl-kyverno/apis/v1alpha1/test.go
 */
export function parseTestFile(text: string, file: string): TestFile {
  const document = singleDocument(text, file, ['Test'])
  checkMembers(document, FILE_MEMBERS, file)
  const strings = (member: string): readonly string[] => stringsOf(document[member] ?? [], `${file}: ${member}`)
  const { metadata, variables, userinfo, values, world } = document
  if (world !== undefined && typeof world !== 'string' && !isJsonObject(world))
    throw invalid(file, 'world: expected an object or a file')
  if (values !== undefined && !isJsonObject(values)) throw invalid(file, 'values: expected an object')
  return {
    name: nameIn(metadata) ?? nameIn(document) ?? file,
    policies: strings('policies'),
    resources: strings('resources'),
    exceptions: strings('exceptions'),
    objects: strings('objects'),
    variables: variables === undefined ? undefined : stringOf(document, 'variables', file),
    userInfo: userinfo === undefined ? undefined : stringOf(document, 'userinfo', file),
    values,
    world,
    expectations: listOf(document['results'] ?? [], `${file}: results`).map((each, i) =>
      expectationOf(each, `${file}: results[${String(i)}]`),
    ),
  }
}

function nameIn(value: Json | undefined): string | undefined {
  const name = isJsonObject(value) ? value['name'] : undefined
  return typeof name === 'string' && name !== '' ? name : undefined
}

function expectationOf(each: JsonObject, where: string): Expectation {
  checkMembers(each, RESULT_MEMBERS, where)
  const optional = (member: string): string | undefined =>
    each[member] === undefined ? undefined : stringOf(each, member, where)
  const namespace = optional('namespace')
  const resource = optional('resource')
  const expectation = {
    policy: stringOf(each, 'policy', where),
    rule: stringOf(each, 'rule', where),
    kind: optional('kind'),
    resources: [
      ...stringsOf(each['resources'] ?? [], `${where}.resources`),
      ...(resource === undefined ? [] : [namespace === undefined ? resource : `${namespace}/${resource}`]),
    ],
    images: stringsOf(each['images'] ?? [], `${where}.images`),
    image: optional('image'),
    result: memberOf(STATUSES, optional('result') ?? optional('status'), `${where}.result`),
    outcome: memberOf(OUTCOMES, optional('outcome'), `${where}.outcome`),
    code: optional('code'),
  }
  if (expectation.resources.length + expectation.images.length === 0)
    throw invalid(where, 'expected `resources` or `images`')
  if (expectation.result === undefined && expectation.outcome === undefined && expectation.code === undefined)
    throw invalid(where, 'expected `result`, `outcome` or `code`')
  return expectation
}

function memberOf<T extends string>(all: readonly T[], value: string | undefined, where: string): T | undefined {
  const found = all.find((each) => each === value)
  if (value !== undefined && found === undefined) throw invalid(where, `expected one of ${all.join(', ')}`)
  return found
}
