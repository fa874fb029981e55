import type { Descriptor } from '../content.ts'
import { prepareNotarySigning, type NotaryOptions } from '../signing/notary-signing.ts'
import type { CertifiedKey } from '../signing/certified-key.ts'
import type { SigningDefaults } from '../signing/signing.ts'
import { makeNotaryEnvelope, thumbprints } from './notary-envelope.ts'
import { creationTime, makeReferrer, type Referrer } from './referrer.ts'

/** Makes a Notary Project signature and the manifest by which it refers to its target. */
export function notaryReferrer(
  target: Descriptor,
  key: CertifiedKey,
  options: NotaryOptions,
  defaults: SigningDefaults,
): Referrer {
  const signing = prepareNotarySigning(key, options, defaults)
  const envelope = makeNotaryEnvelope(signing.target(target), options.envelope ?? 'jws', signing)
  return makeReferrer(target, 'application/vnd.cncf.notary.signature', envelope, {
    'io.cncf.notary.x509chain.thumbprint#S256': thumbprints(key),
    'org.opencontainers.image.created': creationTime(signing.at),
  })
}
