import { createVerificationMemo, type VerificationMemo } from '@verify-images/attestor-evaluator'
import type { EngineOptions } from '@verify-images/condition-engine'
import type { RegistrySession } from '@verify-images/registry-fetcher'
import type { AdmissionRequest } from './request/admission-request.ts'
import { readOnce, type KubernetesReader } from './kubernetes.ts'
import { namespaceLabels, type NamespaceLabels } from './namespace-labels.ts'
import type { TagReadings } from './read-tags-once.ts'
import type { Settings } from './settings.ts'

/** One evaluation: one request, one clock reading, one signal, one registry session, one memo. */
export interface Evaluation {
  readonly settings: Settings
  readonly request: AdmissionRequest
  readonly now: Date
  readonly signal: AbortSignal
  readonly session: RegistrySession
  /** What each tag turned out to be, over all credentials. */
  readonly tags: TagReadings
  /** Each signature is verified once, whichever rules ask for it. */
  readonly memo: VerificationMemo
  readonly engine: EngineOptions
  /** Each object is read once. */
  readonly kubernetes: KubernetesReader | undefined
  /** Where our reading and Kyverno's differ about this object, in words; shown as warnings. */
  readonly notices: Set<string>
  /** Asked for at most once. */
  readonly namespaceLabels: () => Promise<NamespaceLabels>
}

export function beginEvaluation(settings: Settings, request: AdmissionRequest, limits: { readonly signal?: AbortSignal; readonly deadlineMs?: number }): Evaluation {
  const deadlineMs = limits.deadlineMs ?? settings.deadlineMs
  const deadline = AbortSignal.timeout(deadlineMs)
  const signal = limits.signal === undefined ? deadline : AbortSignal.any([limits.signal, deadline])
  const now = settings.clock()
  const kubernetes = settings.kubernetes && readOnce(settings.kubernetes)
  let labels: Promise<NamespaceLabels> | undefined
  return {
    settings,
    request,
    now,
    signal,
    session: settings.registry.openSession({ signal, deadlineMs }),
    tags: new Map(),
    memo: createVerificationMemo(),
    engine: { ...settings.engine, now: () => now },
    kubernetes,
    notices: new Set(),
    namespaceLabels: () => (labels ??= namespaceLabels(request, kubernetes, signal)),
  }
}
