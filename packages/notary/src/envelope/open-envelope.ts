import { CheckError, yieldIfDue } from '@verify-images/primitives'
import { checkCertificateChain } from '../certificates/certificate-chain.ts'
import type { Work } from '@verify-images/x509'
import { MAX_ENVELOPE_BYTES } from '../limits.ts'
import { shown } from '../notary-error.ts'
import { openCose } from './cose.ts'
import { invalidEnvelope } from './envelope.ts'
import type { Envelope } from './envelope.ts'
import { openJws } from './jws.ts'

const READERS: ReadonlyMap<string, (bytes: Uint8Array) => Envelope | Promise<Envelope>> = new Map<
  string,
  (bytes: Uint8Array) => Envelope | Promise<Envelope>
>([
  ['application/jose+json', openJws],
  ['application/cose', openCose],
])

export const PAYLOAD_TYPE = 'application/vnd.cncf.notary.payload.v1+json'

/**
 * Parses a signature envelope and verifies its integrity. Whether the signer is trusted is not checked.
 *
 * The media type comes from the manifest and is never guessed from the bytes. The signature is verified with the key of
 * the first certificate, the chain must satisfy the specification, and the payload must have the Notary Project's type.
 *
 * @throws CheckError ATTESTOR_SIGNATURE_INVALID, ATTESTOR_CERTIFICATE_INVALID, ATTESTOR_LIMIT_EXCEEDED,
 *   ATTESTOR_BUDGET_EXCEEDED
 * @see Notary Project, signature specification
 */
export async function openEnvelope(mediaType: string, bytes: Uint8Array, work: Work): Promise<Envelope> {
  const open = READERS.get(mediaType)
  if (!open) {
    throw invalidEnvelope(
      `media type of the envelope: expected \`${[...READERS.keys()].join('` or `')}\`, got \`${shown(mediaType)}\``,
    )
  }
  if (bytes.length > MAX_ENVELOPE_BYTES)
    throw new CheckError(
      'ATTESTOR_LIMIT_EXCEEDED',
      `size of the envelope: expected at most ${MAX_ENVELOPE_BYTES} bytes, got ${bytes.length}`,
    )
  await yieldIfDue(work.signal)
  work.budget.spend('signatures', 1, work.by)
  const envelope = await open(bytes)
  if (envelope.payload.length === 0) throw invalidEnvelope('the payload is empty')
  await checkCertificateChain(envelope.chain, 'codeSigning', work)
  const { contentType } = envelope.attributes
  if (contentType !== PAYLOAD_TYPE) {
    throw invalidEnvelope('the payload has another content type', {
      expected: PAYLOAD_TYPE,
      actual: shown(contentType),
    })
  }
  return envelope
}
