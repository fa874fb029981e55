import type { KeySource } from '../ports.ts'

/** The key of an attestor: written in the policy, or named by it. */
export type KeyMaterial =
  | { readonly kind: 'pem'; readonly pem: string }
  | KeySource
  /** A reference that is never resolved: Kyverno would open it as a file, URL or environment variable. */
  | { readonly kind: 'unsupported'; readonly reference: string }

const begin = '-----BEGIN PUBLIC KEY-----'
const end = '-----END PUBLIC KEY-----'

const kmsProviders = ['awskms', 'gcpkms', 'azurekms', 'hashivault'] as const
const kubernetesScheme = 'k8s://'

/**
 * Parses `keys.publicKeys` or `keys.kms`.
 *
 * Only text that begins with a `PUBLIC KEY` block is a key. Kyverno takes everything else for a reference, and would
 * open it as a file, URL or environment variable: a policy author could make it read files that only Kyverno may read.
 *
 * @see Kyverno, pkg/image/verifiers/cpol/cosign; cosign, pkg/signature
 */
export function parseKeyMaterial(text: string): KeyMaterial {
  const trimmed = text.trim()
  if (trimmed.startsWith(begin)) {
    // Text after the first block is ignored.
    const length = trimmed.indexOf(end)
    return { kind: 'pem', pem: length < 0 ? trimmed : trimmed.slice(0, length + end.length) }
  }
  if (text.startsWith(kubernetesScheme)) {
    const [namespace, name, ...rest] = text.slice(kubernetesScheme.length).split('/')
    if (namespace && name && rest.length === 0) return { kind: 'kubernetes-secret', namespace, name }
    return { kind: 'unsupported', reference: text }
  }
  const provider = kmsProviders.find((known) => text.startsWith(`${known}://`))
  return provider === undefined ? { kind: 'unsupported', reference: text } : { kind: 'kms', provider, uri: text }
}

/** Returns the key of a Secret. It is unsupported unless it has a namespace and a name, neither with a slash. */
export function secretKey({
  namespace = '',
  name = '',
}: {
  readonly namespace?: string | undefined
  readonly name?: string | undefined
}): KeyMaterial {
  const source = { kind: 'kubernetes-secret', namespace, name } as const
  const isNamed = [namespace, name].every((part) => part !== '' && !part.includes('/'))
  return isNamed ? source : { kind: 'unsupported', reference: formatKeyMaterial(source) }
}

/** Returns key material as text, for messages: the PEM text, or the reference as cosign writes it. */
export function formatKeyMaterial(material: KeyMaterial): string {
  switch (material.kind) {
    case 'pem':
      return material.pem
    case 'kubernetes-secret':
      return `${kubernetesScheme}${material.namespace}/${material.name}`
    case 'kms':
      return material.uri
    case 'unsupported':
      return material.reference
  }
}
