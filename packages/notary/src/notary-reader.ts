import {
  claimedAnnotations,
  claimedCertificate,
  claimedSubject,
  claimedTimestamp,
  PartReading,
} from '@verify-images/attestor-evaluator'
import type { AttachmentReader, NotaryClaims, StoredAttachment } from '@verify-images/attestor-evaluator'
import { SIGNATURE_TYPE } from './artifact/fetch-signature.ts'
import { dissectCose } from './envelope/cose.ts'
import type { UnverifiedEnvelope } from './envelope/envelope.ts'
import { dissectJws } from './envelope/jws.ts'
import { refuseEnvelope } from './envelope/refusal.ts'
import { MAX_PAYLOAD_BYTES } from './limits.ts'
import { parseTarget, readTarget, readUserMetadata } from './payload.ts'
import { shown } from './shown.ts'

const DISSECTORS: ReadonlyMap<string, (bytes: Uint8Array) => UnverifiedEnvelope> = new Map([
  ['application/jose+json', dissectJws],
  ['application/cose', dissectCose],
])

/** Reads what Notary Project signatures claim, for `discover`. Not even whether the signature holds is looked at. */
export function createNotaryReader(): AttachmentReader {
  return { artifactType: SIGNATURE_TYPE, read: readSignature }
}

/** @throws AttestorError ATTESTOR_SIGNATURE_INVALID */
function readSignature({ mediaType, bytes, image, count }: StoredAttachment): NotaryClaims {
  const dissect = DISSECTORS.get(mediaType)
  if (dissect === undefined) throw refuseEnvelope(`envelopes of type \`${shown(mediaType)}\` are not read`)
  if (count !== 1) throw refuseEnvelope(`the manifest has ${count} layers, it must have one`)
  if (bytes.length > MAX_PAYLOAD_BYTES)
    throw refuseEnvelope(`the envelope has ${bytes.length} bytes, at most ${MAX_PAYLOAD_BYTES} are read`)
  const envelope = dissect(bytes)
  const reading = new PartReading()
  return {
    format: `notary-${envelope.format}`,
    ...readAttributes(envelope, reading),
    ...readPayload(envelope, image, reading),
    ...readSigner(envelope, reading),
    logEntries: [],
    timestamps: readTimestamps(envelope, reading),
    unreadable: reading.unreadable,
  }
}

function readAttributes(
  envelope: UnverifiedEnvelope,
  reading: PartReading,
): Pick<NotaryClaims, 'payloadType' | 'signingScheme' | 'signingTime' | 'expiry'> {
  const attributes = reading.part('attributes', () => envelope.attributes())
  if (attributes === undefined) return {}
  const payloadType = reading.text('payload type', attributes.contentType)
  return {
    ...(payloadType !== undefined && { payloadType }),
    signingScheme: attributes.signingScheme,
    signingTime: attributes.signingTime.toISOString(),
    ...(attributes.expiry && { expiry: attributes.expiry.toISOString() }),
  }
}

function readPayload(
  envelope: UnverifiedEnvelope,
  image: StoredAttachment['image'],
  reading: PartReading,
): Pick<NotaryClaims, 'subject' | 'annotations'> {
  const parsed = reading.part('payload', () => ({ target: parseTarget(envelope.payload()) }))
  if (parsed === undefined) return { annotations: {} }
  const subject = reading.part('target', () => claimedSubject([readTarget(parsed.target).digest], image))
  const annotations = reading.part('annotations', () =>
    claimedAnnotations(Object.fromEntries(readUserMetadata(parsed.target))),
  )
  return { annotations: annotations ?? {}, ...(subject && { subject }) }
}

function readSigner(envelope: UnverifiedEnvelope, reading: PartReading): Pick<NotaryClaims, 'signer'> {
  const chain = reading.part('certificates', () => envelope.chain())
  if (chain === undefined) return {}
  const [certificate, ...issuers] = chain
  return { signer: claimedCertificate(certificate, issuers) }
}

function readTimestamps(envelope: UnverifiedEnvelope, reading: PartReading): NotaryClaims['timestamps'] {
  const timestamp = reading.part('timestamp', () => {
    const token = envelope.timestampToken()
    return token && claimedTimestamp(token)
  })
  return timestamp === undefined ? [] : [timestamp]
}
