import {
  explain,
  VerifierError,
  type ImageVerdict,
  type ImageVerifier,
  type JsonObject,
  type Problem,
  type ResourceRequest,
  type ResourceVerdict,
} from '@verify-images/core'
import type { ApplyArguments } from './arguments.ts'
import { checkReferences } from './check-references.ts'
import { describeError, InputError } from './cli-error.ts'
import { EXIT, type Answer } from './exit.ts'
import { loadObjects, loadVerifier, type LoadedObject } from './load.ts'
import { loadRegistry } from './load-registry.ts'
import { reportDocument } from './reports.ts'
import { printableLine } from './printable.ts'
import type { Surroundings } from './surroundings.ts'

interface Judged {
  /** `Pod default/app`, or the image as it was given. */
  readonly subject: string
  readonly verdict: ResourceVerdict | ImageVerdict
}

/** Applies policies to objects and images; the exit code is that of the worst verdict. */
export async function apply(given: ApplyArguments, io: Surroundings): Promise<Answer> {
  checkReferences(given.images)
  const registry = await loadRegistry(given, io)
  const verifier = await loadVerifier(given, registry, io)
  for (const problem of [...verifier.problems, ...verifier.warnings]) io.talk(describeProblem(problem))
  const judged = [...(await judgeObjects(verifier, given, io)), ...(await judgeImages(verifier, given))]
  for (const { subject, verdict } of judged)
    for (const warning of verdict.warnings) io.talk(`warning: ${subject}: ${warning}`)
  return { data: shown(judged, given), exit: exitCodeOf(judged.map(({ verdict }) => verdict)) }
}

async function judgeObjects(verifier: ImageVerifier, given: ApplyArguments, io: Surroundings): Promise<Judged[]> {
  const objects = await loadObjects(given.resources, io)
  const oldObject = await loadOldObject(given, objects.length, io)
  const judged: Judged[] = []
  for (const object of objects) {
    checkNamespace(object, given)
    const verdict = await verifier
      .verifyResource(object.value, {
        ...requestOf(given),
        operation: given.operation,
        ...(oldObject && { oldObject }),
      })
      .catch((error: unknown) => {
        throw error instanceof VerifierError ? new InputError(`${object.place()}: ${describeError(error)}`) : error
      })
    judged.push({ subject: nameOf(object.value, given.namespace), verdict })
  }
  return judged
}

/** One object was one other before; which of several it was would be a guess. */
async function loadOldObject(
  { oldObject }: ApplyArguments,
  objects: number,
  io: Surroundings,
): Promise<JsonObject | undefined> {
  if (oldObject === undefined) return undefined
  const [first, ...rest] = await loadObjects([oldObject], io)
  if (objects !== 1 || rest.length > 0)
    throw new InputError(
      `${oldObject}: VERIFIER_RESOURCE_INVALID: there must be one old object and one new one, found ${String(rest.length + 1)} and ${String(objects)}`,
    )
  return first?.value
}

/** As kubectl has it: `--namespace` fills in what is not there, and moves nothing. */
function checkNamespace({ value, place }: LoadedObject, { namespace }: ApplyArguments): void {
  const { namespace: own } = (value['metadata'] ?? {}) as JsonObject
  if (namespace !== undefined && own && own !== namespace)
    throw new InputError(
      `${place()}: VERIFIER_RESOURCE_INVALID: the object is of namespace \`${String(own)}\`, not of \`${namespace}\` as --namespace says`,
    )
}

async function judgeImages(verifier: ImageVerifier, given: ApplyArguments): Promise<Judged[]> {
  const judged: Judged[] = []
  for (const image of given.images)
    judged.push({ subject: printableLine(image), verdict: await verifier.verifyImage(image, requestOf(given)) })
  return judged
}

function requestOf({
  namespace,
  namespaceLabels,
}: ApplyArguments): Pick<ResourceRequest, 'namespace' | 'namespaceLabels'> {
  return {
    ...(namespace === undefined ? {} : { namespace }),
    ...(namespaceLabels === undefined ? {} : { namespaceLabels }),
  }
}

function nameOf({ kind, metadata }: JsonObject, inNamespace: string | undefined): string {
  const { name, generateName, namespace = inNamespace } = (metadata ?? {}) as JsonObject
  const named = String(name ?? (typeof generateName === 'string' ? `${generateName}…` : ''))
  return printableLine(`${String(kind)} ${namespace === undefined ? '' : `${String(namespace)}/`}${named}`)
}

/** "Denied" is worse than "could not be checked": the one needs a signature, the other another try. */
function exitCodeOf(verdicts: readonly (ResourceVerdict | ImageVerdict)[]): number {
  const refused = verdicts.filter(({ admitted }) => !admitted)
  if (refused.length === 0) return EXIT.admitted
  return refused.some(({ outcome }) => outcome !== 'inconclusive') ? EXIT.denied : EXIT.inconclusive
}

function shown(judged: readonly Judged[], { report, output, explain: whole }: ApplyArguments): string {
  if (report) return json(reportDocument(judged.map(({ verdict }) => verdict.report())))
  if (output === 'json')
    return json({ schemaVersion: 1, verdicts: judged.map(({ subject, verdict }) => ({ subject, ...verdict })) })
  return judged.map((each) => text(each, whole)).join('')
}

function json(document: object): string {
  return `${JSON.stringify(document, null, 2)}\n`
}

function text({ subject, verdict }: Judged, whole: boolean): string {
  const pinned =
    'images' in verdict
      ? verdict.images.flatMap(({ pointer, reference, digest }) =>
          digest === undefined ? [] : [`  ${pointer}: ${reference} is ${digest}`],
        )
      : [`  ${verdict.reference}`]
  return [
    `${subject}: ${explain(verdict, { depth: whole ? 'all' : 'summary' })}`,
    ...(verdict.admitted ? pinned : []),
    '',
  ].join('\n')
}

function describeProblem({ severity, source, line, column, policy, path, code, message }: Problem): string {
  const place = `${source ?? policy}${line === undefined ? '' : `:${String(line)}:${String(column)}`}`
  return `${severity}: ${place} ${path}: ${code}: ${message}`
}
