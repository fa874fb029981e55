/**
 * The shortest path that names the same place, by its text alone: `//`, `.` and `..` are taken out, a trailing slash,
 * too. Nothing stays nothing.
 */
export function canonicalPath(path: string): string {
  if (path === '') return ''
  const rooted = path.startsWith('/')
  const kept: string[] = []
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue
    if (part !== '..') kept.push(part)
    else if (kept.length > 0 && kept.at(-1) !== '..') kept.pop()
    else if (!rooted) kept.push(part)
  }
  return (rooted ? '/' : '') + kept.join('/') || '.'
}
