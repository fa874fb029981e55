// Bundles what users import, as their bundlers would, and fails if it is larger than its budget. Sizes are minified,
// and of what is loaded at once: what is imported dynamically comes later, if at all.

import { build } from 'esbuild'

/**
 * Budgets in kB. One that must grow says why in the commit that raises it.
 *
 * @type {readonly { readonly name: string, readonly code: string, readonly budget: number, readonly without: readonly
 *   string[] }[]}
 */
export const BUDGETS = [
  {
    name: 'parsePolicies alone',
    code: `export { parsePolicies } from '@verify-images/core'`,
    budget: 160,
    without: ['re2js', '@verify-images/notary', '@verify-images/registry-fetcher', '@sigstore/'],
  },
  {
    name: 'a verifier',
    code: `export { createImageVerifier, explain, parsePolicies } from '@verify-images/core'`,
    budget: 1000,
    without: ['cbor2', 'jose', '@verify-images/notary', '@sigstore/', '@tufjs/', 'tuf-js', 'tinypool'],
  },
]

/** @param {string} folder where the packages are installed */
export async function measureSizes(folder) {
  return Promise.all(BUDGETS.map((budget) => measure(budget, folder)))
}

async function measure({ name, code, budget, without }, folder) {
  const { metafile } = await build({
    stdin: { contents: code, resolveDir: folder },
    bundle: true,
    minify: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node22',
    outdir: 'out',
    write: false,
    metafile: true,
    logLevel: 'error',
  })
  const loaded = loadedAtOnce(metafile)
  const inputs = loaded.flatMap((output) => Object.entries(output.inputs))
  const unwanted = without.filter((part) =>
    inputs.some(([file, { bytesInOutput }]) => bytesInOutput > 0 && isOf(file, part)),
  )
  const size = Math.ceil(loaded.reduce((sum, { bytes }) => sum + bytes, 0) / 1000)
  return { name, size, budget, unwanted, isWithin: size <= budget && unwanted.length === 0 }
}

/** The entry and what it imports statically. */
function loadedAtOnce({ outputs }) {
  const open = Object.keys(outputs).filter((path) => outputs[path].entryPoint === '<stdin>')
  const loaded = new Set()
  for (let path = open.pop(); path !== undefined; path = open.pop()) {
    if (loaded.has(path)) continue
    loaded.add(path)
    for (const { kind, path: imported } of outputs[path].imports)
      if (kind === 'import-statement' && outputs[imported] !== undefined) open.push(imported)
  }
  return [...loaded].map((path) => outputs[path])
}

/** In a workspace our own packages are folders, for a consumer they are modules. */
function isOf(file, part) {
  const folder = part.replace('@verify-images/', 'packages/')
  return file.includes(`node_modules/${part}`) || (folder !== part && file.includes(`${folder}/`))
}
