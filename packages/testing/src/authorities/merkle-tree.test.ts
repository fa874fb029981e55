import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { MerkleTree, type InclusionProof } from './merkle-tree.ts'

const sha256 = (...parts: readonly Uint8Array[]): Uint8Array =>
  createHash('sha256').update(Buffer.concat(parts)).digest()
const leaf = (text: string): Uint8Array => sha256(Uint8Array.of(0), Buffer.from(text))
const node = (left: Uint8Array, right: Uint8Array): Uint8Array => sha256(Uint8Array.of(1), left, right)
/** Grows with each vector below. */
const reference = new MerkleTree()

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

test('proves an earlier entry in the tree as it is now', () => {
  const tree = new MerkleTree(['a', 'b', 'c', 'd', 'e'].map((text) => Buffer.from(text)))
  expect(tree.prove(2)).toMatchObject({
    treeSize: 5,
    hashes: [leaf('d'), node(leaf('a'), leaf('b')), leaf('e')],
  })
  expect(tree.prove(4).rootHash).toEqual(tree.prove(0).rootHash)
})

// The vectors of the reference implementation of RFC 6962 (google/certificate-transparency, merkle_tree_test.cc).
test.each([
  ['', '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d'],
  ['00', 'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125'],
  ['10', 'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77'],
  ['2021', 'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7'],
  ['3031', '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4'],
  ['40414243', '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef'],
  ['5051525354555657', 'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c'],
  ['606162636465666768696a6b6c6d6e6f', '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328'],
])('has the root hash of the reference implementation after the leaf "%s"', (entry, root) => {
  expect(Buffer.from(reference.append(Buffer.from(entry, 'hex')).rootHash).toString('hex')).toBe(root)
})
