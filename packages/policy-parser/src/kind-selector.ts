/** A parsed kind selector of a policy; every part is a wildcard pattern. */
export interface KindSelector {
  readonly group: string
  readonly version: string
  readonly kind: string
  readonly subresource: string
}

/** A version of a Kubernetes API; `*` is any. */
const VERSION = /^(?:v\d+(?:(?:alpha|beta)\d+)?|\*)$/
const MATCHES_NOTHING: KindSelector = { group: '', version: '', kind: '', subresource: '' }

/**
 * Parses a selector such as `Pod`, `Pod/status`, `Pod.status`, `v1/Pod` or `apps/v1/Deployment`.
 *
 * With two or three parts, the first one decides: a version or `*` means version/kind (and subresource), anything else
 * kind/subresource or group/version/kind. A dot in the last part separates like a slash.
 *
 * @see Kyverno, pkg/utils/kube/kind.go: ParseKindSelector
 */
export function parseKindSelector(text: string): KindSelector {
  const parts = text.split('/')
  const [first = '', second = '', third = '', fourth = '', ...rest] = [
    ...parts.slice(0, -1),
    ...(parts.at(-1) ?? '').split('.'),
  ]
  const count = parts.length - 1 + (parts.at(-1) ?? '').split('.').length
  const startsWithVersion = VERSION.test(first)
  if (rest.length > 0) return MATCHES_NOTHING
  if (count === 1) return { group: '*', version: '*', kind: first, subresource: '' }
  if (count === 2) {
    // `*/scale` is that subresource of any kind; `*/*` is every subresource of every kind.
    if (first === '*' && second === second.toLowerCase())
      return { group: '*', version: '*', kind: '*', subresource: second }
    return startsWithVersion
      ? { group: '*', version: first, kind: second, subresource: '' }
      : { group: '*', version: '*', kind: first, subresource: second }
  }
  if (count === 3) {
    return startsWithVersion
      ? { group: '*', version: first, kind: second, subresource: third }
      : { group: first, version: second, kind: third, subresource: '' }
  }
  return { group: first, version: second, kind: third, subresource: fourth }
}

/**
 * Returns the kind in a selector such as `v1/Pod`, `apps/v1/Deployment` or `Pod.status`; empty if Kyverno finds none.
 *
 * Differs from {@link parseKindSelector} for dots and wildcards: admission and autogen read selectors with a function
 * of their own.
 *
 * @see Kyverno, pkg/utils/kube/kind.go: GetKindFromGVK, SplitSubresource
 */
export function kindOf(selector: string): string {
  const parts = selector.split('/')
  const name = nameOf(parts)
  const pieces = name.split('/')
  return pieces.length === 2 ? (pieces[0] ?? '') : name
}

function nameOf(parts: readonly string[]): string {
  const [first = '', second = '', third = '', fourth = ''] = parts
  switch (parts.length) {
    case 1:
      return withSubresource(first)
    case 2:
      return !(first === '*' && second === '*') && VERSION.test(first) ? withSubresource(second) : `${first}/${second}`
    case 3:
      return VERSION.test(first) ? `${second}/${third}` : withSubresource(third)
    case 4:
      return `${third}/${fourth}`
    default:
      return ''
  }
}

function withSubresource(name: string): string {
  return name.replace('.', '/')
}

/** Returns whether one of the selectors names the kind, in any form. */
export function containsKind(selectors: readonly string[], kind: string): boolean {
  return selectors.some((selector) => kindOf(selector) === kind)
}
