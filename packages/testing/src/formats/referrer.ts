import {
  contentOf,
  descriptorOf,
  EMPTY_JSON,
  jsonContent,
  OCI_MANIFEST,
  type Content,
  type Descriptor,
} from '../content.ts'

/** A manifest with a `subject`, and its blobs. */
export interface Referrer {
  readonly manifest: Content
  readonly blobs: readonly Content[]
}

const EMPTY = contentOf(EMPTY_JSON, Buffer.from('{}'))

/** @see OCI image specification 1.1, "Guidelines for Artifact Usage" */
export function makeReferrer(
  subject: Descriptor,
  artifactType: string,
  layer: Content,
  annotations?: Readonly<Record<string, string>>,
): Referrer {
  const { mediaType, digest, size } = subject
  const manifest = jsonContent(OCI_MANIFEST, {
    schemaVersion: 2,
    mediaType: OCI_MANIFEST,
    artifactType,
    config: descriptorOf(EMPTY),
    layers: [descriptorOf(layer)],
    subject: { mediaType, digest, size },
    ...(annotations && { annotations }),
  })
  return { manifest, blobs: [EMPTY, layer] }
}

/** Returns the manifest with another subject, as an attacker would who copies a signature to another image. */
export function redirectReferrer(
  { bytes, mediaType }: Content,
  { digest, mediaType: subjectType, size }: Descriptor,
): Content {
  const document = JSON.parse(Buffer.from(bytes).toString('utf8')) as Readonly<Record<string, unknown>>
  return jsonContent(mediaType, { ...document, subject: { mediaType: subjectType, digest, size } })
}

/** Formats a time in RFC 3339 without fractions of a second. */
export function creationTime(at: Date): string {
  return at.toISOString().replace(/\.\d+Z$/, 'Z')
}
