import { CheckError } from '@verify-images/primitives'
import { bundleFromJSON } from '@sigstore/bundle'
import { TrustedRoot } from '@sigstore/protobuf-specs'
import { toSignedEntity, toTrustMaterial, Verifier } from '@sigstore/verify'
import { expect, test } from 'vitest'
import type { Digest } from '@verify-images/primitives'
import { parseTrustedRoot } from '../sigstore/trusted-root.ts'
import { readCorpusBundle } from '../testing/corpus-bundle.ts'
import { readCorpusText } from '../testing/corpus-source.ts'
import { verifyWithStatement } from '../testing/bundle-parts.ts'
import { parseBundle } from './parse-bundle.ts'
import { testWork } from '@verify-images/testing/internal'

const root = readCorpusText('registry/trust/sigstore-1/trusted_root-rekor2.json')
const tags = [
  'bundle-keyless',
  'bundle-keyless-attested-vuln',
  'bundle-keyless-bad-proof',
  'bundle-keyless-chain-form-v03',
  'bundle-keyless-expired',
  'bundle-keyless-github-attestation-like',
  'bundle-keyless-intoto',
  'bundle-keyless-no-proof',
  'bundle-keyless-no-sct',
  'bundle-keyless-no-set',
  'bundle-keyless-no-time',
  'bundle-keyless-no-tlog',
  'bundle-keyless-other-root',
  'bundle-keyless-tsa-only',
  'bundle-keyless-uri',
  'bundle-keyless-wrong-entry',
  'bundle-rekor2',
  'bundle-rekor2-bad-checkpoint',
  'bundle-rekor2-no-tsa',
  'bundle-v01',
  'bundle-v02',
]

/**
 * Sigstore's own client reads other rules in places; it must never be the stricter one of two that share a
 * specification.
 */
test.each(tags)('agrees with sigstore-js about %s', async (tag) => {
  const { digest, text } = readCorpusBundle(tag)
  expect({ tag, accepted: await ours(text, digest) }).toEqual({ tag, accepted: theirs(text) })
})

async function ours(text: string, digest: Digest): Promise<boolean> {
  try {
    const trust = parseTrustedRoot(root)
    await verifyWithStatement(await parseBundle(Buffer.from(text)), {
      digest,
      trust,
      requiredLogs: 1,
      observedTimeRequired: true,
      timestampRequired: false,
      sctRequired: true,
      now: new Date('2026-11-25'),
      work: testWork(),
    })
    return true
  } catch (error) {
    if (error instanceof CheckError) return false
    throw error
  }
}

function theirs(text: string): boolean {
  try {
    new Verifier(toTrustMaterial(TrustedRoot.fromJSON(JSON.parse(root)))).verify(
      toSignedEntity(bundleFromJSON(JSON.parse(text))),
    )
    return true
  } catch {
    return false
  }
}
