import {
  createImageVerifier,
  fixedObjects,
  parseExceptions,
  parsePolicies,
  readDocuments,
  type ImageVerifier,
  type Policy,
} from '@verify-images/core'
import { isJsonObject } from '@verify-images/primitives'
import { dirname, isAbsolute, join } from 'node:path'
import { nameOf } from '../apply.ts'
import { InputError } from '../cli-error.ts'
import type { CommandIO } from '../command-io.ts'
import { invalid } from '../decode.ts'
import { atLeastOne, readEach } from '../load-files.ts'
import { loadObjects, loadReadable } from '../load-objects.ts'
import { loadPolicies } from '../load-policies.ts'
import { loadRegistry } from '../load-registry.ts'
import { readInput } from '../read-input.ts'
import { loadRequestFacts, valuesOf, type RequestFacts } from '../request-facts.ts'
import { buildWorld, type BuiltWorld } from './build-world.ts'
import { checkExpectation, type Subject, type TestResult } from './check-expectation.ts'
import { hasKey, replaceKeys, type Replacement } from './replace-keys.ts'
import { parseTestFile, type TestFile } from './test-file.ts'

export interface TestFileResult {
  readonly file: string
  readonly name: string
  readonly results: readonly TestResult[]
}

/** Runs the tests of one file. Paths in it are relative to its folder. */
export async function runTestFile(file: string, io: CommandIO): Promise<TestFileResult> {
  const tests = await readInput(file, io, parseTestFile)
  const built = await worldOf(tests, file, io)
  try {
    const { verifier, policies, facts } = await prepare(tests, file, built, io)
    const subjects = await verifySubjects(tests, file, { verifier, facts }, io)
    return {
      file,
      name: tests.name,
      results: tests.expectations.flatMap((each) => checkExpectation(each, policies, subjects)),
    }
  } finally {
    await built?.world.close()
  }
}

/** Returns paths of a test file, which are relative to it. */
function beside(file: string, paths: readonly string[]): readonly string[] {
  return paths.map((path) => (isAbsolute(path) ? path : join(dirname(file), path)))
}

async function worldOf({ world }: TestFile, file: string, io: CommandIO): Promise<BuiltWorld | undefined> {
  if (world === undefined) return undefined
  if (typeof world !== 'string') return buildWorld(world, `${file}: world`)
  const [path = ''] = beside(file, [world])
  const described = await readInput(path, io, (text, name) => {
    const [document] = readDocuments(text, { source: name })
    if (!isJsonObject(document?.value)) throw invalid(name, 'expected an object')
    return document.value
  })
  return buildWorld(described, path)
}

interface Prepared {
  readonly verifier: ImageVerifier
  readonly policies: readonly Policy[]
  readonly facts: RequestFacts
}

async function prepare(tests: TestFile, file: string, built: BuiltWorld | undefined, io: CommandIO): Promise<Prepared> {
  const [userInfoFile] = beside(file, tests.userInfo === undefined ? [] : [tests.userInfo])
  const [valuesFile] = beside(file, tests.variables === undefined ? [] : [tests.variables])
  const given = await loadRequestFacts({ requester: {}, operation: undefined, userInfoFile, valuesFile }, io)
  const inline = tests.values === undefined ? undefined : valuesOf(tests.values, `${file}: values`)
  const facts = {
    ...given,
    operation: inline?.operation ?? given.operation,
    namespaces: [...given.namespaces, ...(inline?.namespaces ?? [])],
  }
  const paths = beside(file, tests.policies)
  const loaded = await loadPolicies(paths, io)
  const policies = built === undefined ? loaded.policies : await policiesOfWorld(paths, built.replacements, file, io)
  const exceptions = await readEach(beside(file, tests.exceptions), io, (text, source) =>
    atLeastOne('PolicyException', () => parseExceptions(text, { source })),
  )
  const readable = [...loaded.objects, ...(await loadReadable(beside(file, tests.objects), io))]
  const known = [...readable.map(({ value }) => value), ...facts.namespaces]
  const registry = built?.world.registryClient() ?? (await loadRegistry(DEFAULT_REGISTRY, io))
  const verifier = createImageVerifier({
    policies,
    exceptions,
    registry,
    ...(built === undefined ? { clock: io.now } : { clock: built.world.clock, trust: built.world.trust }),
    ...(known.length === 0 ? {} : { kubernetes: fixedObjects(known) }),
  })
  return { verifier, policies, facts }
}

const DEFAULT_REGISTRY = {
  insecureRegistries: [],
  endpoints: new Map(),
  tokenServers: new Map(),
  insecureCredentials: false,
  caFile: undefined,
  proxy: undefined,
  dockerConfig: undefined,
}

/** Reads the policies again, with the keys of the signing world. Each replacement must be of use. */
async function policiesOfWorld(
  paths: readonly string[],
  replacements: readonly Replacement[],
  file: string,
  io: CommandIO,
): Promise<readonly Policy[]> {
  const documents = await readEach(paths, io, (text, source) => readDocuments(text, { source }))
  const unused = replacements.find((each) => !documents.some(({ value }) => hasKey(value, each)))
  if (unused !== undefined)
    throw new InputError(`${file}: VERIFIER_RESOURCE_INVALID: no policy has the key to replace: ${unused.from.trim()}`)
  const text = documents.map(({ value }) => JSON.stringify(replaceKeys(value, replacements))).join('\n---\n')
  return parsePolicies(text, { foreign: 'skip' })
}

async function verifySubjects(
  tests: TestFile,
  file: string,
  { verifier, facts }: Pick<Prepared, 'verifier' | 'facts'>,
  io: CommandIO,
): Promise<readonly Subject[]> {
  const subjects: Subject[] = []
  for (const { value } of await loadObjects(beside(file, tests.resources), io)) {
    const { kind, metadata } = value
    const { name = '', namespace = '' } = isJsonObject(metadata) ? metadata : {}
    const verdict = await verifier.verifyResource(value, { ...facts.requester, operation: facts.operation })
    const shown = nameOf(value, undefined)
    subjects.push({ kind: String(kind), namespace: String(namespace), name: String(name), shown, verdict })
  }
  for (const image of new Set(tests.expectations.flatMap(({ images }) => images))) {
    const verdict = await verifier.verifyImage(image, facts.requester)
    subjects.push({ kind: 'image', namespace: '', name: image, shown: image, verdict })
  }
  return subjects
}
