import type { Kyverno } from '../engine/ports.ts'
import { contextText } from './context-text.ts'
import { blocks, combineOutcomes } from './decide.ts'
import { denialText } from './denial.ts'
import { enforcesRule } from './enforcement.ts'
import { isApplied, presentFinding } from './present-finding.ts'
import { annotationPatches, readScopedRecord, withoutRecord } from './record-annotations.ts'
import { reportOf } from './report.ts'

/** Everything that Kyverno says and decides, for the engine. */
export const kyverno: Kyverno = {
  presentFinding,
  isApplied,
  contextText,
  enforcesRule,
  blocks,
  combineOutcomes,
  denialText,
  reportOf,
  annotationPatches,
  readScopedRecord,
  withoutRecord,
}
