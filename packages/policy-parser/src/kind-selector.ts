/**
 * The kind in a selector such as `v1/Pod`, `apps/v1/Deployment` or `Pod.status`; empty if Kyverno finds none.
 *
 * @see Kyverno 1.19, pkg/utils/kube: versions have one digit there, so `v10/Pod` is kind `v10`, subresource `Pod`
 */
export function kindOf(selector: string): string {
  const parts = selector.split('/')
  const name = nameOf(parts)
  const pieces = name.split('/')
  return pieces.length === 2 ? (pieces[0] ?? '') : name
}

const VERSION = /^(?:v\d(?:(?:alpha|beta)\d)?|\*)$/

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

/** Whether one of the selectors names the kind, in any form. */
export function containsKind(selectors: readonly string[], kind: string): boolean {
  return selectors.some((selector) => kindOf(selector) === kind)
}
