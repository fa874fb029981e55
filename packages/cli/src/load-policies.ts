import { isForeign, parsePolicies, type Policy } from '@verify-images/core'
import { InputError } from './cli-error.ts'
import type { CommandIO } from './command-io.ts'
import { emptyIfMissing, readEach } from './load-files.ts'
import { isReadable, objectsIn, type LoadedObject } from './load-objects.ts'

export interface LoadedPolicies {
  readonly policies: readonly Policy[]
  /** Objects that stand beside the policies and that they may read. */
  readonly objects: readonly LoadedObject[]
  /** A line for each object beside the policies that says how it is used. */
  readonly notes: readonly string[]
}

/**
 * Loads the policies of files, and the objects beside them that policies may read: a policy and the ConfigMap that it
 * reads are often kept in one folder.
 */
export async function loadPolicies(paths: readonly string[], io: CommandIO): Promise<LoadedPolicies> {
  const read = await readEach(paths, io, (text, source) => [
    {
      policies: emptyIfMissing(() => parsePolicies(text, { source, foreign: 'skip' })),
      beside: emptyIfMissing(() => objectsIn(text, source)).filter(
        ({ value }) => isForeign(value) || value['kind'] === 'PolicyException',
      ),
    },
  ])
  const policies = read.flatMap((each) => each.policies)
  const beside = read.flatMap((each) => each.beside)
  if (policies.length === 0)
    throw new InputError(`${paths.join(', ')}: POLICY_MISSING: expected at least one policy, got none`)
  return {
    policies,
    objects: beside.filter(({ value }) => isForeign(value) && isReadable(value)),
    notes: beside.map(noteOf),
  }
}

function noteOf({ value, place }: LoadedObject): string {
  const { kind, metadata } = value
  const name = Object(metadata).name
  return `note: ${place()}: ${[kind, name].filter((part) => typeof part === 'string').join(' ')} ${fateOf(value)}`
}

function fateOf(value: LoadedObject['value']): string {
  if (value['kind'] === 'PolicyException') return 'is not applied: name its file with --exception'
  return isReadable(value) ? 'can be read by policies, as with --objects' : 'is not a policy, and is ignored'
}
