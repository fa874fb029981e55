import { CheckError } from '@verify-images/primitives'
import { createHash } from 'node:crypto'
import { MAX_PROOF_HASHES } from '../limits.ts'

/** The position of a leaf in a Merkle tree, and the hashes that lead from it to the root. */
export interface InclusionProof {
  readonly leafIndex: bigint
  readonly treeSize: bigint
  readonly hashes: readonly Uint8Array[]
}

/**
 * Computes the root hash of the tree that has the leaf at this position.
 *
 * Index and tree size fix the number of hashes; one more or fewer is refused, so that the proof fits one tree only.
 *
 * @throws CheckError ATTESTOR_LOG_ENTRY_INVALID
 * @see RFC 6962, section 2.1.1; RFC 9162, section 2.1.3.2
 */
export function rootFromInclusionProof(leaf: Uint8Array, { leafIndex, treeSize, hashes }: InclusionProof): Uint8Array {
  if (leafIndex < 0n || leafIndex >= treeSize)
    throw invalid(`expected an index below the tree size ${treeSize}, got ${leafIndex}`)
  if (hashes.length > MAX_PROOF_HASHES)
    throw invalid(`expected at most ${MAX_PROOF_HASHES} hashes, got ${hashes.length}`)
  if (hashes.some((hash) => hash.length !== 32)) throw invalid('expected SHA-256 hashes, got one of another length')
  let last = treeSize - 1n
  let index = leafIndex
  let root: Uint8Array = sha256(0x00, leaf)
  for (const hash of hashes) {
    if (last === 0n) throw invalid('it has more hashes than the tree has levels')
    if ((index & 1n) === 1n || index === last) {
      root = sha256(0x01, hash, root)
      // The right edge of the tree is not full: skip the levels in which this node has no sibling.
      while ((index & 1n) === 0n && index !== 0n) {
        index >>= 1n
        last >>= 1n
      }
    } else {
      root = sha256(0x01, root, hash)
    }
    index >>= 1n
    last >>= 1n
  }
  if (last !== 0n) throw invalid('it has fewer hashes than the tree has levels')
  return root
}

function sha256(prefix: number, ...parts: readonly Uint8Array[]): Uint8Array {
  const hash = createHash('sha256').update(Uint8Array.of(prefix))
  for (const part of parts) hash.update(part)
  return hash.digest()
}

function invalid(problem: string): CheckError {
  return new CheckError('ATTESTOR_LOG_ENTRY_INVALID', `inclusion proof: ${problem}`)
}
