import type { ArtifactSource, Reason } from '@verify-images/attestor-evaluator'
import { effectiveEntry, type ImageVerification } from '@verify-images/policy-parser'
import { verifiesImages } from '../compile-policy.ts'
import { concurrently } from './concurrently.ts'
import type { PreparedRule, RuleHandler } from '../evaluate-rule.ts'
import type { Evaluation } from '../evaluation.ts'
import { messageOf } from '../fault.ts'
import type { Mutations } from './mutations.ts'
import { entryMatcher } from './rule-images.ts'
import { ForeignSecretError, registryFor } from '../registry-access.ts'
import { errored, type RuleResponse } from '../../kyverno/rule-response.ts'
import { settle } from './settle-image.ts'
import { untilAborted } from '../until-aborted.ts'
import { verifyImage } from './verify-entry.ts'

/** The first phase: verify what the rule asks for, pin digests, and note what was verified. */
export function imageVerifier(mutations: Mutations): RuleHandler {
  return {
    phase: 'mutate',
    typeOfRule: 'ImageVerify',
    typeOfSkip: 'Mutation',
    concerns: verifiesImages,
    // Key resolvers, trust sources and verifiers of others' making may not heed the signal.
    handle: (evaluation, prepared) =>
      untilAborted(evaluation.signal, () => verifyRule(evaluation, prepared, mutations)),
  }
}

async function verifyRule(
  evaluation: Evaluation,
  prepared: PreparedRule,
  mutations: Mutations,
): Promise<readonly RuleResponse[]> {
  const substituted = await prepared.scope.substituteRule()
  if ('failure' in substituted)
    return [
      errored(`failed to substitute variables: ${substituted.failure.message}`, { reasons: [substituted.failure] }),
    ]
  const { rule } = substituted
  const { signal, settings } = evaluation
  const responses: RuleResponse[] = []
  for (const written of rule.verifyImages ?? []) {
    const entry = effectiveEntry(written)
    const source = await openRegistry(evaluation, prepared, entry)
    if ('failure' in source)
      return [errored(`failed to fetch secrets: ${source.failure.message}`, { reasons: [source.failure] })]
    const task = {
      evaluation,
      prepared,
      rule,
      entry,
      source,
      match: entryMatcher(entry, settings.compatibility.matchOneSpellingOnly),
    }
    // Images are independent of each other; what is noted of them is not, so that comes after, in their order.
    const verifications = new Map(
      await concurrently(
        [...new Set(prepared.images.candidates)],
        async (candidate) => [candidate, await verifyImage(task, candidate)] as const,
      ),
    )
    // When time is up the rule has its answer already; what comes in late is not noted.
    signal.throwIfAborted()
    // An image that is repeated, as upstream repeats it, is verified once.
    for (const candidate of prepared.images.candidates) {
      const verification = verifications.get(candidate)
      if (verification !== undefined) responses.push(...(await settle(task, candidate, verification, mutations)))
    }
  }
  // A name with variables is filled in here, and not where the second phase looks it up: upstream finds nothing there.
  return rule.name === prepared.rule.name ? responses : responses.map((response) => ({ ...response, rule: rule.name }))
}

/** Upstream asks for the pull secrets of the first image; containers of a Pod share them. */
async function openRegistry(
  evaluation: Evaluation,
  { images }: PreparedRule,
  { imageRegistryCredentials: named }: ImageVerification,
): Promise<ArtifactSource | { readonly failure: Reason }> {
  try {
    return await registryFor(evaluation, { named, podSecrets: images.candidates[0]?.image.imagePullSecrets ?? [] })
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
