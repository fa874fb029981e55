import { askPredicates, type PredicateTask, type ReadPayload, readPayload } from './predicate-tasks.ts'
import type { Pass } from './engine/context/attested-work.ts'

/**
 * Does one task: the entry point of the worker thread. It has this package's code, the policy's conditions and verified
 * data; nothing from a registry is executed.
 */
export function work(task: PredicateTask): ReadPayload | Pass {
  return task.kind === 'read' ? readPayload(task) : askPredicates(task)
}
