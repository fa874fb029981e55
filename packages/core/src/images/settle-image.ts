import type { ExtractedImage } from '@verify-images/image-matcher'
import { asksForSomething, type EntryTask, type Verification } from './entry-task.ts'
import { digestForm } from './image-subject.ts'
import type { Mutations } from './mutations.ts'
import { pinDigest } from './pin-digest.ts'
import { errored, passed, type RuleResponse } from '../verdict/rule-response.ts'
import { recordScope, type RecordedStatus } from './verification-record.ts'

/** A verification and the image it is about. */
type Settling = Verification & { readonly image: ExtractedImage }

/** Pins the digest where the entry says so, and notes what was found out. */
export async function settle(task: EntryTask, { image, response, digest, recorded }: Settling, mutations: Mutations): Promise<readonly RuleResponse[]> {
  const { entry, prepared: { policy, rule }, session, evaluation: { signal } } = task
  const { reference } = image
  const scope = recordScope(policy.policy, rule.name)
  if (recorded === true) {
    mutations.record.set(scope, reference.reference, 'pass')
    return []
  }
  const responses: RuleResponse[] = []
  // Upstream pins whatever the verification came to; a request that is blocked is not patched.
  const pin = entry.mutateDigest && reference.digest === '' ? await pinDigest(image, digest, session, signal) : undefined
  if (pin !== undefined && 'failure' in pin) responses.push(errored(`failed to update digest: ${pin.failure.message}`, { image: reference.reference, reasons: [pin.failure] }))
  const pinned = pin !== undefined && 'digest' in pin ? pin : undefined
  if (pinned !== undefined) mutations.addPatch(pinned.patch)
  const own = response ?? (pinned === undefined ? undefined : passed('mutated image digest', { image: reference.reference }))
  if (own === undefined) return responses
  responses.push(own)
  const asked = asksForSomething(entry)
  if (asked) mutations.record.set(scope, pinned === undefined ? reference.reference : digestForm(reference, pinned.digest), recordedStatus(own))
  const status = own.status === 'skip' || !asked ? 'unchecked' : own.status === 'pass' ? 'verified' : 'failed'
  mutations.noteImage(image, status, digest ?? pinned?.digest, own.evidence)
  return responses
}

function recordedStatus({ status }: RuleResponse): RecordedStatus {
  if (status === 'pass') return 'pass'
  return status === 'skip' || status === 'warn' ? 'skip' : 'fail'
}
