import {
  VerifierError,
  type ImageVerdict,
  type ImageVerifier,
  type JsonObject,
  type Problem,
  type ResourceRequest,
  type ResourceVerdict,
} from '@verify-images/core'
import { concurrently, isJsonObject, ownMember } from '@verify-images/primitives'
import type { ApplyArguments, Requester } from './arguments.ts'
import { describeError, InputError } from './cli-error.ts'
import { EXIT, type CommandIO, type CommandResult } from './command-io.ts'
import { formatVerdicts } from './formats/format-verdicts.ts'
import type { Verified } from './formats/verified.ts'
import { loadObjects, loadReferences, loadVerifier, type LoadedObject } from './load.ts'
import { loadRegistry } from './load-registry.ts'
import { checkCount, checkReferences } from './read-input.ts'
import { printableLine } from './printable.ts'

/** Runs `apply` and `explain`; the exit code is that of the worst verdict. */
export async function apply(given: ApplyArguments, io: CommandIO): Promise<CommandResult> {
  const images = [...given.images, ...(await loadReferences(given.imageFiles, io))]
  checkCount(images.length)
  checkReferences(images)
  const registry = await loadRegistry(given, io)
  const verifier = await loadVerifier(given, registry, io)
  for (const problem of [...verifier.problems, ...verifier.warnings]) io.stderr(formatProblem(problem))
  const verified = [...(await verifyObjects(verifier, given, io)), ...(await verifyImages(verifier, images, given))]
  for (const { subject, verdict } of verified)
    for (const warning of verdict.warnings) io.stderr(`warning: ${subject}: ${warning}`)
  return { data: formatVerdicts(verified, given), exit: exitCodeOf(verified.map(({ verdict }) => verdict)) }
}

async function verifyObjects(
  verifier: ImageVerifier,
  given: ApplyArguments,
  io: CommandIO,
): Promise<readonly Verified[]> {
  const objects = await loadObjects(given.resources, io)
  const oldObject = await loadOldObject(given, objects.length, io)
  checkCount(objects.length)
  for (const object of objects) checkNamespace(object, given)
  return concurrently(objects, given.concurrency, async (object) => {
    const verdict = await verifier
      .verifyResource(object.value, {
        ...requestOf(given),
        operation: given.operation,
        ...(oldObject && { oldObject }),
      })
      .catch((error: unknown) => {
        throw error instanceof VerifierError ? new InputError(`${object.place()}: ${describeError(error)}`) : error
      })
    return { subject: nameOf(object.value, given.namespace), verdict }
  })
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
      `${oldObject}: VERIFIER_RESOURCE_INVALID: expected one old object and one resource, got ${String(rest.length + 1)} and ${String(objects)}`,
    )
  return first?.value
}

/** As in kubectl, `--namespace` applies to objects without a namespace and must not contradict another one. */
function checkNamespace({ value, place }: LoadedObject, { namespace }: ApplyArguments): void {
  const own = ownMember(value['metadata'], 'namespace')
  if (namespace !== undefined && own && own !== namespace)
    throw new InputError(
      `${place()}: VERIFIER_RESOURCE_INVALID: namespace: expected \`${namespace}\` as in --namespace, got \`${String(own)}\``,
    )
}

function verifyImages(
  verifier: ImageVerifier,
  images: readonly string[],
  given: ApplyArguments,
): Promise<readonly Verified[]> {
  return concurrently(images, given.concurrency, async (image) => ({
    subject: printableLine(image),
    verdict: await verifier.verifyImage(image, requestOf(given)),
  }))
}

function requestOf({
  namespace,
  namespaceLabels,
  requester,
}: ApplyArguments): Requester & Pick<ResourceRequest, 'namespace' | 'namespaceLabels'> {
  return {
    ...requester,
    ...(namespace === undefined ? {} : { namespace }),
    ...(namespaceLabels === undefined ? {} : { namespaceLabels }),
  }
}

function nameOf({ kind, metadata }: JsonObject, inNamespace: string | undefined): string {
  const { name, generateName, namespace = inNamespace } = isJsonObject(metadata) ? metadata : {}
  const named = String(name ?? (typeof generateName === 'string' ? `${generateName}…` : ''))
  return printableLine(`${String(kind)} ${namespace === undefined ? '' : `${String(namespace)}/`}${named}`)
}

/** "Denied" is worse than "could not be checked": a retry does not help. */
function exitCodeOf(verdicts: readonly (ResourceVerdict | ImageVerdict)[]): number {
  const refused = verdicts.filter(({ admitted }) => !admitted)
  if (refused.length === 0) return EXIT.admitted
  return refused.some(({ outcome }) => outcome !== 'inconclusive') ? EXIT.denied : EXIT.inconclusive
}

export function formatProblem({ severity, source, line, column, policy, path, code, message }: Problem): string {
  const place = `${source ?? policy}${line === undefined ? '' : `:${String(line)}:${String(column)}`}`
  return `${severity}: ${place} ${path}: ${code}: ${message}`
}
