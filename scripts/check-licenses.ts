#!/usr/bin/env node
// Lists the licences of what our packages install, and fails if one is not permissive: `pnpm check-licenses`.

import { execFileSync } from 'node:child_process'
import { join } from 'node:path'

/** Licences that ask for no more than a notice, by their SPDX identifiers. */
const PERMISSIVE: ReadonlySet<string> = new Set([
  '0BSD',
  'Apache-2.0',
  'BlueOak-1.0.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'CC0-1.0',
  'ISC',
  'MIT',
  'MIT-0',
  'PSF-2.0',
  'Python-2.0',
  'Unlicense',
  'Zlib',
])

/**
 * Whether a licence expression leaves a permissive choice. What is not understood, such as an exception or a licence
 * that is unknown, is not permissive.
 *
 * @see https://spdx.github.io/spdx-spec/v3.0.1/annexes/spdx-license-expressions/
 */
export function isPermissive(expression: string): boolean {
  const inner = /^\(([^()]*)\)$/.exec(expression.trim())?.[1] ?? expression.trim()
  const choices = inner.split(/ OR /i)
  return choices.some((choice) => choice.split(/ AND /i).every((licence) => PERMISSIVE.has(licence.trim())))
}

/** The packages of each licence, as `pnpm licenses list --json` prints them. */
type Licences = Readonly<Record<string, readonly { readonly name: string; readonly versions: readonly string[] }[]>>

function installedLicences(): Licences {
  const argv = ['--filter', './packages/*', 'licenses', 'list', '--prod', '--json']
  const licences: Licences = JSON.parse(
    execFileSync('pnpm', argv, { cwd: join(import.meta.dirname, '..'), encoding: 'utf8' }),
  )
  return licences
}

function main(): void {
  const licences = Object.entries(installedLicences())
  if (licences.length === 0) throw new Error('expected dependencies with licences, got none')
  for (const [licence, packages] of licences) {
    const names = packages.map(({ name, versions }) => `${name}@${versions.join(', ')}`)
    if (isPermissive(licence)) console.log(`${licence}: ${String(packages.length)} packages`)
    else console.error(`${licence} is not permissive: ${names.join('; ')}`)
  }
  if (!licences.every(([licence]) => isPermissive(licence))) process.exitCode = 1
}

if (import.meta.main) main()
