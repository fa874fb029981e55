import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { MerkleTree, type InclusionProof } from './merkle-tree.ts'

const sha256 = (...parts: readonly Uint8Array[]): Uint8Array =>
  createHash('sha256').update(Buffer.concat(parts)).digest()
const leaf = (text: string): Uint8Array => sha256(Uint8Array.of(0), Buffer.from(text))
const node = (left: Uint8Array, right: Uint8Array): Uint8Array => sha256(Uint8Array.of(1), left, right)

test('returns the leaf hash as the root of a tree with one entry', () => {
  expect(new MerkleTree().append(Buffer.from('a'))).toEqual({
    leafIndex: 0,
    treeSize: 1,
    rootHash: leaf('a'),
    hashes: [],
  })
})

test('proves each new entry of a tree with five entries', () => {
  const tree = new MerkleTree()
  const proofs = ['a', 'b', 'c', 'd', 'e'].map((text) => tree.append(Buffer.from(text)))
  const [ab, cd] = [node(leaf('a'), leaf('b')), node(leaf('c'), leaf('d'))]
  expect(proofs[2]).toEqual<InclusionProof>({ leafIndex: 2, treeSize: 3, rootHash: node(ab, leaf('c')), hashes: [ab] })
  expect(proofs[3]).toEqual<InclusionProof>({
    leafIndex: 3,
    treeSize: 4,
    rootHash: node(ab, cd),
    hashes: [leaf('c'), ab],
  })
  expect(proofs[4]).toEqual<InclusionProof>({
    leafIndex: 4,
    treeSize: 5,
    rootHash: node(node(ab, cd), leaf('e')),
    hashes: [node(ab, cd)],
  })
})
