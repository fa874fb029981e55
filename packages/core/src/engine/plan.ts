import { effectiveEntry, type ContextEntry, type ImageVerification, type Rule } from '@verify-images/policy-parser'
import { ImageError, parseImageReference, type ExtractedImage } from '@verify-images/image-matcher'
import {
  aPositiveInteger,
  anything,
  isJsonArray,
  isJsonObject,
  type Json,
  type OptionTable,
} from '@verify-images/primitives'
import { checkOptions } from '../verifier-error.ts'
import { matchRuleByKnownFacts } from '../match/match-known-facts.ts'
import { readRequest, resourceRequestOptions, type ResourceRequest } from '../request/admission-request.ts'
import type { Settings } from '../settings.ts'
import { verifiesImages } from './compile-policy.ts'
import { takesPart } from './evaluate-policies.ts'
import { withEvaluation, type Evaluation } from './evaluation.ts'
import { imageSubject, repositoryOf } from './images/image-subject.ts'
import { entryMatcher, imagesOfRule } from './images/rule-images.ts'
import { factsOf } from './match-facts.ts'

export interface PlanOptions {
  readonly request?: ResourceRequest
  /** Signatures, attestations or bundles that an image has, of each kind. Default: 10. */
  readonly attachments?: number
  /** Manifests of an index, for `platforms` other than `index`. Default: 20. */
  readonly children?: number
}

/** What an evaluation may ask registries for, if no image has more attachments than planned for. */
export interface RequestPlan {
  readonly hosts: readonly string[]
  readonly repositories: readonly {
    /** `host[:port]/path` */
    readonly repository: string
    readonly requests: number
  }[]
  /** At most so many requests, with log-ins and one redirect of each blob, without retries. */
  readonly requests: number
  /** What names an image or repository only while it is evaluated, such as a variable: its requests are not counted. */
  readonly unknown: readonly { readonly policy: string; readonly rule: string; readonly what: string }[]
}

const planOptions: OptionTable<PlanOptions> = {
  request: anything,
  attachments: aPositiveInteger,
  children: aPositiveInteger,
}

/** A challenge of `/v2/` and a log-in there for each host. */
const GREETING = 2

/**
 * Returns which hosts and repositories an evaluation of the object may ask, and for how many requests at most. Makes
 * none: conditions, exceptions, labels and roles that could make it fewer are not read.
 *
 * @throws VerifierError VERIFIER_OPTIONS_INVALID, VERIFIER_RESOURCE_INVALID
 */
export async function planRequests(settings: Settings, resource: unknown, options: PlanOptions): Promise<RequestPlan> {
  checkOptions(options, planOptions)
  const { request = {} } = options
  checkOptions(request, resourceRequestOptions)
  return withEvaluation(settings, readRequest(resource, request), {}, async (evaluation) => {
    const planned: Planned = { reads: new Map(), unknown: [] }
    for (const policy of settings.policies) {
      if (!takesPart(evaluation, policy, { handles: verifiesImages })) continue
      const facts = factsOf(evaluation, policy, evaluation.request.object)
      for (const { rule } of policy.rulesFor('')) {
        if (!verifiesImages(rule) || matchRuleByKnownFacts(rule, facts) === 'does-not-match') continue
        await planRule(evaluation, rule, { ...planned, policy: policy.key, options })
      }
    }
    return summarize(planned)
  })
}

interface Planned {
  /** Names of reads by repository. What an evaluation reads twice it fetches once, and it has one name. */
  readonly reads: Map<string, Set<string>>
  readonly unknown: { readonly policy: string; readonly rule: string; readonly what: string }[]
}

interface RulePlan extends Planned {
  readonly policy: string
  readonly options: PlanOptions
}

async function planRule(evaluation: Evaluation, rule: Rule, plan: RulePlan): Promise<void> {
  const { settings, request } = evaluation
  if (request.object === undefined) return
  const images = await imagesOfRule(evaluation, rule, request.object)
  if ('failure' in images) return
  for (const entry of rule.context ?? []) planContext(entry, rule, settings, plan)
  for (const written of rule.verifyImages ?? []) {
    const entry = effectiveEntry(written)
    const matches = entryMatcher(entry, settings.compatibility.matchOneSpellingOnly)
    for (const { image } of images.matched)
      if (matches(image).ours || entry.mutateDigest) planImage(image, entry, rule, settings, plan)
  }
}

