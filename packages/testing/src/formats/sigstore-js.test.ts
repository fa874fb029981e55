import { bundleFromJSON } from '@sigstore/bundle'
import { TrustedRoot } from '@sigstore/protobuf-specs'
import { toSignedEntity, toTrustMaterial, Verifier } from '@sigstore/verify'
import { expect, test } from 'vitest'
import { createSigstoreInstance } from '../authorities/sigstore-instance.ts'
import { contentOf, descriptorOf, OCI_MANIFEST } from '../content.ts'
import type { Flaw } from '../signing/flaw.ts'
import { prepareSigning, type SigningOptions } from '../signing/signing.ts'
import { BUNDLE_LOG_EVIDENCE, makeBundle, type BundleFormat } from './sigstore-bundle.ts'

const instance = createSigstoreInstance('sigstore')
const untrusted = createSigstoreInstance('untrusted')
const defaults = { now: new Date('2026-11-25T00:00:00Z'), instance: () => instance, untrusted: () => untrusted }
const identity = {
  subject: 'https://github.com/acme/app/.github/workflows/release.yml@refs/heads/main',
  issuer: 'https://token.actions.githubusercontent.com',
}
const manifest = contentOf(OCI_MANIFEST, Buffer.from('{}'))
const statement = { type: 'https://example.com/v1', predicate: {} }

/** Returns whether Sigstore's own client accepts a bundle. Our verifier alone could share a mistake with our signer. */
function accepts(form: BundleFormat, options: SigningOptions): boolean {
  const signing = prepareSigning(identity, options, BUNDLE_LOG_EVIDENCE[form.version], defaults)
  const bundle = bundleFromJSON(
    JSON.parse(
      Buffer.from(
        makeBundle(signing, { descriptor: descriptorOf(manifest), bytes: manifest.bytes }, form).bytes,
      ).toString(),
    ),
  )
  const verifier = new Verifier(toTrustMaterial(TrustedRoot.fromJSON(JSON.parse(instance.trustedRootJson))))
  try {
    verifier.verify(toSignedEntity(bundle, form.content === 'message' ? Buffer.from(manifest.bytes) : undefined))
    return true
  } catch {
    return false
  }
}

const FORMS: readonly (readonly [BundleFormat, SigningOptions])[] = [
  [{ version: '0.1', content: statement, entry: 'dsse' }, {}],
  [{ version: '0.2', content: statement, entry: 'dsse' }, {}],
  [{ version: '0.3', content: statement, entry: 'dsse' }, {}],
  [{ version: '0.3', content: statement, entry: 'intoto' }, {}],
  [{ version: '0.3', content: 'message', entry: 'hashedrekord' }, {}],
  [{ version: '0.3', content: statement, entry: 'dsse' }, { timestamp: true }],
  [{ version: '0.3', content: statement, entry: 'dsse' }, { log: 'v2' }],
  [{ version: '0.3', content: statement, entry: 'hashedrekord' }, { log: 'v2' }],
  [{ version: '0.3', content: 'message', entry: 'hashedrekord' }, { log: 'v2' }],
]

test.each(FORMS)('makes a bundle that sigstore-js accepts: %o, %o', (form, options) => {
  expect(accepts(form, options)).toBe(true)
})

test.each<Flaw>([
  'broken-signature',
  'expired-certificate',
  'untrusted-authority',
  'untrusted-certificate-log',
  'no-certificate-timestamp',
  'other-log-entry',
  'untrusted-log',
  'altered-log-time',
  'broken-inclusion-proof',
])('makes a bundle that sigstore-js rejects for the flaw %s', (flaw) => {
  expect(accepts({ version: '0.3', content: statement, entry: 'dsse' }, { flaw })).toBe(false)
})
