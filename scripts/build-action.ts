#!/usr/bin/env node
// Bundles the GitHub Action into packages/action/dist: the action, the two files of its worker, and the licences of
// what is bundled. Usage: `node scripts/build-action.ts [folder]`

import { build, type Metafile } from 'esbuild'
import { readdirSync, readFileSync } from 'node:fs'
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..')
const core = join(root, 'packages/core')

/** Only `test` and `trust refresh` load these, and the action runs `apply`. */
const NEVER_LOADED = ['@verify-images/testing', '@sigstore/tuf']

/** CommonJS packages ask for modules of Node, and an ES module has no `require`. */
const BANNER = `import { createRequire } from 'node:module'\nconst require = createRequire(import.meta.url)`

export async function buildAction(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true })
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: {
      index: join(root, 'packages/action/src/main.ts'),
      // The verifier and the thread pool find these beside the bundle.
      'predicate-worker': join(core, 'src/predicate-worker.ts'),
      'entry/worker': join(core, 'node_modules/tinypool/dist/entry/worker.js'),
    },
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node24',
    conditions: ['@verify-images/source'],
    external: NEVER_LOADED,
    banner: { js: BANNER },
    outdir: folder,
    metafile: true,
    logLevel: 'error',
  })
  await writeFile(join(folder, 'licenses.txt'), licencesOf(metafile))
  // The release has no manifest beside it that would make the files ES modules.
  await writeFile(join(folder, 'package.json'), '{ "type": "module" }\n')
}

const INSTALLED = /^(.*node_modules\/((?:@[^/]+\/)?[^/]+))\//

/** The licences of the packages that are in the bundle, as they ask for. */
function licencesOf({ inputs }: Metafile): string {
  const folders = new Map(
    Object.keys(inputs).flatMap((file) => {
      const [, folder, name] = INSTALLED.exec(file) ?? []
      return folder === undefined || name === undefined ? [] : [[name, join(root, folder)] as const]
    }),
  )
  return [...folders]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, folder]) => `${name}\n\n${licenceIn(name, folder)}\n`)
    .join(`\n${'-'.repeat(80)}\n\n`)
}

function licenceIn(name: string, folder: string): string {
  const files = readdirSync(folder).filter((each) => /^(?:licen[cs]e|notice)/i.test(each))
  if (files.length === 0) throw new Error(`${name} has no licence file: a bundle of it may not be published`)
  return files.map((file) => readFileSync(join(folder, file), 'utf8').trim()).join('\n\n')
}

if (import.meta.main) await buildAction(process.argv[2] ?? join(root, 'packages/action/dist'))
