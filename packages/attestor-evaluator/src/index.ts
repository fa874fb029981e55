export type {
  ArtifactSource, Descriptor, Digest, ImageSubject, KeyResolver, KeySource, ManifestNotFound, ReferrerListing, SourceFault, StoredManifest,
} from './ports.ts'
export type { Evidence, EvidenceFormat, Outcome, Reason, Signer } from './outcome.ts'
