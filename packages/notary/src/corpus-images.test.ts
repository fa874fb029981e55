import { reasonsOf } from '@verify-images/primitives'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createNotaryVerifier } from './notary-verifier.ts'
import { attestorWith, certificates, imageOf, runOver, startCorpusWorld } from './testing/corpus-world.ts'
import type { CorpusWorld } from './testing/corpus-world.ts'

let world: CorpusWorld
beforeAll(async () => {
  world = await startCorpusWorld()
})
afterAll(() => world.close())

/**
 * What notation itself says of each image under level strict, with the certificates named and no responder for
 * revocation.
 */
const IMAGES: readonly (readonly [
  image: string,
  certificates: string,
  outcome: 'accepted' | 'rejected' | 'inconclusive',
  code: string,
])[] = [
  ['notation-and-cosign', 'rsa-root', 'accepted', ''],
  ['notation-attested-only', 'rsa-root', 'rejected', 'ATTESTOR_NO_SIGNATURE'],
  ['notation-attested-other-ca', 'rsa-root', 'accepted', ''],
  ['notation-attested-unsigned', 'rsa-root', 'accepted', ''],
  ['notation-cert-expired', 'rsa-root', 'rejected', 'ATTESTOR_CERTIFICATE_EXPIRED'],
  ['notation-copied', 'rsa-root', 'rejected', 'ATTESTOR_PAYLOAD_MISMATCH'],
  ['notation-cose', 'rsa-root', 'accepted', ''],
  ['notation-cose', 'other-root', 'rejected', 'ATTESTOR_CERTIFICATE_UNTRUSTED'],
  ['notation-cose-ec', 'ec-root', 'accepted', ''],
  ['notation-expired', 'rsa-root', 'rejected', 'ATTESTOR_SIGNATURE_EXPIRED'],
  ['notation-index', 'rsa-root', 'accepted', ''],
  ['notation-jws', 'rsa-root', 'accepted', ''],
  ['notation-jws', 'rsa-leaf', 'accepted', ''],
  ['notation-jws', 'other-root', 'rejected', 'ATTESTOR_CERTIFICATE_UNTRUSTED'],
  ['notation-jws-ec', 'ec-root', 'accepted', ''],
  ['notation-jws-ec', 'rsa-root', 'rejected', 'ATTESTOR_CERTIFICATE_UNTRUSTED'],
  ['notation-jws-ec384', 'ec-root', 'accepted', ''],
  ['notation-metadata', 'rsa-root', 'accepted', ''],
  ['notation-other-ca', 'rsa-root', 'rejected', 'ATTESTOR_CERTIFICATE_UNTRUSTED'],
  ['notation-other-ca', 'other-root', 'accepted', ''],
  ['notation-revoked', 'rsa-root', 'inconclusive', 'ATTESTOR_REVOCATION_UNKNOWN'],
  ['notation-tampered', 'rsa-root', 'rejected', 'ATTESTOR_SIGNATURE_INVALID'],
  ['notation-timestamped', 'rsa-root', 'rejected', 'ATTESTOR_CERTIFICATE_EXPIRED'],
  ['notation-two', 'rsa-root', 'accepted', ''],
  ['notation-two', 'other-root', 'accepted', ''],
  ['signed-a', 'rsa-root', 'rejected', 'ATTESTOR_NO_SIGNATURE'],
]

test.each(IMAGES)('%s under %s is %s', async (tag, name, kind, code) => {
  const image = imageOf(`registry.local:5000/app:${tag}`)
  const outcome = await createNotaryVerifier().verifySignature(
    { image, attestor: attestorWith(certificates(name)), path: 'p' },
    runOver(world.source()),
  )
  expect({ kind: outcome.kind, code: outcome.kind === 'accepted' ? '' : reasonsOf(outcome.failure)[0].code }).toEqual({
    kind,
    code,
  })
})
