export type { Digest } from '@verify-images/primitives'
export type { CertificateWithIssuers, IssueOptions, IssuingAuthority } from './authorities/certificate-authority.ts'
export type { CertificateLog } from './authorities/certificate-log.ts'
export { githubWorkflow } from './authorities/keyless-identity.ts'
export type { ClaimName, GitHubWorkflow, KeylessIdentity } from './authorities/keyless-identity.ts'
export type { SigstoreInstance, TimestampAuthority } from './authorities/sigstore-instance.ts'
export type { LogEntry, TransparencyLog } from './authorities/transparency-log.ts'
export type { Content, Descriptor } from './content.ts'
export { attestation, simpleSigning } from './cosign-artifacts.ts'
export type { SignatureLayer } from './cosign-artifacts.ts'
export type { BundleOptions } from './formats/bundle-referrer.ts'
export type { LogEntryKind } from './formats/log-body.ts'
export type { BundleVersion } from './formats/sigstore-bundle.ts'
export type { Attestation } from './formats/statement.ts'
export { startLoopbackRegistry } from './loopback-registry.ts'
export type {
  Fault,
  LoggedRequest,
  LoopbackRegistry,
  LoopbackRegistryOptions,
  PutManifestOptions,
  RegistryTls,
} from './loopback-registry.ts'
export { cycloneDx, provenance, vulnerabilities } from './predicates.ts'
export type { Findings } from './predicates.ts'
export type { RepositoryStore } from './repository-store.ts'
export type { CertificateRequest, CertifiedKey, PrivateAuthority } from './signing/certified-key.ts'
export type { Flaw } from './signing/flaw.ts'
export type { NotaryOptions } from './signing/notary-signing.ts'
export type { SigningOptions } from './signing/signing.ts'
export { createSigningKey } from './signing-key.ts'
export type { HashName, KeyKind, SigningKey } from './signing-key.ts'
export { createSigningWorld } from './signing-world.ts'
export type { SigningWorld, SigningWorldOptions } from './signing-world.ts'
export type { AttestedBy, TestImage } from './test-image.ts'
export { createTlsCertificate } from './tls-certificate.ts'
export type { TlsCertificateOptions } from './tls-certificate.ts'
