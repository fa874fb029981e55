import { discoverImage, type DiscoveredArtifact, type DiscoveredLayer, type Discovery } from '@verify-images/core'
import type { TreeArguments } from './arguments.ts'
import { checkReferences } from './check-references.ts'
import { claimedFacts } from './claimed-facts.ts'
import { codeOf, describeError } from './cli-error.ts'
import { type Branch, drawTree, leaf } from './draw-tree.ts'
import { EXIT, type Answer } from './exit.ts'
import { loadRegistry } from './load-registry.ts'
import type { Surroundings } from './surroundings.ts'

type Looked =
  | { readonly image: string; readonly discovery: Discovery }
  | { readonly image: string; readonly error: { readonly code: string; readonly message: string } }

/**
 * Prints what is attached to images and what each part says of itself, none of it verified. An image that cannot be looked
 * at, or not wholly, is "could not be checked".
 */
export async function tree(given: TreeArguments, io: Surroundings): Promise<Answer> {
  checkReferences(given.images)
  const registry = await loadRegistry(given, io)
  const looked: Looked[] = []
  for (const image of given.images) {
    looked.push(
      await discoverImage(image, { registry, deadlineMs: given.deadlineMs }).then(
        (discovery) => ({ image, discovery }),
        (error: unknown) => {
          io.talk(`verify-images: ${image}: ${describeError(error)}`)
          return {
            image,
            error: { code: codeOf(error), message: error instanceof Error ? error.message : String(error) },
          }
        },
      ),
    )
  }
  return {
    data:
      given.output === 'json'
        ? `${JSON.stringify({ schemaVersion: 1, images: looked }, null, 2)}\n`
        : looked.map(draw).join(''),
    exit: looked.every((each) => 'discovery' in each && each.discovery.complete) ? EXIT.admitted : EXIT.inconclusive,
  }
}

function draw(looked: Looked): string {
  if ('error' in looked) return ''
  const {
    image,
    discovery: { digest, artifacts, complete, problems },
  } = looked
  const branches = [
    ...artifacts.map(branchOf),
    ...problems.map((problem) => leaf(`could not look: ${problem}`)),
    ...(artifacts.length === 0 && complete ? [leaf('nothing is attached')] : []),
  ]
  const caution = artifacts.length === 0 ? '' : '; none of what follows has been verified'
  return [...drawTree({ text: `${image} is ${digest}${caution}`, branches }), ''].join('\n')
}

function branchOf({ kind, digest, found, artifactType, layers, problems }: DiscoveredArtifact): Branch {
  return {
    text: `${kind} ${digest} (${found.by === 'tag' ? `tag ${found.tag}` : `referrer, ${found.source}`}${artifactType === undefined ? '' : `, ${artifactType}`})`,
    branches: [...problems.map((problem) => leaf(`problem: ${problem}`)), ...layers.map(branchOfLayer)],
  }
}

function branchOfLayer({ digest, mediaType, size, claims, problem }: DiscoveredLayer): Branch {
  const facts = [
    ...(claims === undefined ? [] : claimedFacts(claims)),
    ...(problem === undefined ? [] : [`unreadable: ${problem}`]),
  ]
  return { text: `${mediaType} ${digest} ${String(size)} bytes`, branches: facts.map(leaf) }
}