/** Returns an image of a context entry: an index, a child of it, its config. */
function planContext({ name, imageRegistry }: ContextEntry, rule: Rule, settings: Settings, plan: RulePlan): void {
  if (imageRegistry === undefined) return
  const { reference } = imageRegistry
  const repository = typeof reference === 'string' ? repositoryNamed(reference, settings) : undefined
  if (repository === undefined)
    plan.unknown.push({ policy: plan.policy, rule: rule.name, what: `the image of the context entry \`${name}\`` })
  else {
    addLogIn(plan, repository, 'of the rule')
    for (const read of ['manifest', 'child', 'blob config']) addRead(plan, repository, `${String(reference)} ${read}`)
  }
}

function repositoryNamed(reference: string, { references }: Settings): string | undefined {
  if (isVariable(reference)) return undefined
  try {
    return repositoryOf(parseImageReference(reference, references))
  } catch (error) {
    if (error instanceof ImageError) return undefined
    throw error
  }
}

function planImage(
  { reference }: ExtractedImage,
  entry: ImageVerification,
  rule: Rule,
  { platforms }: Settings,
  plan: RulePlan,
): void {
  const { repository, tag, digest } = imageSubject(reference)
  const credentials = JSON.stringify(entry.imageRegistryCredentials ?? {})
  const name = `${digest ?? tag ?? 'latest'} ${credentials}`
  addRead(plan, repository, `${name} manifest`)
  const { children = 20, attachments = 10 } = plan.options
  const subjects = platforms === 'index' ? 1 : 1 + children
  for (const place of [repository, ...namedRepositories([entry.repository ?? null, ...jsonOf(entry)])]) {
    if (isVariable(place)) {
      plan.unknown.push({ policy: plan.policy, rule: rule.name, what: 'the repository of an attestor' })
      continue
    }
    addLogIn(plan, place, credentials)
    for (let subject = 0; subject < subjects; subject++) {
      // The image of an index and each of its children; a 404 may have to be proven with the manifest.
      addRead(plan, place, `${name} ${subject} manifest`)
      for (const read of attachmentReads(entry, attachments)) addRead(plan, place, `${name} ${subject} ${read}`)
    }
  }
}

/** Returns the reads for one manifest, whatever the type of the entry: a fallback format may be read. */
function attachmentReads({ attestors = [], attestations = [] }: ImageVerification, count: number): readonly string[] {
  if (attestors.length + attestations.length === 0) return []
  const numbered = (name: string): readonly string[] => Array.from({ length: count }, (_, i) => `${name} ${i}`)
  return [
    ...['sig', 'att'].flatMap((list) => [list, ...numbered(`blob ${list}`)]),
    'referrers',
    'referrers tag',
    ...numbered('referrer'),
    ...numbered('blob referrer'),
    // A Notary Project attestation has signatures of its own.
    ...numbered('signed').flatMap((signed) => [
      `${signed} referrers`,
      `${signed} referrers tag`,
      ...numbered(`${signed} signature`),
      ...numbered(`blob ${signed}`),
    ]),
  ]
}

/** Returns every `repository` in the attestors of an entry, nested ones included. */
function namedRepositories(values: readonly Json[]): ReadonlySet<string> {
  const found = new Set<string>()
  const visit = (value: Json, key: string): void => {
    if (typeof value === 'string' && key === 'repository' && value !== '') found.add(value)
    if (isJsonArray(value)) for (const each of value) visit(each, '')
    else if (isJsonObject(value)) for (const [name, each] of Object.entries(value)) visit(each, name)
  }
  for (const value of values) visit(value, 'repository')
  return found
}

function jsonOf({ attestors = [], attestations = [] }: ImageVerification): readonly Json[] {
  return JSON.parse(JSON.stringify([attestors, attestations]))
}

function isVariable(text: string): boolean {
  return text.includes('{{') || text.includes('$(')
}

/** What credentials need for a repository, beside what is read with them. */
function addLogIn(plan: Planned, repository: string, credentials: string): void {
  for (const request of ['challenge', 'token']) addRead(plan, repository, `${credentials} ${request}`)
}

function addRead({ reads }: Planned, repository: string, name: string): void {
  const known = reads.get(repository) ?? new Set()
  reads.set(repository, known.add(name))
}

function summarize({ reads, unknown }: Planned): RequestPlan {
  const repositories = [...reads].map(([repository, names]) => ({
    repository,
    // A blob may be at another place, to which the registry redirects.
    requests: [...names].reduce((sum, name) => sum + (name.includes('blob ') ? 2 : 1), 0),
  }))
  const hosts = [...new Set(repositories.map(({ repository }) => repository.split('/', 1).join()))]
  const requests = repositories.reduce((sum, each) => sum + each.requests, GREETING * hosts.length)
  return { hosts, repositories, requests, unknown }
}
