import {
  createHttpRevocationChecker,
  createImageVerifier,
  fixedObjects,
  parseExceptions,
  parsePolicies,
  PolicyError,
  readDocuments,
  trustedRoot,
  VerifierError,
  type ImageVerifier,
  type JsonObject,
  type ReadableKind,
  type RegistryClient,
} from '@verify-images/core'
import { isJsonObject } from '@verify-images/primitives'
import type { ApplyArguments } from './arguments.ts'
import { InputError } from './cli-error.ts'
import { nullsAsText } from './nulls-as-text.ts'
import { placeIn } from './place.ts'
import { readInput } from './read-input.ts'
import type { Surroundings } from './surroundings.ts'
import { unrollLists } from './unroll-lists.ts'

const READABLE: readonly ReadableKind[] = ['ConfigMap', 'Secret', 'Namespace']

/** A verifier made of the files the command line names. */
export async function loadVerifier(
  given: ApplyArguments,
  registry: RegistryClient,
  io: Surroundings,
): Promise<ImageVerifier> {
  const policies = await readEach(given.policies, io, (text, source) => parsePolicies(text, { source }))
  const exceptions = await readEach(given.exceptions, io, (text, source) =>
    someOf('PolicyException', () => parseExceptions(text, { source })),
  )
  const objects = await loadReadable(given.objects, io)
  const trust = given.trustedRoot === undefined ? undefined : await readInput(given.trustedRoot, io, trustedRoot)
  return createImageVerifier({
    policies,
    exceptions,
    registry,
    clock: io.now,
    deadlineMs: given.deadlineMs,
    platforms: given.platforms,
    unmatched: given.unmatched,
    ...(given.revocationHosts === undefined
      ? {}
      : { revocation: createHttpRevocationChecker({ allowHosts: given.revocationHosts }) }),
    ...(objects.length === 0 ? {} : { kubernetes: fixedObjects(objects.map(({ value }) => value)) }),
    ...(trust === undefined ? {} : { trust }),
  })
}

export interface LoadedObject {
  readonly value: JsonObject
  /** Where it stands, for messages. */
  readonly place: () => string
}

/** The objects in files, in their order, and those in lists in theirs. */
export function loadObjects(paths: readonly string[], io: Surroundings): Promise<readonly LoadedObject[]> {
  return readEach(paths, io, (text, source) => someOf('object', () => objectsIn(text, source)))
}

/** The objects in files that a policy could read; a file of others would be without effect. */
function loadReadable(paths: readonly string[], io: Surroundings): Promise<readonly LoadedObject[]> {
  return readEach(paths, io, (text, source) =>
    someOf('ConfigMap, Secret or Namespace', () =>
      objectsIn(text, source).filter(({ value: { kind } }) => READABLE.some((each) => each === kind)),
    ),
  )
}

function objectsIn(text: string, source: string): readonly LoadedObject[] {
  return readDocuments(text, { source }).flatMap(({ value, locate }) => {
    const place = (): string => placeIn(source, text, locate('') ?? {})
    return unrollLists(value).map((each) => {
      if (!isJsonObject(each))
        throw new InputError(`${place()}: VERIFIER_RESOURCE_INVALID: this is not a Kubernetes object`)
      return { value: nullsAsText(each), place }
    })
  })
}

async function readEach<T>(
  paths: readonly string[],
  io: Surroundings,
  parse: (text: string, name: string) => readonly T[],
): Promise<readonly T[]> {
  return (await Promise.all(paths.map((path) => readInput(path, io, parse)))).flat()
}

/** An empty list is no reason to go on: whatever was to be judged, or to be excepted, is not in it. */
function someOf<T>(what: string, read: () => readonly T[]): readonly T[] {
  const found = unlessMissing(read)
  if (found.length === 0) throw new VerifierError('VERIFIER_RESOURCE_INVALID', `there is no ${what} in this file`)
  return found
}

/** A text without a document is no more than empty where policies are not looked for. */
function unlessMissing<T>(read: () => readonly T[]): readonly T[] {
  try {
    return read()
  } catch (error) {
    if (error instanceof PolicyError && error.code === 'POLICY_MISSING') return []
    throw error
  }
}
