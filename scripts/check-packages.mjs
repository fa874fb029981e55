#!/usr/bin/env node
// Packs every package, looks at the tarballs as a consumer's tools would, and installs them all into an empty folder.
// Expects a build (`pnpm build`) to be there.

import { execFile } from 'node:child_process'
import { copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { packPackages } from './pack-packages.mjs'
import { measureSizes } from './size-budget.mjs'

const run = promisify(execFile)
const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const bin = (name) => join(root, 'node_modules/.bin', name)
/** The Node lines of `engines`: their newest versions. */
const SUPPORTED_NODES = ['22', '24', '26']
/** Programs that run what is written for Node, as npm has them, and how each runs a file. */
const OTHER_RUNTIMES = [
  { name: 'deno@2', command: ['deno', 'run', '--allow-all'] },
  { name: 'bun@1', command: ['bun'] },
]
const work = await mkdtemp(join(tmpdir(), 'verify-images-pack-'))

try {
  const packed = []
  for (const { manifest, tarball } of await packPackages(work)) {
    // An entry that is named after a peer extends it, and loads only where that runs.
    const extensions = Object.keys(manifest.peerDependencies ?? {}).map((peer) => `./${peer}`)
    const exports = Object.keys(manifest.publishConfig.exports).filter(
      (key) => !key.endsWith('.json') && !extensions.includes(key),
    )
    packed.push({ name: manifest.name, exports, tarball })
    await run(bin('publint'), ['run', tarball, '--strict'])
    await run(bin('attw'), ['--profile', 'esm-only', '--no-emoji', tarball])
    console.log(`${manifest.name}: packed, publint and arethetypeswrong agree`)
  }

  const consumer = join(work, 'consumer')
  await run('mkdir', [consumer])
  await writeFile(join(consumer, 'package.json'), '{ "name": "consumer", "private": true }\n')
  await run(
    'npm',
    ['install', '--no-audit', '--no-fund', '--ignore-scripts', ...packed.map(({ tarball }) => tarball)],
    { cwd: consumer },
  )
  const entries = packed.flatMap(({ name, exports }) => exports.map((key) => name + key.slice(1)))
  const program = (load) =>
    `${entries.map((entry) => `if (Object.keys(${load(entry)}).length === 0) throw new Error('${entry} is empty')`).join('\n')}\nconsole.log('ok')`
  await writeFile(
    join(consumer, 'import.mjs'),
    program((entry) => `await import('${entry}')`),
  )
  await writeFile(
    join(consumer, 'require.cjs'),
    program((entry) => `require('${entry}')`),
  )
  for (const file of ['import.mjs', 'require.cjs']) {
    await run(process.execPath, ['--no-warnings', file], { cwd: consumer })
    console.log(`${file}: ${entries.length} entries load`)
  }
  const { stdout: version } = await run(join(consumer, 'node_modules/.bin/verify-images'), ['--version'], {
    cwd: consumer,
  })
  console.log(`verify-images --version: ${version.trim()}`)
  await checkCommandLine(consumer)
  await checkDeclarations(consumer, entries)
  await checkSizes(consumer)
  await runExample(consumer)
  await runExampleElsewhere(consumer)
} catch (error) {
  console.error(error.stdout ?? '', error.stderr ?? '', error.message)
  process.exitCode = 1
} finally {
  await rm(work, { recursive: true, force: true })
}

/** What a bundler makes of our packages stays within its budget. */
async function checkSizes(consumer) {
  const sizes = await measureSizes(consumer)
  for (const { name, size, budget, unwanted } of sizes)
    console.log(`size of ${name}: ${size} kB of ${budget}${unwanted.map((part) => `, with ${part}`).join('')}`)
  const over = sizes.filter(({ isWithin }) => !isWithin).map(({ name }) => name)
  if (over.length > 0) throw new Error(`beyond the size budget of scripts/size-budget.mjs: ${over.join(', ')}`)
}

/** What a new user tries: the tests of a policy, which load the signing world, the linter and the trust root. */
async function checkCommandLine(consumer) {
  const example = join(root, 'examples/policy-test/policies')
  for (const argv of [
    ['test', example],
    ['lint', example, '--output', 'sarif'],
    ['trust', 'show'],
    ['completion', 'bash'],
  ]) {
    const { stdout } = await run(join(consumer, 'node_modules/.bin/verify-images'), argv, { cwd: consumer })
    console.log(`verify-images ${argv[0]}: ${stdout.trim().split('\n').at(-1)}`)
  }
}

/** Our own declarations, as a strict consumer reads them. */
async function checkDeclarations(consumer, entries) {
  await writeFile(
    join(consumer, 'use.mts'),
    entries.map((entry, i) => `import * as m${i} from '${entry}'\nvoid m${i}\n`).join(''),
  )
  await run(
    bin('tsc'),
    [
      '--noEmit',
      '--strict',
      '--module',
      'nodenext',
      '--target',
      'es2023',
      '--skipLibCheck',
      '--typeRoots',
      join(root, 'node_modules/@types'),
      '--types',
      'node',
      'use.mts',
    ],
    { cwd: consumer },
  )
  console.log('declarations: a strict consumer compiles')
}

/** The demo of the README, run from the tarballs: with this Node, or (`--every-node`) with each supported one. */
async function runExample(consumer) {
  await copyFile(join(root, 'examples/demo/demo.ts'), join(consumer, 'demo.ts'))
  await run('npm', ['pkg', 'set', 'type=module'], { cwd: consumer })
  const versions = process.argv.includes('--every-node') ? SUPPORTED_NODES : [undefined]
  for (const version of versions) {
    const node = version === undefined ? [process.execPath] : ['npx', '-y', '-p', `node@${version}`, 'node']
    const [command = '', ...first] = node
    await runDemo(consumer, command, [...first, 'demo.ts'])
    console.log(
      `demo: runs from the tarballs with ${version === undefined ? `Node ${process.version}` : `node@${version}`}`,
    )
  }
}

async function runDemo(consumer, command, argv) {
  const { stdout } = await run(command, argv, { cwd: consumer })
  if (!/admitted/.test(stdout) || !/denied/.test(stdout))
    throw new Error(`the demo did not print both verdicts: ${stdout}`)
}

/** The same with Deno and Bun. Where they cannot be installed, a line says so. */
async function runExampleElsewhere(consumer) {
  for (const { name, command } of OTHER_RUNTIMES) {
    const npx = ['-y', '-p', name, '--']
    const version = await run('npx', [...npx, command[0], '--version']).catch(() => undefined)
    if (version === undefined) {
      console.log(`demo: SKIPPED with ${name}, which npm cannot install here`)
      continue
    }
    await runDemo(consumer, 'npx', [...npx, ...command, 'demo.ts'])
    console.log(`demo: runs from the tarballs with ${name} (${version.stdout.trim().split('\n')[0]})`)
  }
}
