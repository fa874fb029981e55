import { explain, type ImageVerdict, type ImageVerifier, type JsonObject, type Problem, type ResourceVerdict } from '@verify-images/core'
import { UsageError, type ApplyArguments } from './arguments.ts'
import { EXIT } from './exit.ts'
import { loadObjects, loadVerifier } from './load.ts'
import { printableLine } from './printable.ts'
import type { Surroundings } from './surroundings.ts'

interface Judged {
  /** `Pod default/app`, or the image as it was given. */
  readonly subject: string
  readonly verdict: ResourceVerdict | ImageVerdict
}

/** Applies policies to objects and images; the exit code is that of the worst verdict. */
export async function apply(given: ApplyArguments, io: Surroundings): Promise<number> {
  const verifier = await loadVerifier(given, io)
  for (const problem of [...verifier.problems, ...verifier.warnings]) io.talk(describeProblem(problem))
  const judged = [...(await judgeObjects(verifier, given, io)), ...(await judgeImages(verifier, given))]
  // An empty list is no reason to go on: whatever was to be judged is not in it.
  if (judged.length === 0) throw new UsageError('nothing to judge: the files hold no object')
  for (const { subject, verdict } of judged) for (const warning of verdict.warnings) io.talk(printableLine(`warning: ${subject}: ${warning}`))
  io.write(given.report ? reports(judged) : given.output === 'json' ? json(judged) : judged.map((each) => text(each, given.explain)).join(''))
  return exitCodeOf(judged.map(({ verdict }) => verdict))
}

async function judgeObjects(verifier: ImageVerifier, given: ApplyArguments, io: Surroundings): Promise<Judged[]> {
  const objects = await loadObjects(given.resources, io)
  const [oldObject] = given.oldObject === undefined ? [] : await loadObjects([given.oldObject], io)
  const judged: Judged[] = []
  for (const value of objects) {
    const verdict = await verifier.verifyResource(value, {
      operation: given.operation,
      ...(oldObject === undefined ? {} : { oldObject }),
      ...(given.namespaceLabels === undefined ? {} : { namespaceLabels: given.namespaceLabels }),
    })
    judged.push({ subject: nameOf(value), verdict })
  }
  return judged
}

async function judgeImages(verifier: ImageVerifier, { images, namespaceLabels }: ApplyArguments): Promise<Judged[]> {
  const judged: Judged[] = []
  for (const image of images) {
    judged.push({ subject: printableLine(image), verdict: await verifier.verifyImage(image, namespaceLabels === undefined ? {} : { namespaceLabels }) })
  }
  return judged
}

function nameOf({ kind, metadata }: JsonObject): string {
  const { name, generateName, namespace } = (metadata ?? {}) as JsonObject
  const named = String(name ?? (typeof generateName === 'string' ? `${generateName}…` : ''))
  return printableLine(`${String(kind)} ${namespace === undefined ? '' : `${String(namespace)}/`}${named}`)
}

/** "Denied" is worse than "could not be checked": the one needs a signature, the other another try. */
function exitCodeOf(verdicts: readonly (ResourceVerdict | ImageVerdict)[]): number {
  const refused = verdicts.filter(({ admitted }) => !admitted)
  if (refused.length === 0) return EXIT.admitted
  return refused.some(({ outcome }) => outcome !== 'inconclusive') ? EXIT.denied : EXIT.inconclusive
}

function json(judged: readonly Judged[]): string {
  return `${JSON.stringify({ schemaVersion: 1, verdicts: judged.map(({ subject, verdict }) => ({ subject, ...verdict })) }, null, 2)}\n`
}

function reports(judged: readonly Judged[]): string {
  return judged.map(({ verdict }) => `${JSON.stringify(verdict.report(), null, 2)}\n`).join('')
}

function text({ subject, verdict }: Judged, whole: boolean): string {
  const pinned = 'images' in verdict ? verdict.images.flatMap(({ pointer, reference, digest }) => (digest === undefined ? [] : [`  ${pointer}: ${reference} is ${digest}`])) : [`  ${verdict.reference}`]
  return [`${subject}: ${explain(verdict, { depth: whole ? 'all' : 'summary' })}`, ...(verdict.admitted ? pinned : []), ''].join('\n')
}

function describeProblem({ severity, source, line, column, policy, path, code, message }: Problem): string {
  const place = `${source ?? policy}${line === undefined ? '' : `:${String(line)}:${String(column)}`}`
  return `${severity}: ${place} ${path}: ${code}: ${message}`
}
