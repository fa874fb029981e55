import { readDocuments, type JsonObject, type ListableKind, type ReadableKind } from '@verify-images/core'
import { isJsonObject } from '@verify-images/primitives'
import { InputError } from './cli-error.ts'
import type { CommandIO } from './command-io.ts'
import { nullsAsText, unrollLists } from './kubernetes-objects.ts'
import { atLeastOne, readEach } from './load-files.ts'
import { placeIn } from './read-input.ts'

const READABLE: readonly (ReadableKind | ListableKind)[] = [
  'ConfigMap',
  'Secret',
  'Namespace',
  'RoleBinding',
  'ClusterRoleBinding',
]

export interface LoadedObject {
  readonly value: JsonObject
  /** Where it is defined, for messages. */
  readonly place: () => string
}

/** Returns whether policies may read an object of this kind. */
export function isReadable({ kind }: JsonObject): boolean {
  return READABLE.some((each) => each === kind)
}

/** Loads the objects of files in document order, lists expanded. */
export function loadObjects(paths: readonly string[], io: CommandIO): Promise<readonly LoadedObject[]> {
  return readEach(paths, io, (text, source) => atLeastOne('object', () => objectsIn(text, source)))
}

/** Loads the objects of files that policies may read; rejects a file without any, because it would have no effect. */
export function loadReadable(paths: readonly string[], io: CommandIO): Promise<readonly LoadedObject[]> {
  return readEach(paths, io, (text, source) =>
    atLeastOne('ConfigMap, Secret, Namespace or role binding', () =>
      objectsIn(text, source).filter(({ value }) => isReadable(value)),
    ),
  )
}

export function objectsIn(text: string, source: string): readonly LoadedObject[] {
  return readDocuments(text, { source }).flatMap(({ value, locate }) => {
    const place = (): string => placeIn(source, text, locate('') ?? {})
    return unrollLists(value).map((each) => {
      if (!isJsonObject(each))
        throw new InputError(`${place()}: VERIFIER_RESOURCE_INVALID: expected a Kubernetes object`)
      return { value: nullsAsText(each), place }
    })
  })
}

/**
 * Returns the references of files that have one per line; rejects a file without any: the command that made it probably
 * failed.
 */
export function loadReferences(paths: readonly string[], io: CommandIO): Promise<readonly string[]> {
  return readEach(paths, io, (text) => atLeastOne('image reference', () => referencesIn(text)))
}

function referencesIn(text: string): readonly string[] {
  return text
    .split('\n')
    .map((line) => (line.split('#', 1)[0] ?? '').trim())
    .filter((line) => line !== '')
}
