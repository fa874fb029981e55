import { CheckError, during, duringSync } from '@verify-images/primitives'
import type { PublicKey } from '@verify-images/x509'
import type { KeyResolver } from '../ports.ts'
import { type KeyReference, readKeyReference } from './key-reference.ts'
import { readPublicKey } from './verification-key.ts'

/**
 * The key that a policy writes or names.
 *
 * @throws CheckError ATTESTOR_POLICY_INVALID when the text is no key and names none, ATTESTOR_KEY_UNAVAILABLE when
 *   a named key cannot be had
 */
export async function resolveKey(text: string, keys: KeyResolver | undefined, signal: AbortSignal): Promise<PublicKey> {
  const reference = readKeyReference(text)
  if (reference.kind === 'pem') return duringSync({ kind: 'attestor-load-key' }, () => readPublicKey(reference.text))
  return during({ kind: 'attestor-load-key', reference: text }, async () =>
    readPublicKey(await fetchKey(reference, text, keys, signal)),
  )
}

async function fetchKey(
  reference: Exclude<KeyReference, { readonly kind: 'pem' }>,
  text: string,
  keys: KeyResolver | undefined,
  signal: AbortSignal,
): Promise<string> {
  if (reference.kind === 'refused') {
    throw new CheckError(
      'ATTESTOR_POLICY_INVALID',
      'the key is neither a PEM public key nor the name of a secret or KMS key',
      {
        actual: text.slice(0, 80),
        difference: 'S20',
      },
    )
  }
  if (keys === undefined) {
    throw new CheckError('ATTESTOR_KEY_UNAVAILABLE', `there is no resolver for the key \`${text.slice(0, 80)}\``)
  }
  try {
    const pem: unknown = await keys.resolveKey(reference.source, signal)
    if (typeof pem !== 'string') throw new TypeError('the key resolver gave no text')
    return pem
  } catch (error) {
    signal.throwIfAborted()
    const told = error instanceof Error ? error.message : 'the key resolver failed'
    throw new CheckError('ATTESTOR_KEY_UNAVAILABLE', `the key \`${text.slice(0, 80)}\` cannot be had: ${told}`, {
      detail: { kind: 'attestor-key-not-resolved', problem: told },
      cause: error,
    })
  }
}
