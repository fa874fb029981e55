import { parseKindSelector } from '@verify-images/policy-parser'
import { matchWildcard } from '@verify-images/primitives'
import type { GroupVersionKind } from './match-request.ts'

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
