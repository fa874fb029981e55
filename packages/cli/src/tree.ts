import { messageOf } from '@verify-images/primitives'
import {
  discoverImage,
  type DiscoveredArtifact,
  type DiscoveredChild,
  type DiscoveredLayer,
  type Discovery,
} from '@verify-images/core'
import type { TreeArguments } from './command-line/arguments.ts'
import { claimedFacts, type Attachee } from './claimed-facts.ts'
import { codeOf, describeError } from './cli-error.ts'
import { EXIT, formatEach, type CommandIO, type CommandResult } from './command-io.ts'
import { loadRegistry } from './load-registry.ts'
import { checkReferences } from './read-input.ts'
import { printableLine } from './printable.ts'

type Inspected =
  | { readonly image: string; readonly discovery: Discovery }
  | { readonly image: string; readonly error: { readonly code: string; readonly message: string } }

/**
 * Runs `tree`: prints the artifacts attached to images and what each of them claims, unverified. An image that cannot
 * be inspected completely gives "could not be checked", one that does not exist the exit code of "denied".
 */
export async function tree(given: TreeArguments, io: CommandIO): Promise<CommandResult> {
  checkReferences(given.images)
  const registry = await loadRegistry(given, io)
  const inspected: Inspected[] = []
  const end = performance.now() + (given.deadlines.totalMs ?? Infinity)
  for (const image of given.images) {
    if (io.interrupted.aborted) break
    const left = Math.max(1, Math.ceil(Math.min(given.deadlines.eachMs, end - performance.now())))
    inspected.push(await inspect(image, discoverImage(image, { registry, deadlineMs: left }), io))
  }
  if (inspected.length < given.images.length) {
    const missing = given.images.length - inspected.length
    io.stderr(`warning: ${String(missing)} of ${String(given.images.length)} not inspected: interrupted`)
  }
  return {
    ...formatEach(given, (output) =>
      output === 'json'
        ? `${JSON.stringify({ schemaVersion: 1, images: inspected }, null, 2)}\n`
        : inspected.map(draw).join(''),
    ),
    exit: Math.max(exitCodeOf(inspected), inspected.length < given.images.length ? EXIT.inconclusive : 0),
  }
}

function inspect(image: string, discovering: Promise<Discovery>, io: CommandIO): Promise<Inspected> {
  return discovering.then(
    (discovery) => ({ image, discovery }),
    (error: unknown) => {
      io.stderr(`verify-images: ${image}: ${describeError(error)}`)
      const message = messageOf(error)
      return { image, error: { code: codeOf(error), message } }
    },
  )
}

/** Returns the exit code. A missing image is not inconclusive: a retry does not help. */
function exitCodeOf(inspected: readonly Inspected[]): number {
  if (inspected.some((each) => 'error' in each && each.error.code === 'ATTESTOR_IMAGE_NOT_FOUND')) return EXIT.denied
  return inspected.every((each) => 'discovery' in each && each.discovery.complete) ? EXIT.admitted : EXIT.inconclusive
}

function draw(inspected: Inspected): string {
  if ('error' in inspected) return ''
  const {
    image,
    discovery: { digest, artifacts, children, complete, problems },
  } = inspected
  const branches = [
    ...artifacts.map((artifact) => branchOf(artifact, 'image')),
    ...(artifacts.length === 0 && complete ? [leaf('nothing is attached')] : []),
    ...children.map(branchOfChild),
    ...problems.map((problem) => leaf(`could not be checked: ${problem}`)),
  ]
  const isEmpty = [{ artifacts }, ...children].every((each) => each.artifacts.length === 0)
  const caution = isEmpty ? '' : '; none of what follows has been verified'
  return [...drawTree({ text: `${image} is ${digest}${caution}`, branches }), ''].join('\n')
}

function branchOfChild({ digest, platform, artifacts }: DiscoveredChild): Branch {
  const branches = artifacts.map((artifact) => branchOf(artifact, 'image'))
  return { text: `image ${digest} (${platform ?? 'no platform'})`, branches }
}

function branchOf(
  { kind, digest, found, artifactType, layers, attached, problems }: DiscoveredArtifact,
  attachedTo: Attachee,
): Branch {
  return {
    text:
      `${kind} ${digest} (${found.by === 'tag' ? `tag ${found.tag}` : `referrer, ${found.source}`}` +
      `${artifactType === undefined ? '' : `, ${artifactType}`})`,
    branches: [
      ...problems.map((problem) => leaf(`problem: ${problem}`)),
      ...layers.map((layer) => branchOfLayer(layer, attachedTo)),
      ...attached.map((artifact) => branchOf(artifact, 'artifact')),
    ],
  }
}

function branchOfLayer({ digest, mediaType, size, claims, problem }: DiscoveredLayer, attachedTo: Attachee): Branch {
  const facts = [
    ...(claims === undefined ? [] : claimedFacts(claims, attachedTo)),
    ...(problem === undefined ? [] : [`unreadable: ${problem}`]),
  ]
  return { text: `${mediaType} ${digest} ${String(size)} bytes`, branches: facts.map(leaf) }
}

/** A line and the lines below it. */
export interface Branch {
  readonly text: string
  readonly branches: readonly Branch[]
}

export function leaf(text: string): Branch {
  return { text, branches: [] }
}

/** Formats a tree as lines; the root has no branch sign. */
export function drawTree({ text, branches }: Branch): readonly string[] {
  return [
    shown(text),
    ...branches.flatMap((branch, i) => {
      const isLast = i === branches.length - 1
      const [first = '', ...below] = drawTree(branch)
      return [`${isLast ? '└── ' : '├── '}${first}`, ...below.map((line) => `${isLast ? '    ' : '│   '}${line}`)]
    }),
  ]
}

const MAX_LINE_CHARACTERS = 400

/**
 * Escapes and shortens a text. Anyone with push access writes it, so it must not move the cursor, change the text
 * direction or fill the screen.
 */
function shown(text: string): string {
  const line = printableLine(text)
  return line.length <= MAX_LINE_CHARACTERS ? line : `${line.slice(0, MAX_LINE_CHARACTERS)}…`
}
