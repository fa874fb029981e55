import { matchWildcard } from '@verify-images/primitives'
import type { GroupVersionKind } from './match-request.ts'

/** A parsed kind selector of a policy; every part is a wildcard pattern. */
export interface KindSelector extends GroupVersionKind {
  readonly subresource: string
}

const VERSION = /^(?:v\d+(?:(?:alpha|beta)\d+)?|\*)$/
const MATCHES_NOTHING: KindSelector = { group: '', version: '', kind: '', subresource: '' }

/**
 * Parses a selector such as `Pod`, `Pod/status`, `Pod.status`, `v1/Pod` or `apps/v1/Deployment`.
 *
 * With two or three parts, the first one decides: a version or `*` means version/kind (and subresource), anything else
 * kind/subresource or group/version/kind. A dot in the last part separates like a slash.
 *
 * @see Kyverno, pkg/utils/kube/kind.go
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
 * Returns whether one of the selectors matches the kind of a request.
 *
 * An update of a Pod's ephemeral containers matches whatever matches the Pod: a policy for Pods must see containers
 * that are added to a running one.
 */
export function matchesKind(selectors: readonly string[], gvk: GroupVersionKind, subresource: string): boolean {
  const addsContainers =
    gvk.group === '' && gvk.version === 'v1' && gvk.kind === 'Pod' && subresource === 'ephemeralcontainers'
  return selectors
    .map(parseKindSelector)
    .some(
      (selector) =>
        matchWildcard(selector.group, gvk.group) &&
        matchWildcard(selector.version, gvk.version) &&
        matchWildcard(selector.kind, gvk.kind) &&
        (addsContainers || matchWildcard(selector.subresource, subresource)),
    )
}
