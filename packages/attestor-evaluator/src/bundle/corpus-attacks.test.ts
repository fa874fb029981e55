import type { AttestorEntry, ImageVerification } from '@verify-images/policy-parser'
import { describe, expect, test } from 'vitest'
import { attestorOptions } from '../attestor-options.ts'
import type { ImageSubject } from '../ports.ts'
import { trustedRoot } from '../sigstore/trusted-root.ts'
import { createCorpusSource, readCorpusText } from '../testing/corpus-source.ts'
import { createEvaluationBudget, createVerificationMemo } from '@verify-images/primitives'
import { createBundleVerifier } from './bundle-verifier.ts'

interface Hints {
  readonly type: string
  readonly key?: string
  readonly keyless?: Readonly<Record<string, string>>
  readonly trust?: string
  readonly ignoreTlog?: boolean
  readonly ignoreSCT?: boolean
  readonly tlogThreshold?: number
  readonly attestation?: unknown
}

interface Attack {
  readonly controls: readonly Case[]
  readonly cases: readonly Case[]
  readonly policy: Hints
}

interface Case {
  readonly image: string
  readonly what: string
  readonly expected: string
  readonly policy?: Partial<Hints>
}

const attacks = JSON.parse(readCorpusText('registry/attacks.json')) as Readonly<Record<string, Attack>>
const root = 'registry/trust/sigstore-1/trusted_root.json'

/**
 * What the hints leave to the image's line: the timestamp authority that has ended is only refused where its stamp is
 * needed.
 */
const needsTimestamp = 'timestamp authority window ended 2026-01-01 (TSA required)'

describe.each(Object.entries(attacks).filter(([, attack]) => JSON.stringify(attack).includes('SigstoreBundle')))(
  '%s',
  (_id, attack) => {
    const bundleCases = [...attack.controls, ...attack.cases].filter(
      (each) => hintsOf(attack, each).type === 'SigstoreBundle' && hintsOf(attack, each).attestation === undefined,
    )

    test.each(bundleCases.map((each) => [`${each.image} (${each.what}): ${each.expected}`, each] as const))(
      '%s',
      async (_title, each) => {
        const hints = hintsOf(attack, each)
        const said = await verify(each.what === needsTimestamp ? { ...hints, ignoreTlog: true } : hints, each.image)
        if (each.expected.startsWith('pass (the hint') || each.expected.startsWith('pass if'))
          expect(['accepted', 'rejected', 'inconclusive']).toContain(said)
        else if (each.expected.startsWith('pass')) expect(said).toBe('accepted')
        else expect(said).not.toBe('accepted')
      },
    )
  },
)

function hintsOf(attack: Attack, each: Case): Hints {
  return {
    ...attack.policy,
    ...each.policy,
    ...(each.policy?.keyless && each.policy.key === undefined && { key: undefined }),
  } as Hints
}

async function verify(hints: Hints, image: string): Promise<string> {
  const pem = (path: string): string => readCorpusText(`registry/${path}`)
  const relaxed = { ...(hints.ignoreTlog && { rekor: { url: '', ignoreTlog: true } }) }
  const keyless = hints.keyless && {
    ...hints.keyless,
    ...(hints.keyless['roots'] && {
      roots: pem(hints.keyless['roots']),
      rekor: { url: '', pubkey: pem('trust/sigstore-2/rekor.pub') },
      ctlog: { pubkey: pem('trust/sigstore-2/ctlog.pub'), tsaCertChain: pem('trust/sigstore-2/tsa-chain.pem') },
    }),
    ...relaxed,
  }
  const entry: AttestorEntry = hints.key
    ? { keys: { publicKeys: pem(hints.key), ...relaxed, ctlog: { ignoreSCT: true } } }
    : { keyless: keyless ?? {} }
  const verification: ImageVerification = {
    type: 'SigstoreBundle',
    mutateDigest: true,
    verifyDigest: true,
    required: true,
    useCache: true,
  }
  try {
    const outcome = await createBundleVerifier({ requiredLogs: hints.tlogThreshold ?? 1 }).verifySignature(
      { image: subject(image), attestor: attestorOptions(verification, entry, 'signature'), path: 'entries[0]' },
      {
        source: createCorpusSource(),
        trust: trustedRoot(readCorpusText(hints.trust ? `registry/${hints.trust}` : root)),
        now: new Date('2026-11-25T00:00:00Z'),
        signal: AbortSignal.timeout(20_000),
        memo: createVerificationMemo(),
        budget: createEvaluationBudget(),
      },
    )
    return outcome.kind
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'ATTESTOR_TRUST_UNAVAILABLE'
      ? 'trust refused'
      : Promise.reject(error)
  }
}

function subject(image: string): ImageSubject {
  const [repository = '', tag = ''] = /^(.*):([^:/]+)$/.exec(image)?.slice(1) ?? []
  return { reference: image, repository, tag }
}
