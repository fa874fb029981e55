import type { PublicKey } from '@verify-images/x509'
import { AttestorError } from '../attestor-error.ts'
import type { KeyResolver } from '../ports.ts'
import { readKeyReference } from './key-reference.ts'
import { readPublicKey } from './verification-key.ts'

/**
 * The key that a policy writes or names.
 *
 * @throws AttestorError ATTESTOR_POLICY_INVALID when the text is no key and names none, ATTESTOR_KEY_UNAVAILABLE when
 *   a named key cannot be had
 */
export async function resolveKey(text: string, keys: KeyResolver | undefined, signal: AbortSignal): Promise<PublicKey> {
  const reference = readKeyReference(text)
  if (reference.kind === 'pem') return within('PEM: pem to public key', () => readPublicKey(reference.text))
  if (reference.kind === 'refused') {
    throw new AttestorError(
      'ATTESTOR_POLICY_INVALID',
      'the key is neither a PEM public key nor the name of a secret or KMS key',
      {
        upstreamText: `failed to load public key from ${text}: ${reference.upstreamText}`,
        actual: text.slice(0, 80),
        difference: 'S20',
      },
    )
  }
  if (keys === undefined) {
    throw new AttestorError('ATTESTOR_KEY_UNAVAILABLE', `there is no resolver for the key \`${text.slice(0, 80)}\``, {
      upstreamText: `failed to load public key from ${text}: no key resolver`,
    })
  }
  const pem = await fetchKey(keys, reference.source, text, signal)
  return within(text, () => readPublicKey(pem))
}

async function fetchKey(
  keys: KeyResolver,
  source: Parameters<KeyResolver['resolveKey']>[0],
  text: string,
  signal: AbortSignal,
): Promise<string> {
  try {
    const pem: unknown = await keys.resolveKey(source, signal)
    if (typeof pem !== 'string') throw new TypeError('the key resolver gave no text')
    return pem
  } catch (error) {
    signal.throwIfAborted()
    const told = error instanceof Error ? error.message : 'the key resolver failed'
    throw new AttestorError('ATTESTOR_KEY_UNAVAILABLE', `the key \`${text.slice(0, 80)}\` cannot be had: ${told}`, {
      upstreamText: `failed to load public key from ${text}: ${told}`,
      cause: error,
    })
  }
}

function within(origin: string, read: () => PublicKey): PublicKey {
  try {
    return read()
  } catch (error) {
    if (!(error instanceof AttestorError)) throw error
    throw new AttestorError(error.code, error.message, {
      ...error.details,
      upstreamText: `failed to load public key from ${origin}: ${error.upstreamText}`,
    })
  }
}
