import { type Digest, digestOf } from '@verify-images/primitives'

/** Bytes as a registry keeps them: by the digest of exactly these bytes. */
export interface Content {
  readonly mediaType: string
  readonly bytes: Uint8Array
  readonly digest: Digest
}

export interface Descriptor {
  readonly mediaType: string
  readonly digest: Digest
  readonly size: number
  readonly artifactType?: string
  readonly annotations?: Readonly<Record<string, string>>
}

export const OCI_MANIFEST = 'application/vnd.oci.image.manifest.v1+json'
export const OCI_INDEX = 'application/vnd.oci.image.index.v1+json'
export const EMPTY_JSON = 'application/vnd.oci.empty.v1+json'

export function contentOf(mediaType: string, bytes: Uint8Array): Content {
  return { mediaType, bytes, digest: digestOf(bytes) }
}

export function jsonContent(mediaType: string, value: unknown): Content {
  return contentOf(mediaType, Buffer.from(JSON.stringify(value)))
}

export function descriptorOf(
  { mediaType, digest, bytes }: Content,
  annotations?: Readonly<Record<string, string>>,
): Descriptor {
  return { mediaType, digest, size: bytes.length, ...(annotations === undefined ? {} : { annotations }) }
}
