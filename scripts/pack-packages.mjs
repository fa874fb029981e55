#!/usr/bin/env node
// Packs every public package, each as `pnpm publish` would: with `publishConfig` applied and `workspace:` replaced.
// Expects a build (`pnpm build`) to be there. `pnpm release:pack` writes the tarballs to release/.

import { execFile } from 'node:child_process'
import { mkdir, readFile, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)
const packages = join(import.meta.dirname, '../packages')

/** Packs into a folder. Returns the manifest and the tarball of each package, by the name of its folder. */
export async function packPackages(destination) {
  const packed = []
  for (const folder of (await readdir(packages)).sort()) {
    const cwd = join(packages, folder)
    const manifest = JSON.parse(await readFile(join(cwd, 'package.json'), 'utf8'))
    if (manifest.private) continue
    const { stdout } = await run('pnpm', ['pack', '--json', '--pack-destination', destination], { cwd })
    packed.push({ manifest, tarball: JSON.parse(stdout).filename })
  }
  return packed
}

/** Packs into release/, which holds nothing else afterwards. */
export async function packForRelease() {
  const release = join(import.meta.dirname, '../release')
  await rm(release, { recursive: true, force: true })
  await mkdir(release)
  return packPackages(release)
}

if (import.meta.main) for (const { tarball } of await packForRelease()) console.log(tarball)
