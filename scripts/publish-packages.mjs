#!/usr/bin/env node
// Publishes the tarballs that npm does not have yet. npm itself does it, because its trusted publishing (OIDC, no
// token) is what makes the provenance. Each line `New tag:` tells the release workflow what was published.

import { execFile } from 'node:child_process'
import { parseArgs, promisify } from 'node:util'
import { packForRelease } from './pack-packages.mjs'

const run = promisify(execFile)
const { values } = parseArgs({ options: { 'dry-run': { type: 'boolean', default: false } } })

/**
 * Whether the registry has this version. Any failure but "not found" is one: a second publication must not be tried.
 */
async function isPublished({ name, version }) {
  try {
    await run('npm', ['view', `${name}@${version}`, 'version'])
    return true
  } catch (error) {
    if (/\bE404\b/.test(error.stderr ?? '')) return false
    throw error
  }
}

for (const { manifest, tarball } of await packForRelease()) {
  const id = `${manifest.name}@${manifest.version}`
  if (await isPublished(manifest)) console.log(`${id} is published already`)
  else {
    const options = ['--provenance', '--access', 'public', ...(values['dry-run'] ? ['--dry-run'] : [])]
    await run('npm', ['publish', tarball, ...options])
    console.log(`New tag: ${id}`)
  }
}
