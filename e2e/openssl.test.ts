import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createSigningWorld, type SigningWorld, type TestImage } from '@verify-images/testing'
import { entryOf } from '@verify-images/testing/internal'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { judge } from './judge.ts'

const folder = mkdtempSync(join(tmpdir(), 'verify-images-openssl-'))
const openssl = (...argv: readonly string[]): Buffer => execFileSync('openssl', argv, { cwd: folder, stdio: 'pipe' })
const pem = (name: string): string => readFileSync(join(folder, name), 'utf8')
const hasOpenssl = ((): boolean => {
  try {
    return openssl('version').length > 0
  } catch {
    return false
  }
})()
if (!hasOpenssl) console.warn('SKIPPED: no openssl, which makes the certificates of these tests')

const NEW_KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'] as const

/** Makes a certificate and key of a private authority, as its documentation tells the operator to. */
function issue(name: string, extensions: string | undefined): void {
  openssl('req', '-new', ...NEW_KEY, '-keyout', `${name}.key`, '-out', `${name}.csr`, '-subj', `/CN=${name}`)
  writeFileSync(join(folder, `${name}.ext`), extensions ?? '')
  const extended = extensions === undefined ? [] : ['-extfile', `${name}.ext`]
  const by = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-days', '30']
  openssl('x509', '-req', '-in', `${name}.csr`, ...by, ...extended, '-out', `${name}.pem`)
}

describe.skipIf(!hasOpenssl)('certificates that openssl makes', () => {
  let world: SigningWorld
  let count = 0
  beforeAll(async () => {
    // The certificates begin to be valid now.
    openssl('req', '-x509', ...NEW_KEY, '-keyout', 'ca.key', '-out', 'ca.pem', '-subj', '/CN=private ca', '-days', '30')
    world = await createSigningWorld({ now: new Date(Date.now() + 60_000) })
  })
  afterAll(async () => {
    await world.close()
    rmSync(folder, { recursive: true })
  })

  /** An image with a cosign signature that openssl made with the key of a certificate. */
  function signedImage(signer: string): TestImage {
    const image = world.image(`registry.test/openssl:${String(count++)}`)
    const payload = JSON.stringify({
      critical: {
        identity: { 'docker-reference': 'registry.test/openssl' },
        image: { 'docker-manifest-digest': image.digest },
        type: 'cosign container image signature',
      },
      optional: null,
    })
    writeFileSync(join(folder, 'payload'), payload)
    const signature = openssl('dgst', '-sha256', '-sign', `${signer}.key`, 'payload').toString('base64')
    const annotations = {
      'dev.cosignproject.cosign/signature': signature,
      'dev.sigstore.cosign/certificate': pem(`${signer}.pem`),
    }
    const layer = world.registry.putBlob(payload)
    const config = { ...world.registry.putBlob('{}'), mediaType: 'application/vnd.oci.image.config.v1+json' }
    const mediaType = 'application/vnd.dev.cosign.simplesigning.v1+json'
    const manifest = { schemaVersion: 2, config, layers: [{ ...layer, mediaType, annotations }] }
    world.registry.putManifest('openssl', manifest, { tag: `${image.digest.replace(':', '-')}.sig` })
    return image
  }

  const trusting = (certificates: object): object =>
    entryOf({ certificates: { ...certificates, rekor: { ignoreTlog: true }, ctlog: { ignoreSCT: true } } })

  test.each<[string, string | undefined, 'accepted' | 'rejected']>([
    ['without extensions', undefined, 'accepted'],
    ['without usages', 'basicConstraints=CA:FALSE', 'accepted'],
    ['with a key usage alone', 'keyUsage=digitalSignature', 'accepted'],
    ['for code signing', 'keyUsage=digitalSignature\nextendedKeyUsage=codeSigning', 'accepted'],
    ['for servers', 'extendedKeyUsage=serverAuth', 'rejected'],
    ['for encryption', 'keyUsage=keyEncipherment', 'rejected'],
  ])('judges a signature by a leaf of a private authority %s', async (name, extensions, outcome) => {
    const signer = name.replaceAll(' ', '-')
    issue(signer, extensions)
    const verdict = await judge(world, signedImage(signer), trusting({ certChain: pem('ca.pem') }))
    expect(verdict).toMatchObject({ outcome })
    if (outcome === 'rejected') expect(verdict.rules[0]?.reasons[0]?.message).toContain(`CN=${signer}`)
  })

  test('accepts a self-signed certificate of `openssl req -x509` that the policy names', async () => {
    for (const certificates of [{ cert: pem('ca.pem') }, { certChain: pem('ca.pem') }])
      expect(await judge(world, signedImage('ca'), trusting(certificates))).toMatchObject({ outcome: 'accepted' })
  })

  test('control: rejects a self-signed certificate of another authority with the same name', async () => {
    openssl('req', '-x509', ...NEW_KEY, '-keyout', 'other.key', '-out', 'other.pem', '-subj', '/CN=private ca')
    for (const certificates of [{ cert: pem('other.pem') }, { certChain: pem('other.pem') }])
      expect(await judge(world, signedImage('ca'), trusting(certificates))).toMatchObject({ outcome: 'rejected' })
  })
})
