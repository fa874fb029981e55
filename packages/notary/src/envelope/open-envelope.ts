import { checkCertificateChain } from '../certificates/certificate-chain.ts'
import { MAX_PAYLOAD_BYTES } from '../limits.ts'
import { shown } from '../shown.ts'
import { openCose } from './cose.ts'
import type { Envelope } from './envelope.ts'
import { openJws } from './jws.ts'
import { refuseEnvelope } from './refusal.ts'

const READERS: ReadonlyMap<string, (bytes: Uint8Array) => Envelope | Promise<Envelope>> = new Map<
  string,
  (bytes: Uint8Array) => Envelope | Promise<Envelope>
>([
  ['application/jose+json', openJws],
  ['application/cose', openCose],
])

export const PAYLOAD_TYPE = 'application/vnd.cncf.notary.payload.v1+json'

/**
 * Opens a signature envelope of the given media type: the integrity of a signature, and nothing of whom it is from.
 *
 * The media type comes with the envelope and is never guessed from its bytes. The signature is verified by the key of the
 * first certificate, the chain is checked for what the specification asks of certificates, and the payload must be of the
 * type of the Notary Project.
 *
 * @throws AttestorError ATTESTOR_SIGNATURE_INVALID, ATTESTOR_CERTIFICATE_INVALID, ATTESTOR_LIMIT_EXCEEDED, ATTESTOR_PAYLOAD_INVALID
 * @see Notary Project, signature specification
 */
export async function openEnvelope(mediaType: string, bytes: Uint8Array): Promise<Envelope> {
  const open = READERS.get(mediaType)
  if (!open) {
    throw refuseEnvelope(`envelopes of type \`${shown(mediaType)}\` are not read`, {
      upstreamText: `unable to parse the digital signature, error : signature envelope format with media type ${JSON.stringify(shown(mediaType))} is not supported`,
    })
  }
  if (bytes.length > MAX_PAYLOAD_BYTES)
    throw refuseEnvelope(`the envelope has ${bytes.length} bytes, at most ${MAX_PAYLOAD_BYTES} are read`)
  const envelope = await open(bytes)
  if (envelope.payload.length === 0)
    throw refuseEnvelope('the payload is empty', { upstreamText: 'content not present' })
  checkCertificateChain(envelope.chain, 'codeSigning')
  const { contentType } = envelope.attributes
  if (contentType !== PAYLOAD_TYPE) {
    throw refuseEnvelope('the payload is of another type', {
      expected: PAYLOAD_TYPE,
      actual: shown(contentType),
      upstreamText: `payload content type ${JSON.stringify(shown(contentType))} not supported`,
    })
  }
  return envelope
}
