import { CheckError, during, duringSync, messageOf } from '@verify-images/primitives'
import type { PublicKey } from '@verify-images/x509'
import type { KeyResolver } from '../ports.ts'
import { formatKeyMaterial, type KeyMaterial } from './key-material.ts'
import { readPublicKey } from './verification-key.ts'

/**
 * Returns the public key of an attestor, from the policy or from the resolver.
 *
 * @throws CheckError ATTESTOR_POLICY_INVALID for a malformed key and for an unsupported reference,
 *   ATTESTOR_KEY_UNAVAILABLE when a named key cannot be resolved
 */
export async function resolveKey(
  material: KeyMaterial,
  keys: KeyResolver | undefined,
  signal: AbortSignal,
): Promise<PublicKey> {
  if (material.kind === 'pem') return duringSync({ kind: 'attestor-load-key' }, () => readPublicKey(material.pem))
  return during({ kind: 'attestor-load-key', reference: shownReference(formatKeyMaterial(material)) }, async () =>
    readPublicKey(await fetchKey(material, keys, signal)),
  )
}

/** What is written in place of a reference may be a private key, by a slip, and must not get into a message. */
function shownReference(reference: string): string {
  return /PRIVATE KEY/.test(reference) ? 'a private key' : reference
}

/**
 * Refuses a reference that no resolver may be asked for.
 *
 * @throws CheckError ATTESTOR_POLICY_INVALID
 */
export function refuseKeyReference(reference: string): never {
  throw new CheckError(
    'ATTESTOR_POLICY_INVALID',
    'key of the attestor: expected a PEM public key, a Kubernetes Secret or a KMS key',
    { actual: shownReference(reference).slice(0, 80), difference: 'S20' },
  )
}

async function fetchKey(
  material: Exclude<KeyMaterial, { readonly kind: 'pem' }>,
  keys: KeyResolver | undefined,
  signal: AbortSignal,
): Promise<string> {
  if (material.kind === 'unsupported') return refuseKeyReference(material.reference)
  const reference = shownReference(formatKeyMaterial(material)).slice(0, 80)
  if (keys === undefined)
    throw new CheckError('ATTESTOR_KEY_UNAVAILABLE', `no key resolver is configured for the key \`${reference}\``)
  try {
    const pem: unknown = await keys.resolveKey(material, signal)
    if (typeof pem !== 'string') throw new TypeError('the key resolver returned no string')
    return pem
  } catch (error) {
    signal.throwIfAborted()
    const problem = messageOf(error, 'the key resolver failed')
    throw new CheckError('ATTESTOR_KEY_UNAVAILABLE', `resolving the key \`${reference}\` failed: ${problem}`, {
      detail: { kind: 'attestor-key-not-resolved', problem },
      cause: error,
    })
  }
}
