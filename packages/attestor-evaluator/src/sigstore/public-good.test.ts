import { createRequire } from 'node:module'
import { expect, test } from 'vitest'
import { builtInTrust } from './public-good.ts'
import { PUBLIC_GOOD_AS_OF, PUBLIC_GOOD_RELEASE, PUBLIC_GOOD_ROOT } from './public-good-root.ts'
import { staleTrust } from './trust-material.ts'

const require = createRequire(import.meta.url)
const signal = new AbortController().signal

test('is the root that the installed release of @sigstore/tuf starts from', () => {
  const { version } = require('@sigstore/tuf/package.json') as { readonly version: string }
  const seeds = require('@sigstore/tuf/seeds.json') as Readonly<
    Record<string, { readonly targets: Readonly<Record<string, string>> }>
  >
  const seed = seeds['https://tuf-repo-cdn.sigstore.dev']?.targets['trusted_root.json'] ?? ''
  expect(JSON.parse(PUBLIC_GOOD_ROOT)).toEqual(JSON.parse(Buffer.from(seed, 'base64').toString('utf8')))
  expect(PUBLIC_GOOD_RELEASE).toBe(`@sigstore/tuf ${version}`)
})

test('knows the authorities and logs of sigstore.dev, of which each kind is valid when it was taken', async () => {
  const trust = builtInTrust()
  const material = await trust.load(signal)
  expect(material.certificateAuthorities.map(({ uri }) => uri)).toContain('https://fulcio.sigstore.dev')
  expect(material.transparencyLogs.map(({ host }) => host)).toContain('rekor.sigstore.dev')
  expect(material.timestampAuthorities.length).toBeGreaterThan(0)
  expect(material.certificateLogs.length).toBeGreaterThan(0)
  expect(staleTrust(material, new Date(trust.origin().asOf ?? ''))).toEqual([])
})

test('states its age, also in the trust that it loads', async () => {
  expect(builtInTrust().origin()).toEqual({ asOf: `${PUBLIC_GOOD_AS_OF}T00:00:00.000Z` })
  expect((await builtInTrust().load(signal)).origin).toEqual(builtInTrust().origin())
})

test('is parsed once for the process, and not for an aborted evaluation', async () => {
  expect(await builtInTrust().load(signal)).toBe(await builtInTrust().load(signal))
  await expect(builtInTrust().load(AbortSignal.abort(new Error('enough')))).rejects.toThrow('enough')
})
