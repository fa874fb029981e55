import type { KeySource } from '../ports.ts'

/** What the text of a key in a policy means. */
export type KeyReference =
  | { readonly kind: 'pem'; readonly text: string }
  | { readonly kind: 'named'; readonly source: KeySource }
  /** What Kyverno would read from the machine it runs on, or from the network: nothing here does. */
  | { readonly kind: 'refused' }

const begin = '-----BEGIN PUBLIC KEY-----'
const end = '-----END PUBLIC KEY-----'

const kmsProviders = ['awskms', 'gcpkms', 'azurekms', 'hashivault'] as const
const kubernetesScheme = 'k8s://'

/**
 * Sorts the text of `keys.publicKeys`, `keys.secret` and `keys.kms`.
 *
 * Only text that begins with a `PUBLIC KEY` block is a key. Kyverno takes everything else for a reference, and would
 * open it as a file, URL or environment variable: a policy author could make it read what he cannot.
 *
 * @see Kyverno, pkg/image/verifiers/cpol/cosign; cosign, pkg/signature
 */
export function readKeyReference(text: string): KeyReference {
  const trimmed = text.trim()
  if (trimmed.startsWith(begin)) {
    // What follows the first block is not looked at.
    const length = trimmed.indexOf(end)
    return { kind: 'pem', text: length < 0 ? trimmed : trimmed.slice(0, length + end.length) }
  }
  if (text.startsWith(kubernetesScheme)) {
    const [namespace, name, ...rest] = text.slice(kubernetesScheme.length).split('/')
    if (namespace && name && rest.length === 0)
      return { kind: 'named', source: { kind: 'kubernetes-secret', namespace, name } }
    return { kind: 'refused' }
  }
  const provider = kmsProviders.find((name) => text.startsWith(`${name}://`))
  if (provider !== undefined) return { kind: 'named', source: { kind: 'kms', provider, uri: text } }
  return { kind: 'refused' }
}
