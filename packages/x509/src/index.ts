export { buildChain, buildChainInSlices } from './build-chain.ts'
export type { CertificateChain, ChainRequest } from './build-chain.ts'
export type { Certificate } from './certificate.ts'
export { CertificateError } from './certificate-error.ts'
export type { ChainUsage, UsageOptions } from './chain-usage.ts'
export { checkValidity, verifyIssuedBy } from './check-certificate.ts'
export { contentOf, openDer } from './der/cursor.ts'
export type { DerCursor, DerElement } from './der/cursor.ts'
export { strictDer } from './der/strict-der.ts'
export type { DerLimits } from './der/strict-der.ts'
export { TAG, contextTag } from './der/tag.ts'
export {
  readBitString,
  readBoolean,
  readInteger,
  readOctetsOfBitString,
  readOid,
  readSmallInteger,
  readText,
  readTime,
} from './der/values.ts'
export { hasDefinedStringType, readDistinguishedName } from './distinguished-name.ts'
export type { DistinguishedName, NameAttribute } from './distinguished-name.ts'
export { readExtensions } from './extension.ts'
export type { Extension } from './extension.ts'
export { parseGoCertificate } from './go-dialect/go-certificate.ts'
export type { GoCertificate, GoName, GoSigned, RsaKey } from './go-dialect/go-certificate.ts'
export { isGoDomain } from './go-dialect/go-extensions.ts'
export type {
  GoAlternativeNames,
  GoExtensionFields,
  GoNameConstraints,
  GoSubtrees,
} from './go-dialect/go-extensions.ts'
export { parseGoCertificateRequest } from './go-dialect/go-request.ts'
export type { GoAnyValue, GoAttribute, GoCertificateRequest } from './go-dialect/go-request.ts'
export { readGeneralName } from './general-name.ts'
export type { GeneralName } from './general-name.ts'
export type { BasicConstraints, KeyUsage } from './known-extensions.ts'
export type { NameConstraints } from './name-constraints.ts'
export type { NameSubtree } from './name-subtree.ts'
export { parseCertificate, parseCertificates, parseCertificatesInSlices } from './parse-certificate.ts'
export { firstGoPemBlock, readPem } from './pem.ts'
export type { PemBlock, PemOptions } from './pem.ts'
export { parsePublicKey } from './public-key.ts'
export type { Curve, PublicKey } from './public-key.ts'
export { digestBytes, readHashAlgorithm, readSignatureAlgorithm } from './signature-algorithm.ts'
export type { HashName, NamedAlgorithm, SignatureAlgorithm } from './signature-algorithm.ts'
export type { Work } from './steps.ts'
export { verifySignatureBytes, verifySignatureInSlices } from './verify-signature-bytes.ts'
export { parseTimestampToken } from './timestamp/parse-timestamp-token.ts'
export type { TimestampToken } from './timestamp/parse-timestamp-token.ts'
export type { SignerId, SignerInfo } from './timestamp/signer-info.ts'
export type { MessageDigest, TimestampInfo } from './timestamp/timestamp-info.ts'
export { verifyTimestampToken, verifyTimestampTokenInSlices } from './timestamp/verify-timestamp-token.ts'
export type { TimestampAuthority, TimestampRequest, VerifiedTimestamp } from './timestamp/verify-timestamp-token.ts'
