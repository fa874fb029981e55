import type { Descriptor } from '../content.ts'
import { prepareNotarySigning, type NotaryOptions } from '../signing/notary-signing.ts'
import type { CertifiedKey } from '../signing/certified-key.ts'
import type { SigningPlace } from '../signing/signing.ts'
import { makeCoseEnvelope, makeJwsEnvelope, thumbprints } from './notary-envelope.ts'
import { creationTime, makeReferrer, type Referrer } from './referrer.ts'

/** A signature of the Notary Project as it stands beside what it is of. */
export function notaryReferrer(
  target: Descriptor,
  key: CertifiedKey,
  options: NotaryOptions,
  place: SigningPlace,
): Referrer {
  const signing = prepareNotarySigning(key, options, place)
  const makeEnvelope = options.envelope === 'cose' ? makeCoseEnvelope : makeJwsEnvelope
  return makeReferrer(target, 'application/vnd.cncf.notary.signature', makeEnvelope(signing.target(target), signing), {
    'io.cncf.notary.x509chain.thumbprint#S256': thumbprints(key),
    'org.opencontainers.image.created': creationTime(signing.at),
  })
}
