import {
  aSignatureVerifier,
  attestorEvaluatorOptions,
  builtInTrust,
  createAttestorEvaluator,
} from '@verify-images/attestor-evaluator'
import { createExpressionCache } from '@verify-images/condition-engine'
import { ImageError, parseImageReference } from '@verify-images/image-matcher'
import { createRegistryClient } from '@verify-images/registry-fetcher'
import {
  aBoolean,
  aFunction,
  anything,
  aPositiveInteger,
  aString,
  isObject,
  arrayOf,
  oneOf,
  DEFAULT_BUDGET,
  type BudgetLimits,
  type OptionKind,
  type OptionTable,
  recordOf,
  withMethods,
} from '@verify-images/primitives'
import { checkOptions } from './verifier-error.ts'
import { compilePolicy } from './engine/compile-policy.ts'
import { exceptionsByPolicy } from './engine/exceptions.ts'
import type { ImageVerifierOptions } from './create-image-verifier.ts'
import { checkDeadline } from './engine/evaluation.ts'
import { isPlatformChoice } from './engine/images/platforms.ts'
import { ruleInputs } from './engine/unchanged-object.ts'
import { keyResolver } from './engine/key-resolver.ts'
import { kyverno } from './kyverno/kyverno.ts'
import { LIMITS } from './limits.ts'
import { notaryVerifier } from './notary-verifier.ts'
import type { CompatibilityOptions, Settings } from './settings.ts'

const aPolicy: OptionKind = {
  expected: 'a policy returned by parsePolicies',
  fits: (value) =>
    isObject(value) &&
    isObject(value['spec']) &&
    Array.isArray(value['spec']['rules']) &&
    Array.isArray(value['findings']) &&
    aFunction.fits(value['locate']),
}
const anException: OptionKind = {
  expected: 'a policy exception returned by parseExceptions',
  fits: (value) =>
    isObject(value) && aString.fits(value['name']) && isObject(value['match']) && Array.isArray(value['exceptions']),
}
const reader = withMethods('a cluster reader', 'read')
const aReader: OptionKind = {
  expected: `${reader.expected} and optionally \`call\`, \`globalEntry\` and \`list\``,
  fits: (value) =>
    reader.fits(value) &&
    isObject(value) &&
    [value['call'], value['globalEntry'], value['list']].every(
      (method) => method === undefined || aFunction.fits(method),
    ),
}
const aRegistryName: OptionKind = {
  expected: 'a registry host such as `registry.example.com`',
  fits: (value) => typeof value === 'string' && isRegistryName(value),
}
/** A misspelt one would deny what it was meant to admit, or admit another kind. */
const aKindName: OptionKind = {
  expected: 'a kind with its API group such as `Widget.example.com`',
  fits: (value) => typeof value === 'string' && /^[A-Z][A-Za-z0-9]*(?:\.[a-z0-9-]+)*$/.test(value),
}

const trustSource = withMethods('a trust source such as trustedRoot', 'load')
const aTrust: OptionKind = {
  expected: `${trustSource.expected}, or \`none\``,
  fits: (value) => value === 'none' || trustSource.fits(value),
}

const imageVerifierOptions: OptionTable<ImageVerifierOptions> = {
  policies: arrayOf(aPolicy),
  exceptions: arrayOf(anException),
  registry: withMethods('a registry client', 'openSession'),
  trust: aTrust,
  keys: withMethods('a key resolver', 'resolveKey'),
  kubernetes: aReader,
  credentialProviders: recordOf(withMethods('a credential provider', 'credentialFor')),
  revocation: withMethods('a revocation checker', 'checkRevocation'),
  verifiers: arrayOf(aSignatureVerifier),
  attestors: anything,
  defaultRegistry: aRegistryName,
  enableDefaultRegistryMutation: aBoolean,
  kyvernoNamespace: aString,
  platforms: {
    expected: '`index`, `any-child`, `every-child` or an array of platforms such as `linux/amd64`',
    fits: isPlatformChoice,
  },
  unmatched: oneOf('admit', 'refuse'),
  extractors: oneOf('kyverno', 'common'),
  kindsWithoutImages: arrayOf(aKindName),
  skipUnchangedImages: aBoolean,
  deadlineMs: anything,
  workerBytes: {
    expected: 'an integer of at least 0',
    fits: (value) => Number.isSafeInteger(value) && Number(value) >= 0,
  },
  limits: anything,
  clock: aFunction,
  cache: withMethods('a cache of createArtifactCache', 'clear'),
  compatibility: anything,
}
const { verifiers: _, ...attestorOptions } = attestorEvaluatorOptions
const limitOptions: OptionTable<BudgetLimits> = {
  requests: aPositiveInteger,
  bytes: aPositiveInteger,
  signatures: aPositiveInteger,
  certificates: aPositiveInteger,
  tokens: aPositiveInteger,
  conditions: aPositiveInteger,
}
const compatibilityOptions: OptionTable<CompatibilityOptions> = {
  trustRecordsInAnnotations: aBoolean,
  matchOneSpellingOnly: aBoolean,
  compareConditionsLoosely: aBoolean,
}

