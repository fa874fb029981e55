import { CheckError, type Digest, messageOf } from '@verify-images/primitives'
import { MAX_DISCOVERY_BYTES, MAX_DISCOVERY_REQUESTS } from '../limits.ts'
import type { ArtifactSource, Descriptor, ManifestNotFound, ReferrerListing, StoredManifest } from '../ports.ts'
import type { AttachmentReader } from './discovery.ts'

export interface DiscoveryRunOptions {
  readonly source: ArtifactSource
  readonly signal: AbortSignal
  readonly repository: string
  readonly digest: Digest
  readonly readers: readonly AttachmentReader[]
}

/** What the parts of one discovery share. */
interface DiscoveryState {
  readonly asked: string[]
  readonly problems: string[]
  /** Digests that have been visited: a listing may name its own subject. */
  readonly seen: Set<Digest>
  /** With that of the image itself. */
  requests: number
  bytes: number
}

/** One discovery of what is attached to an image: its requests, its problems, and the rest of its limits. */
export class DiscoveryRun {
  readonly digest: Digest
  readonly #options: DiscoveryRunOptions
  readonly #state: DiscoveryState

  constructor(
    options: DiscoveryRunOptions,
    state: DiscoveryState = { asked: [], problems: [], seen: new Set(), requests: 1, bytes: 0 },
  ) {
    this.digest = options.digest
    this.#options = options
    this.#state = state
    state.seen.add(options.digest)
  }

  /** Returns the same discovery for the attachments of another manifest; undefined if that has been visited. */
  about(digest: Digest): DiscoveryRun | undefined {
    return this.#state.seen.has(digest) ? undefined : new DiscoveryRun({ ...this.#options, digest }, this.#state)
  }

  get asked(): readonly string[] {
    return this.#state.asked
  }

  get problems(): readonly string[] {
    return this.#state.problems
  }

  /** Records what is requested. */
  addAsked(what: string): void {
    this.#state.asked.push(what)
  }

  get complete(): boolean {
    return this.problems.length === 0
  }

  /** Returns the last reader for an artifact type. */
  readerFor(artifactType: string): AttachmentReader | undefined {
    return this.#options.readers.findLast((reader) => artifactType.startsWith(reader.artifactType))
  }

  /** Records something that could not be fetched. */
  addProblem(problem: string): void {
    this.#state.problems.push(problem)
  }

  /**
   * Fetches something. Records the problem and returns `undefined` when that fails.
   *
   * @throws the reason of the signal
   */
  async attempt<Value>(what: string, fetch: () => Promise<Value>): Promise<Value | undefined> {
    try {
      return await fetch()
    } catch (error) {
      this.#options.signal.throwIfAborted()
      this.addProblem(`${what}: ${messageOf(error)}`)
      return undefined
    }
  }

  async fetchManifest(reference: string): Promise<StoredManifest | ManifestNotFound> {
    const { source, repository, signal } = this.#options
    this.#spend(0)
    const manifest = await source.fetchManifest(repository, reference, signal)
    // The size is known only now; the source has a limit of its own.
    if (!('notFound' in manifest)) this.#state.bytes += manifest.bytes.length
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

  /** Calls a reader. An error of it makes only its attachment unreadable. */
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
    if (this.#state.requests >= MAX_DISCOVERY_REQUESTS) throw overLimit(`${MAX_DISCOVERY_REQUESTS} requests`)
    if (this.#state.bytes + bytes > MAX_DISCOVERY_BYTES) throw overLimit(`${MAX_DISCOVERY_BYTES} bytes`)
    this.#state.requests += 1
    this.#state.bytes += bytes
  }
}

function overLimit(limit: string): CheckError {
  return new CheckError('ATTESTOR_LIMIT_EXCEEDED', `the discovery of one image is limited to ${limit}`)
}
