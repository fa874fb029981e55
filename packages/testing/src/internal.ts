// For the tests of the packages of this repository. Not published: it also makes what no user needs, such as malformed
// DER, and the parts of signatures that a test replaces with lies.
export { CODE_SIGNING, createIssuingAuthority } from './authorities/certificate-authority.ts'
export type { IssuingAuthority } from './authorities/certificate-authority.ts'
export { MerkleTree } from './authorities/merkle-tree.ts'
export { checkpointBody, promisedBytes, signNote } from './authorities/transparency-log.ts'
export { der, toPem } from './certificates/der-writer.ts'
export type { DerWriter } from './certificates/der-writer.ts'
export { makeKeyPair, withKeys } from './certificates/key-pair.ts'
export type { KeyPair, KeyType, Signer } from './certificates/key-pair.ts'
export {
  commonName,
  distinguishedName,
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
export { startConnectProxy } from './connect-proxy.ts'
export type { ConnectProxy } from './connect-proxy.ts'
export { contentOf, descriptorOf, OCI_MANIFEST } from './content.ts'
export { attachmentTag, COSIGN_ANNOTATION, logAnnotation, simpleSigningPayload } from './cosign-artifacts.ts'
export { envelopeJson } from './formats/dsse.ts'
export { rekorBody } from './formats/log-body.ts'
export type { LogRecord } from './formats/log-body.ts'
export {
  COSE_MEDIA_TYPE,
  JWS_MEDIA_TYPE,
  makeCose,
  makeJws,
  NOTARY_PAYLOAD_TYPE,
  notaryPayload,
} from './formats/notary-envelope.ts'
export type { CoseChanges, EnvelopeParts, JwsChanges, NotaryAlgorithm } from './formats/notary-envelope.ts'
export { attestedEntry, clusterPolicy, entryOf, entryOfAll, keyAttestor, keylessAttestor } from './formats/policy.ts'
export type { PolicyObject, PolicyParts } from './formats/policy.ts'
export { makeReferrer } from './formats/referrer.ts'
export { digestSet, IN_TOTO, makeStatement } from './formats/statement.ts'
export { createMemorySource, sourceFault } from './memory-source.ts'
export type { MemorySource } from './memory-source.ts'
export { testWork } from './test-work.ts'
