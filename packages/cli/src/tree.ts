import { discoverImage, type Discovery } from '@verify-images/core'
import type { TreeArguments } from './arguments.ts'
import { EXIT } from './exit.ts'
import { loadRegistry } from './load.ts'
import type { Surroundings } from './surroundings.ts'

/** Prints what is attached to images. An image that cannot be looked at, or not wholly, is "could not be checked". */
export async function tree(given: TreeArguments, io: Surroundings): Promise<number> {
  const registry = await loadRegistry(given, io)
  const found: { readonly image: string; readonly discovery: Discovery }[] = []
  let complete = true
  for (const image of given.images) {
    try {
      const discovery = await discoverImage(image, { registry, deadlineMs: given.deadlineMs })
      found.push({ image, discovery })
      complete &&= discovery.complete
    } catch (error) {
      io.talk(`${image}: ${error instanceof Error ? error.message : String(error)}`)
      complete = false
    }
  }
  io.write(given.output === 'json' ? `${JSON.stringify({ schemaVersion: 1, images: found }, null, 2)}\n` : found.map(({ image, discovery }) => draw(image, discovery)).join(''))
  return complete ? EXIT.admitted : EXIT.inconclusive
}

function draw(image: string, { digest, artifacts, complete, problems }: Discovery): string {
  const branches = artifacts.flatMap(({ kind, digest: artifact, found, artifactType, layers, problem }) => [
    `├── ${kind} ${artifact} (${found.by === 'tag' ? `tag ${found.tag}` : `referrer, ${found.source}`}${artifactType === undefined ? '' : `, ${artifactType}`})`,
    ...layers.map((layer) => `│   ├── ${layer.predicateType ?? layer.mediaType} ${layer.digest} ${String(layer.size)} bytes`),
    ...(problem === undefined ? [] : [`│   └── unreadable: ${problem}`]),
  ])
  const notes = [...problems.map((problem) => `└── could not look: ${problem}`), ...(artifacts.length === 0 && complete ? ['└── nothing is attached'] : [])]
  return [`${image}`, `${digest}`, ...branches, ...notes, ''].join('\n')
}
