import { anything, oneOf, type OptionTable } from '@verify-images/primitives'
import type { KeylessIdentity } from '../authorities/keyless-identity.ts'
import { checkOptions } from '../check-options.ts'
import { prepareSigning, signingOptions, type SigningOptions, type SigningPlace } from '../signing/signing.ts'
import type { SigningKey } from '../signing-key.ts'
import { aLogEntryKind, type LogEntryKind } from './log-body.ts'
import { creationTime, makeReferrer, type Referrer } from './referrer.ts'
import {
  BUNDLE_LOG_FORMS,
  BUNDLE_MEDIA_TYPES,
  makeBundle,
  type BundleSubject,
  type BundleVersion,
} from './sigstore-bundle.ts'
import { assertAttestation, type Attestation } from './statement.ts'

export interface BundleOptions extends SigningOptions {
  /** 0.3 unless given. Kyverno and cosign read older ones from no registry. */
  readonly version?: BundleVersion | undefined
  /** What is said of the image; unless given, cosign's own statement that it is signed. `message` signs the manifest itself. */
  readonly content?: 'message' | Attestation | undefined
  /** How a log takes a statement in; `dsse` in Rekor v1 and `hashedrekord` in v2 unless given. */
  readonly entry?: LogEntryKind | undefined
}

const bundleOptions: OptionTable<BundleOptions> = {
  ...signingOptions,
  version: oneOf(...Object.keys(BUNDLE_MEDIA_TYPES)),
  content: anything,
  entry: aLogEntryKind,
}

/** What cosign 3 says of an image that it signs. */
const COSIGN_STATEMENT: Attestation = { type: 'https://sigstore.dev/cosign/sign/v1', predicate: {} }

/** A bundle as it stands beside an image in a registry. */
export function bundleReferrer(
  subject: BundleSubject,
  signer: SigningKey | KeylessIdentity,
  options: BundleOptions,
  place: SigningPlace,
): Referrer {
  checkOptions(options, bundleOptions)
  const {
    version = '0.3',
    content = COSIGN_STATEMENT,
    entry = options.log === 'v2' ? 'hashedrekord' : 'dsse',
  } = options
  if (content !== 'message') assertAttestation(content)
  const signing = prepareSigning(signer, options, BUNDLE_LOG_FORMS[version], place)
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
