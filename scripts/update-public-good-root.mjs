#!/usr/bin/env node
// Writes the copy of the Sigstore public good trusted root that ships with attestor-evaluator, from the seeds of the
// installed
// @sigstore/tuf. Needs the day that release was published on (`npm view @sigstore/tuf time`), because the seeds carry
//   no date.
import { writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'

const packageFolder = join(import.meta.dirname, '../packages/attestor-evaluator')
const target = join(packageFolder, 'src/sigstore/public-good-root.ts')
const require = createRequire(join(packageFolder, 'package.json'))
const { version } = require('@sigstore/tuf/package.json')
const repository = require('@sigstore/tuf/seeds.json')['https://tuf-repo-cdn.sigstore.dev']
const document = JSON.parse(Buffer.from(repository.targets['trusted_root.json'], 'base64').toString('utf8'))
const release = `@sigstore/tuf ${version}`

const [asOf = ''] = process.argv.slice(2)
if (/^\d{4}-\d\d-\d\d$/.test(asOf)) {
  writeFileSync(target, sourceOf(document, release, asOf))
  console.log(`wrote the trusted root of ${release}`)
} else {
  console.error(`expected the day ${release} was published on, such as 2026-11-05`)
  process.exitCode = 64
}

function sourceOf(root, from, asOf) {
  return `// Written by scripts/update-public-good-root.mjs; do not edit.

/** The release that the copy was taken from, which verified it through TUF. */
export const PUBLIC_GOOD_RELEASE = '${from}'
/** The day that release was published on. */
export const PUBLIC_GOOD_AS_OF = '${asOf}'
/** \`trusted_root.json\` of Sigstore's public good instance. */
export const PUBLIC_GOOD_ROOT: string = \`
${JSON.stringify(root, undefined, 2).replaceAll('\\', '\\\\').replaceAll('`', '\\`').replaceAll('${', '\\${')}
\`
`
}
