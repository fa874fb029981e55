import { glob, readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'

/** What a folder of policies or objects is read for. */
const MANIFEST = /\.(?:ya?ml|json)$/

/**
 * Returns the files that a path names: itself, the manifests in a folder and the folders below it, or what a pattern
 * matches. Hidden folders and `node_modules` are left out. Sorted, so that the order is the same on every machine.
 */
export async function expandPath(path: string): Promise<readonly string[]> {
  if (path === '-') return [path]
  const kind = await stat(path).then(
    (found) => (found.isDirectory() ? 'folder' : 'file'),
    () => 'missing' as const,
  )
  if (kind === 'folder') return manifestsIn(path)
  // A file that is missing is reported when it is read.
  if (kind === 'file' || !/[*?[{]/.test(path)) return [path]
  const matched: string[] = []
  for await (const each of glob(path)) matched.push(...(await filesOf(each)))
  return matched.sort()
}

async function filesOf(path: string): Promise<readonly string[]> {
  return (await stat(path)).isDirectory() ? [] : [path]
}

async function manifestsIn(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { withFileTypes: true })
  const sorted = entries.sort((a, b) => (a.name < b.name ? -1 : 1))
  const found: string[] = []
  for (const entry of sorted) {
    const path = join(folder, entry.name)
    if (entry.name.startsWith('.') || entry.name === 'node_modules') continue
    if (entry.isDirectory()) found.push(...(await manifestsIn(path)))
    // A link, such as those of a mounted ConfigMap, counts as what it points to.
    else if (MANIFEST.test(entry.name)) found.push(...(await filesOf(path)))
  }
  return found
}
