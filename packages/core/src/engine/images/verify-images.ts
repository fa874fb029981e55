import type { ArtifactSource, Reason } from '@verify-images/attestor-evaluator'
import { effectiveEntry, type ImageVerification } from '@verify-images/policy-parser'
import { concurrently, untilAborted, yieldIfDue, messageOf } from '@verify-images/primitives'
import { verifiesImages } from '../compile-policy.ts'
import { LIMITS } from '../../limits.ts'
import type { PreparedRule, RuleHandler } from '../evaluate-rule.ts'
import type { Evaluation } from '../evaluation.ts'
import type { Mutations } from './mutations.ts'
import { entryMatcher } from './rule-images.ts'
import { ForeignSecretError, registryFor } from '../registry-access.ts'
import { evaluateEntry } from './evaluate-entry.ts'
import { recordEntry } from './record-entry.ts'
import { isRefusing, type RuleFinding, type RuleFindings } from '../rule-finding.ts'

/**
 * Creates the handler of the mutating phase: verifies what a rule asks for, pins digests, and records what was
 * verified.
 */
export function imageVerifier(mutations: Mutations): RuleHandler {
  return {
    phase: 'mutate',
    handles: verifiesImages,
    // Key resolvers, trust sources and verifiers of an embedder may ignore the signal.
    handle: (evaluation, prepared) =>
      untilAborted(evaluation.signal, () => verifyRule(evaluation, prepared, mutations)),
  }
}

async function verifyRule(evaluation: Evaluation, prepared: PreparedRule, mutations: Mutations): Promise<RuleFindings> {
  const substituted = await prepared.scope.substituteRule()
  if ('failure' in substituted) return notEvaluated(prepared, 'variables', substituted.failure)
  const { rule } = substituted
  const { signal, settings } = evaluation
  const findings: RuleFinding[] = []
  for (const [index, written] of (rule.verifyImages ?? []).entries()) {
    const entry = effectiveEntry(written)
    const source = await openRegistry(evaluation, prepared, entry)
    // What earlier entries found is dropped, as in Kyverno.
    if ('failure' in source) return notEvaluated(prepared, 'credentials', source.failure)
    const match = entryMatcher(entry, settings.compatibility.matchOneSpellingOnly)
    const task = { evaluation, prepared, rule, entry, source, match }
    // Images are independent of each other; what is recorded of them is not, so that comes after, in their order.
    const results = new Map(
      await concurrently([...new Set(prepared.images.matched)], LIMITS.imagesAtOnce, async (image) => {
        await yieldIfDue(signal)
        return [image, await evaluateEntry(task, image)] as const
      }),
    )
    // After the deadline the rule has its answer already: what comes in late is not recorded.
    signal.throwIfAborted()
    // A repeated image is verified once, and has a row for each repetition, as in Kyverno.
    for (const image of prepared.images.matched) {
      await yieldIfDue(signal)
      const result = results.get(image)
      if (result === undefined) continue
      const found = await recordEntry(task, image, result, mutations)
      findings.push(...found.map((finding) => (isRefusing(finding) ? { ...finding, entry: index } : finding)))
    }
  }
  // Kyverno substitutes the variables in the name here, and not where the validating phase looks the record up.
  return { rule: rule.name, findings }
}

function notEvaluated(
  { rule: { name } }: PreparedRule,
  step: 'variables' | 'credentials',
  reason: Reason,
): RuleFindings {
  return { rule: name, findings: [{ kind: 'rule-not-evaluated', step, reason }] }
}

/** Kyverno takes the pull secrets of the first image; the containers of a Pod share them. */
async function openRegistry(
  evaluation: Evaluation,
  { images }: PreparedRule,
  { imageRegistryCredentials: named }: ImageVerification,
): Promise<ArtifactSource | { readonly failure: Reason }> {
  try {
    return await registryFor(evaluation, { named, podSecrets: images.matched[0]?.image.imagePullSecrets ?? [] })
  } catch (error) {
    return {
      failure: {
        code: 'VERIFIER_CREDENTIALS_UNAVAILABLE',
        message: messageOf(error),
        ...(error instanceof ForeignSecretError ? { difference: 'S28' } : {}),
      },
    }
  }
}
