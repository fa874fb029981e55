import type { TrustMaterialSource } from '@verify-images/attestor-evaluator'
import { aTime, recordOf, type OptionKind, type OptionTable } from '@verify-images/primitives'
import type { RegistryClient } from '@verify-images/registry-fetcher'
import { createSigstoreInstance, type SigstoreInstance } from './authorities/sigstore-instance.ts'
import { aName, checkOptions, checkValue } from './check-options.ts'
import { contentOf, descriptorOf, jsonContent, OCI_INDEX, OCI_MANIFEST, type Content } from './content.ts'
import { anImage, createTestImage } from './create-test-image.ts'
import {
  registryOptions,
  startLoopbackRegistry,
  type LoopbackRegistry,
  type LoopbackRegistryOptions,
} from './loopback-registry.ts'
import { createPrivateAuthority, type PrivateAuthority } from './signing/certified-key.ts'
import { createSigningKey, type KeyKind, type SigningKey } from './signing-key.ts'
import type { TestImage } from './test-image.ts'
import { createWorldClient } from './world-client.ts'

export interface SigningWorldOptions extends Omit<LoopbackRegistryOptions, 'tls'> {
  /** The time in this world; 2026-11-25T00:00:00Z unless given. Signatures are made an hour before. */
  readonly now?: Date | undefined
}

/** Keys, authorities, logs, images and a registry on loopback that holds them. Everything is real but the names. */
export interface SigningWorld {
  /** The time, which stands still. */
  readonly now: Date
  /** The same for a verifier. */
  readonly clock: () => Date
  /** The key of this name; it comes into being when it is first asked for, a P-256 key unless a kind is given. */
  readonly key: (name: string, kind?: KeyKind) => SigningKey
  /** The private certificate authority of this name, likewise. Nobody trusts it whose policy does not name it. */
  readonly certificateAuthority: (name: string) => PrivateAuthority
  /** The Sigstore instance of this name, likewise. The one that is trusted has no other name than the default. */
  readonly sigstore: (name?: string) => SigstoreInstance
  /** What a verifier has to trust for keyless signatures of this world to hold. */
  readonly trust: TrustMaterialSource
  /** The same as the text of a `trusted_root.json`. */
  readonly trustedRootJson: string
  /**
   * The image at a reference such as `registry.test/app:1`, whose host need not exist. Asked for again it is the same image, with
   * all that is attached to it.
   */
  readonly image: (reference: string) => TestImage
  /** An image for several platforms, such as `linux/amd64`, each of which is an image of the same repository. */
  readonly index: (reference: string, platforms: Readonly<Record<string, TestImage>>) => TestImage
  /** A client that finds every host with an image of this world at its registry; others are looked up as ever. */
  readonly registryClient: () => RegistryClient
  readonly registry: LoopbackRegistry
  readonly close: () => Promise<void>
}

const worldOptions: OptionTable<SigningWorldOptions> = { ...registryOptions, now: aTime }

const NOW = new Date('2026-11-25T00:00:00Z')
const TRUSTED = 'sigstore'

/**
 * @throws RangeError for options that there are not, as everything that is made in the world does
 * @example const world = await createSigningWorld()
 */
