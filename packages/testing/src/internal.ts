// For the tests of the packages of this repository. Not published: it also makes what no user needs, such as malformed
// DER.
export { MerkleTree } from './authorities/merkle-tree.ts'
export { der, toPem } from './certificates/der-writer.ts'
export type { DerWriter } from './certificates/der-writer.ts'
export { makeKeyPair, withKeys } from './certificates/key-pair.ts'
export type { KeyPair, KeyType, Signer } from './certificates/key-pair.ts'
export {
  commonName,
  encodeExtensions,
  generalName,
  makeCertificate,
  makeTbsCertificate,
} from './certificates/make-certificate.ts'
export type {
  CertificateTemplate,
  ExtensionTemplate,
  KeyUsage,
  MadeCertificate,
} from './certificates/make-certificate.ts'
export { makeTimestampAuthority } from './certificates/timestamp-authority.ts'
export type { TestTimestampAuthority, TimestampOptions } from './certificates/timestamp-authority.ts'
export { OCI_MANIFEST } from './content.ts'
export { createMemorySource, sourceFault } from './memory-source.ts'
export type { MemorySource } from './memory-source.ts'