/**
 * Checks and compiles the options. Everything is checked here, because a misspelt option of a caller without types
 * would otherwise be ignored, or fail in the middle of an evaluation.
 *
 * @throws VerifierError VERIFIER_OPTIONS_INVALID
 */
export function readOptions(options: ImageVerifierOptions): Settings {
  checkOptions(options, imageVerifierOptions, { required: ['policies'] })
  const {
    policies,
    exceptions = [],
    attestors = {},
    verifiers = [],
    defaultRegistry,
    enableDefaultRegistryMutation,
    compatibility = {},
    deadlineMs = LIMITS.evaluationMs,
    workerBytes = LIMITS.workerBytes,
    limits = {},
  } = options
  checkOptions(attestors, attestorOptions, { path: 'attestors' })
  checkOptions(compatibility, compatibilityOptions, { path: 'compatibility' })
  checkOptions(limits, limitOptions, { path: 'limits' })
  checkDeadline(deadlineMs)
  const references = {
    ...(defaultRegistry === undefined ? {} : { defaultRegistry }),
    ...(enableDefaultRegistryMutation === undefined ? {} : { enableDefaultRegistryMutation }),
  }
  return {
    policies: policies.map(compilePolicy),
    exceptions: exceptionsByPolicy(exceptions),
    registry: options.registry ?? createRegistryClient(),
    attestors: createAttestorEvaluator({
      ...attestors,
      verifiers: [notaryVerifier(policies, options.revocation), ...verifiers],
    }),
    trust: options.trust === 'none' ? undefined : (options.trust ?? builtInTrust()),
    keys: keyResolver(options.kubernetes, options.keys),
    kubernetes: options.kubernetes,
    credentialProviders: new Map(Object.entries(options.credentialProviders ?? {})),
    kyvernoNamespace: options.kyvernoNamespace ?? 'kyverno',
    clock: options.clock ?? (() => new Date()),
    caches: { all: options.cache === undefined ? [] : [options.cache.registry], ofNow: [] },
    results: options.cache?.results,
    engine: { ...references, expressions: createExpressionCache() },
    references,
    platforms: options.platforms ?? 'index',
    unmatched: options.unmatched ?? 'admit',
    extractors: options.extractors ?? 'kyverno',
    kindsWithoutImages: new Set(options.kindsWithoutImages),
    skipUnchangedImages: options.skipUnchangedImages ?? false,
    ruleInputs: ruleInputs(policies, exceptions),
    deadlineMs,
    workerBytes,
    limits: { ...DEFAULT_BUDGET, ...withoutUndefined(limits) },
    kyverno,
    compatibility: {
      trustRecordsInAnnotations: compatibility.trustRecordsInAnnotations ?? false,
      matchOneSpellingOnly: compatibility.matchOneSpellingOnly ?? false,
      compareConditionsLoosely: compatibility.compareConditionsLoosely ?? false,
    },
  }
}

function isRegistryName(defaultRegistry: string): boolean {
  try {
    return parseImageReference('app', { defaultRegistry }).registry !== ''
  } catch (error) {
    if (error instanceof ImageError) return false
    throw error
  }
}

/** An option that is undefined counts as omitted. */
function withoutUndefined(limits: Partial<BudgetLimits>): Partial<BudgetLimits> {
  return Object.fromEntries(Object.entries(limits).filter(([, limit]) => limit !== undefined))
}
