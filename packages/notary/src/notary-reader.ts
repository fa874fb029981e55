import type {
  AttachmentReader,
  ClaimDescriptions,
  NotaryClaims,
  PartReading,
  StoredAttachment,
} from '@verify-images/attestor-evaluator'
import { SIGNATURE_TYPE } from './artifact/signatures.ts'
import { dissectCose } from './envelope/cose.ts'
import { invalidEnvelope } from './envelope/envelope.ts'
import type { UnverifiedEnvelope } from './envelope/envelope.ts'
import { dissectJws } from './envelope/jws.ts'
import { MAX_ENVELOPE_BYTES } from './limits.ts'
import { shown } from './notary-error.ts'
import { parseTarget, readTarget, readUserMetadata } from './payload.ts'

const DISSECTORS: ReadonlyMap<string, (bytes: Uint8Array) => UnverifiedEnvelope> = new Map([
  ['application/jose+json', dissectJws],
  ['application/cose', dissectCose],
])

/** Creates the reader of Notary Project signatures for `discover`. It returns claims and verifies nothing. */
export function createNotaryReader(): AttachmentReader {
  return { artifactType: SIGNATURE_TYPE, read: readSignature }
}

/** @throws CheckError ATTESTOR_SIGNATURE_INVALID */
function readSignature(
  { mediaType, bytes, image, count }: StoredAttachment,
  describe: ClaimDescriptions,
): NotaryClaims {
  const dissect = DISSECTORS.get(mediaType)
  if (dissect === undefined)
    throw invalidEnvelope(
      `media type of the envelope: expected \`${[...DISSECTORS.keys()].join('` or `')}\`, got \`${shown(mediaType)}\``,
    )
  if (count !== 1) throw invalidEnvelope(`layers of the manifest: expected 1, got ${count}`)
  if (bytes.length > MAX_ENVELOPE_BYTES)
    throw invalidEnvelope(`size of the envelope: expected at most ${MAX_ENVELOPE_BYTES} bytes, got ${bytes.length}`)
  const envelope = dissect(bytes)
  const reading = describe.startReading()
  return {
    format: `notary-${envelope.format}`,
    ...readAttributes(envelope, reading),
    ...readPayload(envelope, image, reading, describe),
    ...readSigner(envelope, reading, describe),
    logEntries: [],
    timestamps: readTimestamps(envelope, reading, describe),
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
  describe: ClaimDescriptions,
): Pick<NotaryClaims, 'subject' | 'annotations'> {
  const parsed = reading.part('payload', () => ({ target: parseTarget(envelope.payload()) }))
  if (parsed === undefined) return { annotations: {} }
  const subject = reading.part('target', () => describe.subject([readTarget(parsed.target).digest], image))
  const annotations = reading.part('annotations', () =>
    describe.annotations(Object.fromEntries(readUserMetadata(parsed.target))),
  )
  return { annotations: annotations ?? {}, ...(subject && { subject }) }
}

function readSigner(
  envelope: UnverifiedEnvelope,
  reading: PartReading,
  describe: ClaimDescriptions,
): Pick<NotaryClaims, 'signer'> {
  const chain = reading.part('certificates', () => envelope.chain())
  if (chain === undefined) return {}
  const [certificate, ...issuers] = chain
  return { signer: describe.certificate(certificate, issuers) }
}

function readTimestamps(
  envelope: UnverifiedEnvelope,
  reading: PartReading,
  describe: ClaimDescriptions,
): NotaryClaims['timestamps'] {
  const timestamp = reading.part('timestamp', () => {
    const token = envelope.timestampToken()
    return token && describe.timestamp(token)
  })
  return timestamp === undefined ? [] : [timestamp]
}
