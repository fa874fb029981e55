import { createHash } from 'node:crypto'

export interface InclusionProof {
  readonly leafIndex: number
  readonly treeSize: number
  readonly rootHash: Uint8Array
  readonly hashes: readonly Uint8Array[]
}

/**
 * An append-only Merkle tree. Each proof hashes the whole tree again, which is fast enough for tests.
 *
 * @see RFC 6962, section 2.1
 */
export class MerkleTree {
  readonly #leaves: Uint8Array[]

  constructor(entries: readonly Uint8Array[] = []) {
    this.#leaves = entries.map((entry) => hash(0, entry))
  }

  /** Appends an entry and returns its inclusion proof in the tree that it completes. */
  append(entry: Uint8Array): InclusionProof {
    return this.prove(this.#leaves.push(hash(0, entry)) - 1)
  }

  /** Returns the inclusion proof of an entry in the tree as it is now. */
  prove(leafIndex: number): InclusionProof {
    return {
      leafIndex,
      treeSize: this.#leaves.length,
      rootHash: root(this.#leaves),
      hashes: path(leafIndex, this.#leaves),
    }
  }
}

function root(leaves: readonly Uint8Array[]): Uint8Array {
  const [only = new Uint8Array()] = leaves
  if (leaves.length === 1) return only
  const split = splitOf(leaves.length)
  return hash(1, root(leaves.slice(0, split)), root(leaves.slice(split)))
}

function path(index: number, leaves: readonly Uint8Array[]): readonly Uint8Array[] {
  if (leaves.length === 1) return []
  const split = splitOf(leaves.length)
  const [left, right] = [leaves.slice(0, split), leaves.slice(split)]
  return index < split ? [...path(index, left), root(right)] : [...path(index - split, right), root(left)]
}

/** Returns the largest power of two below the number of leaves. */
function splitOf(count: number): number {
  return 2 ** Math.ceil(Math.log2(count) - 1)
}

function hash(prefix: number, ...parts: readonly Uint8Array[]): Uint8Array {
  return createHash('sha256')
    .update(Buffer.concat([Uint8Array.of(prefix), ...parts]))
    .digest()
}
