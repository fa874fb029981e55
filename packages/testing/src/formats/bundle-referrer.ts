import { anything, oneOf, type OptionTable } from '@verify-images/primitives'
import type { KeylessIdentity } from '../authorities/keyless-identity.ts'
import { checkOptions } from '../check-options.ts'
import { prepareSigning, signingOptions, type SigningOptions, type SigningDefaults } from '../signing/signing.ts'
import type { SigningKey } from '../signing-key.ts'
import { aLogEntryKind, type LogEntryKind } from './log-body.ts'
import { creationTime, makeReferrer, type Referrer } from './referrer.ts'
import {
  BUNDLE_LOG_EVIDENCE,
  BUNDLE_MEDIA_TYPES,
  makeBundle,
  type BundleSubject,
  type BundleVersion,
} from './sigstore-bundle.ts'
import { assertAttestation, type Attestation } from './statement.ts'

export interface BundleOptions extends SigningOptions {
  /** Default: `0.3`. Kyverno and cosign do not read older versions from a registry. */
  readonly version?: BundleVersion | undefined
  /** `message` signs the manifest itself. Default: the statement that `cosign sign` makes. */
  readonly content?: 'message' | Attestation | undefined
  /** The kind of the log entry for a statement. Default: `dsse` in Rekor v1, `hashedrekord` in v2. */
  readonly entry?: LogEntryKind | undefined
}

const bundleOptions: OptionTable<BundleOptions> = {
  ...signingOptions,
  version: oneOf(...Object.keys(BUNDLE_MEDIA_TYPES)),
  content: anything,
  entry: aLogEntryKind,
}

/** The statement of `cosign sign` since version 3. */
export const COSIGN_STATEMENT: Attestation = { type: 'https://sigstore.dev/cosign/sign/v1', predicate: {} }

/** Makes a bundle and the manifest by which it refers to an image. */
export function bundleReferrer(
  subject: BundleSubject,
  signer: SigningKey | KeylessIdentity,
  options: BundleOptions,
  defaults: SigningDefaults,
): Referrer {
  checkOptions(options, bundleOptions)
  const {
    version = '0.3',
    content = COSIGN_STATEMENT,
    entry = options.log === 'v2' ? 'hashedrekord' : 'dsse',
  } = options
  if (content !== 'message') assertAttestation(content)
  const signing = prepareSigning(signer, options, BUNDLE_LOG_EVIDENCE[version], defaults)
  return makeReferrer(
    subject.descriptor,
    BUNDLE_MEDIA_TYPES[version],
    makeBundle(signing, subject, { version, content, entry }),
    {
      'dev.sigstore.bundle.content': content === 'message' ? 'message-signature' : 'dsse-envelope',
      ...(content !== 'message' && { 'dev.sigstore.bundle.predicateType': content.type }),
      'org.opencontainers.image.created': creationTime(signing.at),
    },
  )
}
