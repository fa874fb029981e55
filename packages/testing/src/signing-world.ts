import { createRegistryClient, type RegistryClient } from '@verify-images/registry-fetcher'
import { attachmentTag, attestation, signatureManifest, simpleSigning, type SignatureLayer } from './cosign-artifacts.ts'
import { contentOf, descriptorOf, jsonContent, OCI_MANIFEST, type Digest } from './content.ts'
import { startLoopbackRegistry, type LoopbackRegistry, type LoopbackRegistryOptions } from './loopback-registry.ts'
import { createSigningKey, type KeyKind, type SigningKey } from './signing-key.ts'

/** Keys, images and a registry on loopback that holds them. Everything is real but the names. */
export interface SigningWorld {
  /** The key of this name; it comes into being when it is first asked for. */
  readonly key: (name: string, kind?: KeyKind) => SigningKey
  /** A new image at a reference such as `registry.test/app:1`. Its host need not exist. */
  readonly image: (reference: string) => TestImage
  /** A client that sends the requests for every host of this world to it. */
  readonly registryClient: () => RegistryClient
  readonly registry: LoopbackRegistry
  readonly close: () => Promise<void>
}

/** An image of the world. Signing it adds to what its repository holds and gives the same image back. */
export interface TestImage {
  readonly reference: string
  readonly digest: Digest
  readonly signedBy: (key: SigningKey, annotations?: Readonly<Record<string, string>>) => TestImage
  readonly attestedBy: (key: SigningKey, predicateType: string, predicate: unknown) => TestImage
}

/** @example const world = await createSigningWorld() */
export async function createSigningWorld(options: LoopbackRegistryOptions = {}): Promise<SigningWorld> {
  const registry = await startLoopbackRegistry(options)
  const keys = new Map<string, SigningKey>()
  const hosts = new Set<string>()
  return {
    registry,
    key: (name, kind = 'P-256') => {
      const present = keys.get(name) ?? createSigningKey(kind)
      keys.set(name, present)
      return present
    },
    image: (reference) => {
      const place = placeOf(reference)
      hosts.add(place.host)
      return publish(reference, place, registry)
    },
    registryClient: () => createRegistryClient({ hosts: Object.fromEntries([...hosts].map((host) => [host, { endpoint: registry.endpoint }])) }),
    close: () => registry.close(),
  }
}

interface Place {
  readonly host: string
  readonly repository: string
  readonly tag: string
}

function placeOf(reference: string): Place {
  const match = /^([^/]+)\/([^:@]+):([^:@/]+)$/.exec(reference)
  if (match === null) throw new RangeError(`expected host/repository:tag, found ${reference}`)
  const [, host = '', repository = '', tag = ''] = match
  return { host, repository, tag }
}

function publish(reference: string, { host, repository, tag }: Place, registry: LoopbackRegistry): TestImage {
  const store = registry.repository(repository)
  const config = jsonContent('application/vnd.oci.image.config.v1+json', { architecture: 'amd64', os: 'linux', config: {}, rootfs: { type: 'layers', diff_ids: [] } })
  const layer = contentOf('application/vnd.oci.image.layer.v1.tar', Buffer.from(reference))
  const manifest = jsonContent(OCI_MANIFEST, { schemaVersion: 2, mediaType: OCI_MANIFEST, config: descriptorOf(config), layers: [descriptorOf(layer)] })
  for (const blob of [config, layer]) store.putBlob(blob)
  store.putManifest(manifest, tag)
  const layers: Record<'sig' | 'att', SignatureLayer[]> = { sig: [], att: [] }
  const attach = (suffix: 'sig' | 'att', added: SignatureLayer): TestImage => {
    layers[suffix].push(added)
    const { manifest: attachment, blobs } = signatureManifest(layers[suffix])
    for (const blob of blobs) store.putBlob(blob)
    store.putManifest(attachment, attachmentTag(manifest.digest, suffix))
    return image
  }
  const image: TestImage = {
    reference,
    digest: manifest.digest,
    signedBy: (key, annotations) => attach('sig', simpleSigning(`${host}/${repository}`, manifest.digest, key, annotations)),
    attestedBy: (key, predicateType, predicate) => attach('att', attestation(manifest.digest, predicateType, predicate, key)),
  }
  return image
}
