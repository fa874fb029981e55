const LABEL_NAME = /^[A-Za-z0-9](?:[-\w.]*[A-Za-z0-9])?$/
const DNS_LABEL = /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?$/
const MAX_LABEL = 63
const MAX_SUBDOMAIN = 253

/**
 * Returns whether `name` is an RFC 1123 subdomain, as the names of most Kubernetes objects must be.
 *
 * @see Kubernetes, apimachinery: validation.IsDNS1123Subdomain
 */
export function isDnsSubdomain(name: string): boolean {
  return name.length <= MAX_SUBDOMAIN && name.split('.').every((part) => DNS_LABEL.test(part))
}

/** Returns whether `name` is an RFC 1123 label, as the names of namespaces must be. */
export function isDnsLabel(name: string): boolean {
  return name.length <= MAX_LABEL && DNS_LABEL.test(name)
}

/**
 * Returns whether `key` is a label key, `[prefix/]name`.
 *
 * @see Kubernetes, apimachinery: validation.IsQualifiedName
 */
export function isLabelKey(key: string): boolean {
  const [name = '', prefix, ...rest] = key.split('/').reverse()
  return (
    rest.length === 0 &&
    name.length <= MAX_LABEL &&
    LABEL_NAME.test(name) &&
    (prefix === undefined || isDnsSubdomain(prefix))
  )
}

/** Returns whether `value` is a label value, which may be empty. */
export function isLabelValue(value: string): boolean {
  return value === '' || (value.length <= MAX_LABEL && LABEL_NAME.test(value))
}
