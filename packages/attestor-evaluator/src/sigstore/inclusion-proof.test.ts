import { CheckError } from '@verify-images/primitives'
import { MerkleTree } from '@verify-images/testing/internal'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type InclusionProof, rootFromInclusionProof } from './inclusion-proof.ts'

const tree = fc
  .integer({ min: 1, max: 70 })
  .chain((size) => fc.record({ size: fc.constant(size), index: fc.integer({ min: 0, max: size - 1 }) }))

function proofOf({ size, index }: { size: number; index: number }): {
  leaf: Uint8Array
  root: Uint8Array
  proof: InclusionProof
} {
  const leaves = Array.from({ length: size }, (_, i) => Buffer.from(`leaf ${i}`))
  const { hashes, rootHash } = new MerkleTree(leaves).prove(index)
  const proof = { leafIndex: BigInt(index), treeSize: BigInt(size), hashes }
  return { leaf: Buffer.from(`leaf ${index}`), root: rootHash, proof }
}

test('computes the root from every leaf of every tree', () => {
  fc.assert(
    fc.property(tree, (where) => {
      const { leaf, root, proof } = proofOf(where)
      expect(Buffer.from(rootFromInclusionProof(leaf, proof)).equals(root)).toBe(true)
    }),
  )
})

type Change = (proof: InclusionProof) => InclusionProof
const changes: readonly (readonly [string, Change])[] = [
  ['one hash more', (proof) => ({ ...proof, hashes: [...proof.hashes, Buffer.alloc(32)] })],
  ['one hash fewer', (proof) => ({ ...proof, hashes: proof.hashes.slice(0, -1) })],
  ['no hashes', (proof) => ({ ...proof, hashes: [] })],
  ['a short hash', (proof) => ({ ...proof, hashes: proof.hashes.map((hash) => hash.subarray(1)) })],
  ['an index equal to the size', (proof) => ({ ...proof, leafIndex: proof.treeSize })],
  ['a negative index', (proof) => ({ ...proof, leafIndex: -1n })],
  ['tree size 0', (proof) => ({ ...proof, treeSize: 0n })],
  ['an index beyond 2^63', (proof) => ({ ...proof, leafIndex: 2n ** 64n })],
  [
    '65 536 hashes',
    (proof) => ({ ...proof, treeSize: 2n ** 63n, hashes: Array.from({ length: 65_536 }, () => Buffer.alloc(32)) }),
  ],
]

test.each(changes)('rejects a proof with %s', (_name, change) => {
  const { leaf, proof } = proofOf({ size: 13, index: 5 })
  expect(() => rootFromInclusionProof(leaf, change(proof))).toThrow(CheckError)
})

test('computes another root, or none, once anything is changed', () => {
  fc.assert(
    fc.property(tree, fc.nat(), fc.integer({ min: 1, max: 3 }), (where, seed, offset) => {
      const { leaf, root, proof } = proofOf(where)
      const moved = { ...proof, leafIndex: BigInt(Math.max(0, where.index - offset)) }
      const flipped = {
        ...proof,
        hashes: proof.hashes.map((hash, i) =>
          i === seed % proof.hashes.length ? Buffer.from(hash).fill(0, 0, 1) : hash,
        ),
      }
      const sameHash = proof.hashes.length === 0 || proof.hashes[seed % proof.hashes.length]?.[0] === 0
      for (const other of [...(moved.leafIndex === proof.leafIndex ? [] : [moved]), ...(sameHash ? [] : [flipped])]) {
        expect(attempt(leaf, other)?.equals(root) ?? false).toBe(false)
      }
      expect(attempt(Buffer.from('another leaf'), proof)?.equals(root)).toBe(false)
    }),
  )
})

function attempt(leaf: Uint8Array, proof: InclusionProof): Buffer | undefined {
  try {
    return Buffer.from(rootFromInclusionProof(leaf, proof))
  } catch (error) {
    if (error instanceof CheckError) return undefined
    throw error
  }
}
