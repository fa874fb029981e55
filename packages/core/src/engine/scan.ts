import { anything, yieldIfDue, type OptionTable } from '@verify-images/primitives'
import { checkOptions } from '../verifier-error.ts'
import { readRequest, type ResourceRequest } from '../request/admission-request.ts'
import { imageChecker } from './images/check-images.ts'
import type { PolicyResponse } from './ports.ts'
import { evaluatePolicy, takesPart } from './evaluate-policies.ts'
import { withEvaluation, type Evaluation } from './evaluation.ts'
import { Mutations } from './images/mutations.ts'
import type { Settings } from '../settings.ts'
import type { ScanVerdict } from '../verdict/verdict.ts'
import { imageVerifier } from './images/verify-images.ts'
import { unmatchedDenial } from './unmatched.ts'

export type ScanOptions = Pick<ResourceRequest, 'namespaceLabels' | 'signal' | 'deadlineMs'>

const scanOptions: OptionTable<ScanOptions> = { namespaceLabels: anything, signal: anything, deadlineMs: anything }

/**
 * Verifies an object as Kyverno's background controller does.
 *
 * Policies without background processing are left out, there is no requester, and the object is treated as just
 * created, without its verification record. The check of the validating phase is left out, because nothing was patched.
 *
 * @see Kyverno, pkg/controllers/report/utils/scanner.go
 * @throws VerifierError VERIFIER_OPTIONS_INVALID, VERIFIER_RESOURCE_INVALID; the reason of an aborted signal
 */
export async function scanResource(settings: Settings, resource: unknown, options: ScanOptions): Promise<ScanVerdict> {
  checkOptions(options, scanOptions)
  const request = readRequest(resource, { ...options, operation: 'CREATE' })
  const object = request.object && settings.kyverno.withoutRecord(request.object)
  return withEvaluation(settings, { ...request, object, scanned: true }, options, scan)
}

async function scan(evaluation: Evaluation): Promise<ScanVerdict> {
  const {
    request,
    settings: { kyverno, policies },
  } = evaluation
  const mutations = new Mutations()
  const handlers = [
    {
      handler: imageChecker({
        record: mutations.record,
        isInconclusive: () => false,
        isUnfinished: () => false,
        differenceOf: () => undefined,
      }),
      kind: request.gvk.kind,
    },
    { handler: imageVerifier(mutations), kind: '' },
  ]
  const responses: PolicyResponse[] = []
  for (const policy of policies.filter(({ policy: { spec } }) => spec.background)) {
    await yieldIfDue()
    for (const { handler, kind } of handlers) {
      if (!takesPart(evaluation, policy, handler)) continue
      const response = await evaluatePolicy(evaluation, policy, { handler, kind, object: request.object })
      responses.push(
        handler.phase === 'mutate'
          ? response
          : { ...response, rows: response.rows.filter(({ type }) => type !== 'ImageVerify') },
      )
    }
  }
  const rules = responses.flatMap(({ rows }) => rows)
  const refusal = unmatchedDenial(evaluation)
  return {
    schemaVersion: 1,
    outcome: refusal === undefined ? kyverno.combineOutcomes(responses) : 'rejected',
    // An image that Kyverno does not check may have been verified without a row.
    unmatched: rules.length === 0 && mutations.images.length === 0,
    rules,
    images: mutations.images,
    requests: evaluation.session.cost,
    ...(refusal === undefined ? {} : { denial: refusal }),
    report: (report = {}) => kyverno.reportOf(request, responses, evaluation.now, report),
  }
}
