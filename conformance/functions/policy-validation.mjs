import * as conditionEngine from '@verify-images/condition-engine'
import { validatePolicy } from '@verify-images/policy-parser'

/** The lines were recorded without a cluster, as Kyverno's command line works. */
export const evaluate = ({ policy }) =>
  validatePolicy(policy, { compileExpression: conditionEngine.compileExpression ?? (() => {}), withoutCluster: true })
