import { MAX_DISCOVERY_BYTES, MAX_DISCOVERY_REQUESTS } from '../limits.ts'
import { AttestorError } from '../attestor-error.ts'
import type { ArtifactSource, Descriptor, Digest, ManifestNotFound, ReferrerListing, StoredManifest } from '../ports.ts'
import type { AttachmentReader } from './attachment-reader.ts'

export interface LookOptions {
  readonly source: ArtifactSource
  readonly signal: AbortSignal
  readonly repository: string
  readonly digest: Digest
  readonly readers: readonly AttachmentReader[]
}

/** One look at what is attached to an image: what it has asked, what it has missed, and what it may still cost. */
export class Look {
  readonly digest: Digest
  readonly asked: string[] = []
  readonly problems: string[] = []
  readonly #options: LookOptions
  #requests = 0
  #bytes = 0

  constructor(options: LookOptions) {
    this.digest = options.digest
    this.#options = options
  }

  get complete(): boolean {
    return this.problems.length === 0
  }

  /** The last one that reads a type. */
  readerOf(artifactType: string): AttachmentReader | undefined {
    return this.#options.readers.findLast((reader) => artifactType.startsWith(reader.artifactType))
  }

  /** Notes something that could not be looked at. */
  miss(problem: string): void {
    this.problems.push(problem)
  }

  /**
   * What was seen, or nothing when one could not look; that is noted.
   *
   * @throws the reason of the signal
   */
  async at<Value>(what: string, see: () => Promise<Value>): Promise<Value | undefined> {
    try {
      return await see()
    } catch (error) {
      this.#options.signal.throwIfAborted()
      this.miss(`${what}: ${messageOf(error)}`)
      return undefined
    }
  }

  async fetchManifest(reference: string): Promise<StoredManifest | ManifestNotFound> {
    const { source, repository, signal } = this.#options
    this.#spend(0)
    const manifest = await source.fetchManifest(repository, reference, signal)
    // How large it is, only the source knows before; it has a bound of its own.
    if (!('notFound' in manifest)) this.#bytes += manifest.bytes.length
    return manifest
  }

  async fetchBlob(blob: Descriptor, maxBytes: number): Promise<Uint8Array> {
    const { source, repository, signal } = this.#options
    this.#spend(blob.size)
    return source.fetchBlob(repository, blob, maxBytes, signal)
  }

  async listReferrers(): Promise<ReferrerListing> {
    const { source, repository, signal } = this.#options
    this.#spend(0)
    return source.listReferrers(repository, this.digest, signal)
  }

  /** Reads one attachment; a reader that fails has not read it. */
  async read<Value>(
    reading: () => Value | Promise<Value>,
  ): Promise<{ readonly value: Value } | { readonly problem: string }> {
    try {
      return { value: await reading() }
    } catch (error) {
      this.#options.signal.throwIfAborted()
      return { problem: messageOf(error) }
    }
  }

  #spend(bytes: number): void {
    if (this.#requests >= MAX_DISCOVERY_REQUESTS) throw over(`${MAX_DISCOVERY_REQUESTS} requests`)
    if (this.#bytes + bytes > MAX_DISCOVERY_BYTES) throw over(`${MAX_DISCOVERY_BYTES} bytes`)
    this.#requests += 1
    this.#bytes += bytes
  }
}

function over(bound: string): AttestorError {
  return new AttestorError('ATTESTOR_LIMIT_EXCEEDED', `one look at an image takes at most ${bound}`)
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : 'it could not be looked at'
}
