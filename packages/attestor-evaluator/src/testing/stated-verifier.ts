import {
  type AttestorCode,
  CheckError,
  digestOf,
  failureOf,
  type Json,
  markVerified,
  type Refusal,
  refusalOf,
} from '@verify-images/primitives'
import type { AttestorOptions } from '../attestor-options.ts'
import { formatKeyMaterial } from '../keys/key-material.ts'
import type { Evidence } from '../outcome.ts'
import type { SignatureVerifier, VerifiedStatement } from '../signature-verifier.ts'
import { sourceFault } from '@verify-images/testing/internal'

const digest = digestOf(Buffer.from('image'))

/**
 * Creates a verifier whose keys state the outcome, for tests of counting: `a` is accepted as signed by a, `a,b` by
 * both; `!text` is rejected with that text, `?text` could not be checked, `~text` is a fault of the network.
 */
export function createStatedVerifier(
  statements: readonly { readonly type: string; readonly predicate: Json }[] = [],
): SignatureVerifier & { readonly asked: string[] } {
  const asked: string[] = []
  const evidenceOf = (attestor: AttestorOptions, path: string): readonly [Evidence, ...Evidence[]] | Refusal => {
    const key = textOf(attestor)
    asked.push(key)
    const text = key.slice(1)
    const codes: Readonly<Record<string, AttestorCode>> = {
      '!': 'ATTESTOR_SIGNATURE_INVALID',
      '?': 'ATTESTOR_KEY_UNAVAILABLE',
    }
    const code = codes[key.charAt(0)]
    const error =
      code !== undefined
        ? new CheckError(code, text)
        : key.startsWith('~')
          ? sourceFault('REGISTRY_UNAVAILABLE', true, text)
          : undefined
    if (error !== undefined) return refusalOf(failureOf(error, { path, image: 'image' }, new AbortController().signal))
    const [first = '', ...rest] = key.split(',')
    return [evidenceOfKey(first), ...rest.map(evidenceOfKey)]
  }
  return {
    asked,
    signatureType: 'Cosign',
    verifySignature: ({ attestor, path }) => {
      const found = evidenceOf(attestor, path)
      return Promise.resolve('kind' in found ? found : { kind: 'accepted', digest, evidence: found })
    },
    verifyAttestations: ({ attestor, path }) => {
      const found = evidenceOf(attestor, path)
      if ('kind' in found) return Promise.resolve(found)
      const verified = statements.flatMap(({ type, predicate }) =>
        found.map((evidence): VerifiedStatement => ({
          statement: markVerified({ type, predicate, document: { type, predicate } }),
          evidence,
        })),
      )
      return Promise.resolve({ kind: 'accepted', statements: verified })
    },
  }
}

function textOf(attestor: AttestorOptions): string {
  if (attestor.kind === 'keys') return attestor.key === undefined ? '' : formatKeyMaterial(attestor.key)
  return (attestor.kind === 'keyless' && attestor.identity.subject) || ''
}

function evidenceOfKey(fingerprint: string): Evidence {
  return {
    format: 'cosign-signature',
    signedDigest: digest,
    artifact: digest,
    times: [],
    signer: { kind: 'key', fingerprint, algorithm: 'x' },
  }
}
