/** Paths inside a document: `/spec/containers/0`, where a slash inside a key is written `\/`. */
const ANCHOR = /^[+<=X^]?\((.+)\)$/

export function childPath(path: string, key: string): string {
  return `${path}/${key.replaceAll('/', '\\/')}`
}

/** Removes the anchors of Kyverno's patterns: `/=(spec)/(name)` becomes `/spec/name`. */
export function withoutAnchors(path: string): string {
  const parts = path.split('/').map((part) => ANCHOR.exec(part.trim())?.[1] ?? part)
  return (path.startsWith('/') ? '/' : '') + joinPaths(...parts)
}

/** Resolves the path of a reference relative to its place. */
export function absolutePath(reference: string, from: string): string {
  return reference.startsWith('/') ? reference : joinPaths(from, reference)
}

/** Joins and cleans paths as Go's `path.Join` does: empty parts are skipped, `.` and `..` resolved. */
function joinPaths(...parts: readonly string[]): string {
  const joined = parts.filter((part) => part !== '').join('/')
  if (joined === '') return ''
  const rooted = joined.startsWith('/')
  const kept: string[] = []
  for (const part of joined.split('/')) {
    if (part === '' || part === '.') continue
    if (part !== '..') kept.push(part)
    else if (kept.length > 0 && kept.at(-1) !== '..') kept.pop()
    else if (!rooted) kept.push(part)
  }
  return (rooted ? '/' : '') + kept.join('/') || '.'
}

/**
 * Returns the expression for a path under the root, which is the meaning of `{{ @ }}`. The first two components (such
 * as `validate/pattern`) are not part of the object, nor is anything up to `foreach`.
 *
 * @see Kyverno, pkg/utils/jsonpointer
 */
export function pathExpression(path: string, root: string): string {
  const components = splitPath(path)
  const below = components.slice(components.indexOf('foreach') + 1)
  const inside = below.length > 2 ? below.slice(2) : []
  return [...root.split('.'), ...inside].map(componentExpression).join('').replace(/^\./, '')
}

function splitPath(path: string): readonly string[] {
  const components: string[] = ['']
  let quoted = false
  for (const [part] of path.matchAll(/\\.?|"|\/|[^\\"/]+/gs)) {
    if (part === '"') quoted = !quoted
    else if (part === '/' && !quoted) components.push('')
    else components.push((components.pop() ?? '') + (part.startsWith('\\') ? part.slice(1) : part))
  }
  return components.filter((component) => component !== '')
}

function componentExpression(component: string): string {
  if (/^\d{1,20}$/.test(component)) return `[${component}]`
  return `.${/^[A-Za-z_][\w)]*$/.test(component) ? component : JSON.stringify(component)}`
}
