import type { Policy } from '@verify-images/policy-parser'
import { yieldIfDue, type JsonObject } from '@verify-images/primitives'
import { readRequest, type ResourceRequest } from '../request/admission-request.ts'
import { imageChecker, type MutatingPhase } from './images/check-images.ts'
import { admissionWarnings } from './admission-warnings.ts'
import { withEvaluation, type Evaluation } from './evaluation.ts'
import type { PolicyResponse } from './ports.ts'
import { evaluatePolicy, takesPart, type PatchedBy } from './evaluate-policies.ts'
import { applyJsonPatch, type JsonPatchOperation } from '../request/json-patch.ts'
import { Mutations } from './images/mutations.ts'
import type { RuleResult } from '../verdict/rule-result.ts'
import type { Settings } from '../settings.ts'
import type { ResourceVerdict } from '../verdict/verdict.ts'
import { imageVerifier } from './images/verify-images.ts'
import { unjudged } from './unchanged-object.ts'
import { unmatchedDenial } from './unmatched.ts'

/**
 * Verifies an object in both phases. A review has a requester, even if it does not say who.
 *
 * @throws VerifierError VERIFIER_RESOURCE_INVALID if there is no object; the reason of an aborted signal. Everything
 *   else is in the verdict.
 */
export async function verifyResource(
  settings: Settings,
  resource: unknown,
  options: ResourceRequest,
  { isReview = false }: { readonly isReview?: boolean } = {},
): Promise<ResourceVerdict> {
  return withEvaluation(settings, readRequest(resource, options, isReview), options, verifyPhases)
}

async function verifyPhases(evaluation: Evaluation): Promise<ResourceVerdict> {
  const {
    request,
    settings,
    settings: {
      kyverno: { blocks, annotationPatches },
    },
  } = evaluation
  const mutations = new Mutations()
  const why = unjudged(request, settings.ruleInputs, settings)
  if (why !== undefined)
    return { ...verdictOf(evaluation, mutations, NOTHING), admitted: true, outcome: 'accepted', unjudged: why }
  const mutating = await mutatingPhase(evaluation, mutations)
  const blockedEarly = blocks(mutating)
  const patches = [...annotationPatches(mutations.record.shown, request.object ?? {}), ...mutations.patches]
  const validating = blockedEarly ? [] : await validatingPhase(evaluation, mutations, mutating, patches)
  const blocked = blockedEarly || blocks(validating)
  return verdictOf(evaluation, mutations, { mutating, validating, patches, blocked })
}

/** Each policy sees the original object; a rule sees the patches of the rules before it in its policy. */
async function mutatingPhase(evaluation: Evaluation, mutations: Mutations): Promise<PolicyResponse[]> {
  const {
    settings: { policies },
    request: { object },
  } = evaluation
  const handler = imageVerifier(mutations)
  const responses: PolicyResponse[] = []
  for (const policy of policies) {
    await yieldIfDue()
    if (!takesPart(evaluation, policy, handler)) continue
    const patched = patchedBy(mutations)
    responses.push(
      await evaluatePolicy(evaluation, policy, {
        handler,
        kind: '',
        object,
        patched,
      }),
    )
  }
  return responses
}

/** Applies the patches that were added since this call. The object is patched again only when there are new ones. */
function patchedBy(mutations: Mutations): PatchedBy {
  const before = new Set(mutations.patches.map(({ path }) => path))
  let last: { readonly version: number; readonly object: JsonObject } | undefined
  return (object) => {
    const { version } = mutations
    if (last?.version !== version) {
      const own = mutations.patches.filter(({ path }) => !before.has(path))
      last = { version, object: applyJsonPatch(object, own) }
    }
    return last.object
  }
}

async function validatingPhase(
  evaluation: Evaluation,
  mutations: Mutations,
  mutating: readonly PolicyResponse[],
  patches: readonly JsonPatchOperation[],
): Promise<PolicyResponse[]> {
  const {
    settings: { policies },
    request: { object, gvk },
  } = evaluation
  const patched = object && applyJsonPatch(object, patches)
  const handler = imageChecker({ record: mutations.record, ...summarizeMutatingPhase(mutating) })
  const responses: PolicyResponse[] = []
  for (const policy of policies) {
    await yieldIfDue()
    if (!takesPart(evaluation, policy, handler)) continue
    responses.push(await evaluatePolicy(evaluation, policy, { handler, kind: gvk.kind, object: patched }))
  }
  return responses
}

/** Summarizes the rows of the mutating phase for the validating phase. */
function summarizeMutatingPhase(responses: readonly PolicyResponse[]): Omit<MutatingPhase, 'record'> {
  const byPolicy = new Map(responses.map(({ policy, rows }) => [policy, Map.groupBy(rows, ({ rule }) => rule)]))
  const rowsAbout = (policy: Policy, rule: string): readonly RuleResult[] => byPolicy.get(policy)?.get(rule) ?? []
  return {
    isInconclusive: (policy, rule) => {
      const rows = rowsAbout(policy, rule)
      return (
        rows.some(({ outcome }) => outcome === 'inconclusive') && !rows.some(({ outcome }) => outcome === 'rejected')
      )
    },
    // An error about one image leaves the others their answers.
    isUnfinished: (policy, rule) =>
      rowsAbout(policy, rule).some(({ status, image }) => status === 'error' && image === undefined),
    differenceOf: (policy, rule, of) =>
      rowsAbout(policy, rule).flatMap(({ image, reasons }) =>
        image === of ? reasons.flatMap(({ difference }) => difference ?? []) : [],
      )[0],
  }
}

/** The parts of a verdict without an evaluation. */
const NOTHING: Phases = { mutating: [], validating: [], patches: [], blocked: false }

interface Phases {
  readonly mutating: readonly PolicyResponse[]
  readonly validating: readonly PolicyResponse[]
  readonly patches: readonly JsonPatchOperation[]
  readonly blocked: boolean
}

function verdictOf(
  evaluation: Evaluation,
  mutations: Mutations,
  { mutating, validating, patches, blocked }: Phases,
): ResourceVerdict {
  const {
    request,
    session,
    now,
    settings: { kyverno },
  } = evaluation
  const responses = [...mutating, ...validating]
  const rules = responses.flatMap(({ rows }) => rows)
  // An image that Kyverno does not check may have been verified without a row.
  const unmatched = rules.length === 0 && mutations.images.length === 0
  const refusal = unmatchedDenial(evaluation)
  const admitted = !blocked && refusal === undefined
  const deciding = blocked && validating.length === 0 ? mutating : validating
  return {
    schemaVersion: 1,
    admitted,
    outcome: blocked || refusal === undefined ? kyverno.combineOutcomes(responses) : 'rejected',
    unmatched,
    rules,
    images: mutations.images,
    patches: admitted ? patches : [],
    ...(admitted
      ? {}
      : {
          denial:
            blocked || refusal === undefined
              ? kyverno.denialText(
                  { kind: request.gvk.kind, namespace: request.namespace, name: request.name },
                  deciding,
                )
              : refusal,
        }),
    warnings: admitted ? [...admissionWarnings(responses), ...evaluation.notices] : [],
    requests: session.cost,
    report: (options = {}) => kyverno.reportOf(request, mutating, now, options),
  }
}
