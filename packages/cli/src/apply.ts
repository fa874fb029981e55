import {
  VerifierError,
  type Evaluations,
  type ImageVerifier,
  type ImageVerdict,
  type JsonObject,
  type ResourceRequest,
  type ResourceVerdict,
} from '@verify-images/core'
import { isJsonObject, ownMember } from '@verify-images/primitives'
import { describeError, InputError } from './cli-error.ts'
import type { ApplyArguments, Requester, Shard } from './command-line/arguments.ts'
import { EXIT, formatEach, type CommandIO, type CommandResult } from './command-io.ts'
import { formatProblem } from './formats/format-problem.ts'
import { formatVerdicts } from './formats/format-verdicts.ts'
import { describeUnfinished, type Results } from './formats/results.ts'
import { loadObjects, loadReferences, type LoadedObject } from './load-objects.ts'
import { loadRegistry } from './load-registry.ts'
import { loadVerifier } from './load-verifier.ts'
import { printableLine } from './printable.ts'
import { checkCount, checkReferences } from './read-input.ts'
import { loadRequestFacts, type RequestFacts } from './request-facts.ts'
import { verifyAll, type Task } from './verify-all.ts'

/** Runs the commands that verify; the exit code is that of the worst verdict. */
export async function apply(given: ApplyArguments, io: CommandIO): Promise<CommandResult> {
  const images = [...given.images, ...(await loadReferences(given.imageFiles, io))]
  checkCount(images.length)
  checkReferences(images)
  const facts = await loadRequestFacts(given, io)
  const registry = await loadRegistry(given, io)
  const verifier = await loadVerifier(given, { registry, namespaces: facts.namespaces }, io)
  const isShown = given.detail !== 'quiet'
  printFindings(given, verifier, io)
  const run = verifier.openRun({ signal: io.interrupted })
  const tasks = [
    ...(await objectTasks(run, given, facts, io)),
    ...images.map((image) => imageTask(run, image, given, facts)),
  ]
  const part = partOf(tasks, given.shard)
  if (part.length === 0)
    io.stderr(`note: shard ${describeShard(given.shard)} of ${String(tasks.length)} has nothing to verify`)
  const results = await verifyAll(part, given, io)
  if (isShown) printWarnings(results, io)
  return {
    ...formatEach(given, (output, to) =>
      formatVerdicts(results, { ...given, output }, { colors: to === 'stdout' && io.colors }),
    ),
    isPrintable: given.output === 'text',
    exit: exitCodeOf(results),
  }
}

function printFindings(
  { policies, detail }: ApplyArguments,
  { problems, warnings }: ImageVerifier,
  { stderr }: CommandIO,
): void {
  if (policies.kind === 'signer') {
    // The policy is made of the options, so what is wrong with it is wrong usage, and its places mean nothing to the user.
    const [wrong] = problems.filter(({ code }) => code === 'ATTESTOR_POLICY_INVALID')
    if (wrong !== undefined) throw new InputError(`${wrong.code}: ${wrong.message}`)
    for (const { message } of detail === 'quiet' ? problems : [...problems, ...warnings]) stderr(`warning: ${message}`)
    return
  }
  for (const problem of problems) stderr(formatProblem(problem))
  if (detail !== 'quiet') for (const warning of warnings) stderr(formatProblem(warning))
}

function printWarnings({ verified, unfinished }: Results, io: CommandIO): void {
  for (const { subject, verdict } of verified)
    for (const warning of verdict.warnings) io.stderr(`warning: ${subject}: ${warning}`)
  const [first] = unfinished
  const all = verified.length + unfinished.length
  if (first !== undefined)
    io.stderr(`warning: ${String(unfinished.length)} of ${String(all)} ${describeUnfinished(first)}`)
}

/** Returns a part of an array: every `count`-th element. Parts do not overlap and differ by at most one element. */
function partOf<T>(list: readonly T[], { index, count }: Shard): readonly T[] {
  return list.filter((_, i) => i % count === index)
}

function describeShard({ index, count }: Shard): string {
  return `${String(index)}/${String(count)}`
}

async function objectTasks(
  run: Evaluations,
  given: ApplyArguments,
  facts: RequestFacts,
  io: CommandIO,
): Promise<readonly Task[]> {
  const objects = await loadObjects(given.resources, io)
  const oldObject = await loadOldObject(given, objects.length, io)
  checkCount(objects.length)
  for (const object of objects) checkNamespace(object, given)
  return objects.map(({ value, place }) => ({
    subject: nameOf(value, given.namespace),
    verify: (limits) =>
      run
        .verifyResource(value, {
          ...requestOf(given, facts),
          ...limits,
          operation: facts.operation,
          ...(oldObject && { oldObject }),
        })
        .catch((error: unknown) => {
          throw error instanceof VerifierError ? new InputError(`${place()}: ${describeError(error)}`) : error
        }),
  }))
}

/** `--old-object` pairs with exactly one resource; with several the pairing is ambiguous. */
async function loadOldObject(
  { oldObject }: ApplyArguments,
  objects: number,
  io: CommandIO,
): Promise<JsonObject | undefined> {
  if (oldObject === undefined) return undefined
  const [first, ...rest] = await loadObjects([oldObject], io)
  if (objects !== 1 || rest.length > 0)
    throw new InputError(
      `${oldObject}: VERIFIER_RESOURCE_INVALID: expected one old object and one resource, got ` +
        `${String(rest.length + 1)} and ${String(objects)}`,
    )
  return first?.value
}

/** As in kubectl, `--namespace` applies to objects without a namespace and must not contradict another one. */
function checkNamespace({ value, place }: LoadedObject, { namespace }: ApplyArguments): void {
  const own = ownMember(value['metadata'], 'namespace')
  if (namespace !== undefined && own && own !== namespace)
    throw new InputError(
      `${place()}: VERIFIER_RESOURCE_INVALID: namespace: expected \`${namespace}\` as in --namespace, got ` +
        `\`${String(own)}\``,
    )
}

function imageTask(run: Evaluations, image: string, given: ApplyArguments, facts: RequestFacts): Task {
  return {
    subject: printableLine(image),
    verify: (limits) => run.verifyImage(image, { ...requestOf(given, facts), ...limits }),
  }
}

function requestOf(
  { namespace, namespaceLabels }: ApplyArguments,
  { requester }: RequestFacts,
): Requester & Pick<ResourceRequest, 'namespace' | 'namespaceLabels'> {
  return {
    ...requester,
    ...(namespace === undefined ? {} : { namespace }),
    ...(namespaceLabels === undefined ? {} : { namespaceLabels }),
  }
}

/** Returns `Pod default/app`. */
export function nameOf({ kind, metadata }: JsonObject, inNamespace: string | undefined): string {
  const { name, generateName, namespace = inNamespace } = isJsonObject(metadata) ? metadata : {}
  const named = String(name ?? (typeof generateName === 'string' ? `${generateName}…` : ''))
  return printableLine(`${String(kind)} ${namespace === undefined ? '' : `${String(namespace)}/`}${named}`)
}

/** "Denied" is worse than "could not be checked": a retry does not help. */
function exitCodeOf({ verified, unfinished }: Results): number {
  const refused = verified.map(({ verdict }) => verdict).filter(({ admitted }) => !admitted)
  if (refused.some(isDenied)) return EXIT.denied
  return refused.length + unfinished.length === 0 ? EXIT.admitted : EXIT.inconclusive
}

function isDenied({ outcome }: ResourceVerdict | ImageVerdict): boolean {
  return outcome !== 'inconclusive'
}
