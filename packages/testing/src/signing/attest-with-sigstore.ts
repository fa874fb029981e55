import type { KeylessIdentity } from '../authorities/keyless-identity.ts'
import type { SigstoreServices } from '../authorities/sigstore-services.ts'
import { digestSet, IN_TOTO, makeStatement, type Attestation } from '../formats/statement.ts'
import type { TestImage } from '../test-image.ts'

/** Returns the bundle that the `sigstore` client makes of a statement about an image. */
export async function attestWithSigstore(
  { url, identityToken }: SigstoreServices,
  { digest }: Pick<TestImage, 'digest'>,
  identity: KeylessIdentity,
  { type, predicate }: Attestation,
): Promise<object> {
  // Loaded only when asked for: most tests sign without it.
  const { attest } = await import('sigstore')
  const subject = [{ digest: digestSet(digest) }]
  const statement = makeStatement({ type: 'https://in-toto.io/Statement/v1', subject }, type, predicate)
  return attest(Buffer.from(statement), IN_TOTO, {
    fulcioURL: url,
    rekorURL: url,
    tsaServerURL: url,
    identityToken: identityToken(identity),
    retry: false,
  })
}
