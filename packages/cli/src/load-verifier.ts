import {
  createHttpRevocationChecker,
  createImageVerifier,
  fixedObjects,
  parseExceptions,
  trustedRoot,
  type ImageVerifier,
  type JsonObject,
  type RegistryClient,
} from '@verify-images/core'
import type { ApplyArguments } from './command-line/arguments.ts'
import type { CommandIO } from './command-io.ts'
import { atLeastOne, readEach } from './load-files.ts'
import { loadReadable } from './load-objects.ts'
import { loadPolicies, type LoadedPolicies } from './load-policies.ts'
import { readInput } from './read-input.ts'
import { signerPolicy } from './signer-policy.ts'

/** Creates a verifier from the files that the command line names. */
export async function loadVerifier(
  given: ApplyArguments,
  { registry, namespaces }: { readonly registry: RegistryClient; readonly namespaces: readonly JsonObject[] },
  io: CommandIO,
): Promise<ImageVerifier> {
  const { policies, objects, notes } = await policiesOf(given, io)
  if (given.detail !== 'quiet') for (const note of notes) io.stderr(note)
  const exceptions = await readEach(given.exceptions, io, (text, source) =>
    atLeastOne('PolicyException', () => parseExceptions(text, { source })),
  )
  const readable = [...objects, ...(await loadReadable(given.objects, io))].map(({ value }) => value)
  const known = [...readable, ...namespaces]
  const trust = given.trustedRoot === undefined ? undefined : await readInput(given.trustedRoot, io, trustedRoot)
  return createImageVerifier({
    policies,
    exceptions,
    registry,
    clock: clockOf(given, io),
    deadlineMs: given.deadlines.eachMs,
    platforms: given.platforms,
    unmatched: given.unmatched,
    // `verify` requires a signer, in any format.
    ...(given.policies.kind === 'signer' ? { attestors: { discovery: 'auto' as const } } : {}),
    ...(given.revocationHosts === undefined
      ? {}
      : { revocation: createHttpRevocationChecker({ allowHosts: given.revocationHosts }) }),
    ...(known.length === 0 ? {} : { kubernetes: fixedObjects(known) }),
    ...(trust === undefined ? {} : { trust }),
  })
}

async function policiesOf({ policies }: ApplyArguments, io: CommandIO): Promise<LoadedPolicies> {
  return policies.kind === 'files'
    ? loadPolicies(policies.paths, io)
    : { policies: await signerPolicy(policies.signer, io), objects: [], notes: [] }
}

function clockOf({ at }: ApplyArguments, { now }: CommandIO): () => Date {
  return at === undefined ? now : () => new Date(at)
}