export async function createSigningWorld(options: SigningWorldOptions = {}): Promise<SigningWorld> {
  checkOptions(options, worldOptions)
  const { now = NOW, ...ofRegistry } = options
  const registry = await startLoopbackRegistry(ofRegistry)
  const hosts = new Set<string>()
  const keys = new Map<string, SigningKey>()
  const authorities = new Map<string, PrivateAuthority>()
  const instances = new Map<string, SigstoreInstance>()
  const sigstore = (name = TRUSTED): SigstoreInstance => once(instances, name, () => createSigstoreInstance(name))
  let stranger: SigstoreInstance | undefined
  const place = { now, instance: sigstore, stranger: () => (stranger ??= createSigstoreInstance('stranger')) }
  const publish = (reference: string, manifest: Content): TestImage => {
    const { host, repository, tag } = placeOf(reference)
    hosts.add(host)
    const store = registry.repository(repository)
    store.putManifest(manifest, tag)
    return createTestImage(
      { reference, name: `${host}/${repository}`, manifest, store, referrersApi: options.referrersApi ?? true },
      place,
    )
  }
  return {
    now,
    clock: () => now,
    registry,
    sigstore,
    key: (name, kind) => {
      const key = once(keys, name, () => createSigningKey(kind))
      if (kind !== undefined && kind !== key.kind)
        throw new RangeError(`the key ${name} already exists, of kind ${key.kind}`)
      return key
    },
    certificateAuthority: (name) => once(authorities, name, () => createPrivateAuthority(name, now)),
    get trust() {
      return sigstore().trust
    },
    get trustedRootJson() {
      return sigstore().trustedRootJson
    },
    image: (reference) => {
      const store = registry.repository(placeOf(reference).repository)
      const { manifest, blobs } = makeImage(reference)
      for (const blob of blobs) store.putBlob(blob)
      return publish(reference, manifest)
    },
    index: (reference, platforms) => publish(reference, makeIndex(platforms)),
    registryClient: () => createWorldClient(hosts, registry.endpoint),
    close: () => registry.close(),
  }
}

function once<Value>(made: Map<string, Value>, name: string, make: () => Value): Value {
  checkValue(name, aName, 'name')
  const value = made.get(name) ?? make()
  made.set(name, value)
  return value
}

interface Place {
  readonly host: string
  readonly repository: string
  readonly tag: string
}

/** The first part must be a host, or a verifier would look the image up on Docker Hub. */
const REFERENCE =
  /^(?<host>localhost(?::\d+)?|[\w-]+(?:\.[\w-]+)+(?::\d+)?|[\w-]+:\d+)\/(?<repository>[a-z\d]+(?:[._/-]+[a-z\d]+)*):(?<tag>\w[\w.-]{0,127})$/

function placeOf(reference: string): Place {
  checkValue(reference, aName, 'reference')
  const { host, repository, tag } = REFERENCE.exec(reference)?.groups ?? {}
  if (host === undefined || repository === undefined || tag === undefined)
    throw new RangeError(`\`reference\` must have the form host/repository:tag, got ${reference}`)
  return { host, repository, tag }
}

/** A config and one layer; no two references have the same digest. */
function makeImage(reference: string): { readonly manifest: Content; readonly blobs: readonly Content[] } {
  const config = jsonContent('application/vnd.oci.image.config.v1+json', {
    architecture: 'amd64',
    os: 'linux',
    config: {},
    rootfs: { type: 'layers', diff_ids: [] },
  })
  const layer = contentOf('application/vnd.oci.image.layer.v1.tar', Buffer.from(reference))
  const manifest = jsonContent(OCI_MANIFEST, {
    schemaVersion: 2,
    mediaType: OCI_MANIFEST,
    config: descriptorOf(config),
    layers: [descriptorOf(layer)],
  })
  return { manifest, blobs: [config, layer] }
}

const platformTable: OptionKind = {
  ...recordOf(anImage),
  expected: 'an object with at least one image by its platform',
  fits: (value) => recordOf(anImage).fits(value) && Object.keys(Object(value)).length > 0,
}

function makeIndex(platforms: Readonly<Record<string, TestImage>>): Content {
  checkValue(platforms, platformTable, 'platforms')
  const manifests = Object.entries(platforms).map(([platform, { descriptor }]) => ({
    ...descriptor,
    platform: parsePlatform(platform),
  }))
  return jsonContent(OCI_INDEX, { schemaVersion: 2, mediaType: OCI_INDEX, manifests })
}

/** No image has a platform without an architecture, so an index with one would be denied for that alone. */
function parsePlatform(platform: string): object {
  const { os, architecture, variant } =
    /^(?<os>[a-z\d]+)\/(?<architecture>[a-z\d]+)(?:\/(?<variant>[a-z\d.]+))?$/.exec(platform)?.groups ?? {}
  if (os === undefined || architecture === undefined)
    throw new RangeError(`platform ${platform}: expected os/architecture or os/architecture/variant`)
  return { os, architecture, ...(variant !== undefined && { variant }) }
}
