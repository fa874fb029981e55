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
  type Policy,
  type Problem,
  type ReadableKind,
  type RegistryClient,
} from '@verify-images/core'
import { isJsonObject } from '@verify-images/primitives'
import type { ApplyArguments } from './arguments.ts'
import { InputError } from './cli-error.ts'
import { placeIn, readInput } from './read-input.ts'
import type { CommandIO } from './command-io.ts'
import { signerPolicy } from './signer-policy.ts'
import { nullsAsText, unrollLists } from './kubernetes-objects.ts'

const READABLE: readonly ReadableKind[] = ['ConfigMap', 'Secret', 'Namespace']

/** Creates a verifier from the files that the command line names. */
export async function loadVerifier(
  given: ApplyArguments,
  registry: RegistryClient,
  io: CommandIO,
): Promise<ImageVerifier> {
  const policies =
    given.policies.kind === 'signer'
      ? await signerPolicy(given.policies.signer, io)
      : await loadPolicies(given.policies.paths, io)
  const exceptions = await readEach(given.exceptions, io, (text, source) =>
    atLeastOne('PolicyException', () => parseExceptions(text, { source })),
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
    // Who signed is asked for, not in which format.
    ...(given.policies.kind === 'signer' ? { attestors: { discovery: 'auto' as const } } : {}),
    ...(given.revocationHosts === undefined
      ? {}
      : { revocation: createHttpRevocationChecker({ allowHosts: given.revocationHosts }) }),
    ...(objects.length === 0 ? {} : { kubernetes: fixedObjects(objects.map(({ value }) => value)) }),
    ...(trust === undefined ? {} : { trust }),
  })
}

function loadPolicies(paths: readonly string[], io: CommandIO): Promise<readonly Policy[]> {
  return readEach(paths, io, (text, source) => parsePolicies(text, { source }))
}

/** Returns the references of files that have one per line. */
export async function loadReferences(paths: readonly string[], io: CommandIO): Promise<readonly string[]> {
  return readEach(paths, io, (text) =>
    text
      .split('\n')
      .map((line) => (line.split('#', 1)[0] ?? '').trim())
      .filter((line) => line !== ''),
  )
}

/** Returns what is known of policies before the first image. */
export async function loadPolicyProblems(paths: readonly string[], io: CommandIO): Promise<readonly Problem[]> {
  const policies = await loadPolicies(paths, io)
  const { problems, warnings } = createImageVerifier({ policies })
  return [...problems, ...warnings]
}

export interface LoadedObject {
  readonly value: JsonObject
  /** Where it is defined, for messages. */
  readonly place: () => string
}

/** Loads the objects of files in document order, lists expanded. */
export function loadObjects(paths: readonly string[], io: CommandIO): Promise<readonly LoadedObject[]> {
  return readEach(paths, io, (text, source) => atLeastOne('object', () => objectsIn(text, source)))
}

/** Loads the objects of files that policies may read; rejects a file without any, because it would have no effect. */
function loadReadable(paths: readonly string[], io: CommandIO): Promise<readonly LoadedObject[]> {
  return readEach(paths, io, (text, source) =>
    atLeastOne('ConfigMap, Secret or Namespace', () =>
      objectsIn(text, source).filter(({ value: { kind } }) => READABLE.some((each) => each === kind)),
    ),
  )
}

function objectsIn(text: string, source: string): readonly LoadedObject[] {
  return readDocuments(text, { source }).flatMap(({ value, locate }) => {
    const place = (): string => placeIn(source, text, locate('') ?? {})
    return unrollLists(value).map((each) => {
      if (!isJsonObject(each))
        throw new InputError(`${place()}: VERIFIER_RESOURCE_INVALID: expected a Kubernetes object`)
      return { value: nullsAsText(each), place }
    })
  })
}

async function readEach<T>(
  paths: readonly string[],
  io: CommandIO,
  parse: (text: string, name: string) => readonly T[],
): Promise<readonly T[]> {
  const read: (readonly T[])[] = []
  // One after the other, so that no more is read than the limits allow.
  for (const path of paths) read.push(await readInput(path, io, parse))
  return read.flat()
}

/** Rejects a file without any: what it was meant to contain would silently not be verified, or not be excepted. */
function atLeastOne<T>(what: string, read: () => readonly T[]): readonly T[] {
  const found = emptyIfMissing(read)
  if (found.length === 0)
    throw new VerifierError('VERIFIER_RESOURCE_INVALID', `expected at least one ${what}, got none`)
  return found
}

/** A file without a document is an error only where policies are read. */
function emptyIfMissing<T>(read: () => readonly T[]): readonly T[] {
  try {
    return read()
  } catch (error) {
    if (error instanceof PolicyError && error.code === 'POLICY_MISSING') return []
    throw error
  }
}
