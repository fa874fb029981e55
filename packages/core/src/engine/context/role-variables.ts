import type { Policy, PolicyException, Rule } from '@verify-images/policy-parser'
import type { AdmissionRequest } from '../../request/admission-request.ts'
import { policyKey } from '../../verdict/rule-result.ts'
import type { Evaluation } from '../evaluation.ts'
import { mentionsRoles, type UnknownRoles } from './variable-view.ts'

/** The request of an evaluation as the expressions of a rule see it. */
export interface RequestInScope {
  readonly request: AdmissionRequest
  /** Set if the rule mentions roles that are unknown. */
  readonly unknownRoles?: UnknownRoles
}

/**
 * Returns the request with the requester's roles, if expressions of the rule, or of its exceptions, mention them. Roles
 * that are unknown are not empty: an expression that mentions them fails, even where it has a default.
 */
export async function withRoles(evaluation: Evaluation, policy: Policy, rule: Rule): Promise<RequestInScope> {
  const { request, settings } = evaluation
  if (request.roles !== undefined && request.clusterRoles !== undefined) return { request }
  const exceptions = settings.exceptions.get(policyKey(policy)) ?? []
  if (![rule, ...exceptions].some(isAboutRoles)) return { request }
  const found = await evaluation.requesterRoles()
  if (!('failure' in found)) return { request: { ...request, ...found } }
  return {
    request,
    unknownRoles: { message: found.failure.message, difference: 'adm-roles-unknown' },
  }
}

/** Rules and exceptions that were searched: they do not change. */
const mentions = new WeakMap<Rule | PolicyException, boolean>()

/** Returns whether expressions of a rule or an exception mention the requester's roles. */
export function isAboutRoles(written: Rule | PolicyException): boolean {
  const known = mentions.get(written)
  if (known !== undefined) return known
  const mentioned = mentionsRoles(JSON.stringify({ ...written, match: undefined, exclude: undefined }))
  mentions.set(written, mentioned)
  return mentioned
}
