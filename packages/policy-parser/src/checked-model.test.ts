import { describe, expect, test } from 'vitest'
import type { Json } from '@verify-images/primitives'
import type {
  Attestation,
  AttestorEntry,
  CTLog,
  CertificateAttestor,
  Condition,
  ContextEntry,
  ImageExtractor,
  ImageRegistryCredentials,
  ImageVerification,
  KeylessAttestor,
  LabelSelector,
  MatchResources,
  PolicySpec,
  Rekor,
  ResourceDescription,
  Rule,
  StaticKeyAttestor,
  WebhookConfiguration,
} from './model.ts'
import { checkSchema } from './schema/check-schema.ts'
import { POLICY_SCHEMAS } from './schema/policy-schema.ts'

/**
 * Every field of a type, none left out: what is missing here or unknown to the schema does not compile or does not
 * pass.
 */
type All<T> = { [Key in keyof Required<T>]: Exclude<T[Key], undefined> }

const selector: All<LabelSelector> = {
  matchLabels: { a: 'b' },
  matchExpressions: [{ key: 'a', operator: 'In', values: ['b'] }],
}
const resources: Omit<All<ResourceDescription>, 'name'> = {
  kinds: ['Pod'],
  names: ['a'],
  namespaces: ['a'],
  annotations: { a: 'b' },
  selector,
  namespaceSelector: selector,
  operations: ['CREATE'],
}
const match: Omit<All<MatchResources>, 'all'> = {
  any: [{ resources, roles: [], clusterRoles: [], subjects: [{ kind: 'User', name: 'u', namespace: 'n' }] }],
  resources,
  roles: [],
  clusterRoles: [],
  subjects: [],
}
const credentials: All<ImageRegistryCredentials> = {
  allowInsecureRegistry: true,
  providers: ['default'],
  secrets: ['s'],
}
const context: readonly ContextEntry[] = [
  { name: 'a', configMap: { name: 'a', namespace: 'b' } },
  { name: 'b', apiCall: { urlPath: '/x', method: 'GET', jmesPath: 'x' } },
  { name: 'c', imageRegistry: { reference: 'r' } },
  { name: 'd', variable: { value: 1, jmesPath: 'x', default: 2 } },
  { name: 'e', globalReference: { name: 'g', jmesPath: 'x' } },
]
const condition: All<Condition> = { key: 'a', operator: 'Equals', value: 1, message: 'm' }
const rekor: All<Rekor> = { url: 'u', pubkey: 'p', ignoreTlog: true }
const ctlog: All<CTLog> = { ignoreSCT: true, pubkey: 'p', tsaCertChain: 'c' }
const keys: All<StaticKeyAttestor> = {
  publicKeys: 'k',
  signatureAlgorithm: 'sha512',
  kms: 'k',
  secret: { name: 'n', namespace: 'n' },
  rekor,
  ctlog,
}
const certificates: All<CertificateAttestor> = { cert: 'c', certChain: 'c', rekor, ctlog }
const keyless: All<KeylessAttestor> = {
  issuer: 'i',
  issuerRegExp: 'i',
  subject: 's',
  subjectRegExp: 's',
  roots: 'r',
  additionalExtensions: { a: 'b' },
  rekor,
  ctlog,
}
const attestor: All<AttestorEntry> = {
  keys,
  certificates,
  keyless,
  attestor: {},
  annotations: { a: 'b' },
  repository: 'r',
  signatureAlgorithm: 'sha256',
}
const attestation: All<Attestation> = {
  name: 'n',
  type: 't',
  predicateType: 't',
  attestors: [{ count: 1, entries: [attestor] }],
  conditions: [{ any: [condition], all: [condition] }],
}
const entry: All<ImageVerification> = {
  failureAction: 'Enforce',
  type: 'Cosign',
  image: 'i',
  imageReferences: ['i'],
  skipImageReferences: ['i'],
  key: 'k',
  roots: 'r',
  subject: 's',
  issuer: 'i',
  additionalExtensions: { a: 'b' },
  attestors: [{ count: 1, entries: [attestor] }],
  attestations: [attestation],
  annotations: { a: 'b' },
  repository: 'r',
  cosignOCI11: true,
  mutateDigest: true,
  verifyDigest: true,
  required: true,
  useCache: true,
  validate: { message: 'm', deny: { conditions: { any: [condition] } } },
  imageRegistryCredentials: credentials,
}
const extractor: All<ImageExtractor> = { path: '/x', value: 'v', name: 'n', key: 'k', jmesPath: 'j' }
const rule: All<Rule> = {
  name: 'r',
  context,
  reportProperties: { a: 'b' },
  match,
  exclude: match,
  imageExtractors: { Pod: [extractor] },
  preconditions: [condition],
  skipBackgroundRequests: true,
  verifyImages: [entry],
  mutate: {},
  validate: { allowExistingViolations: true },
  generate: {},
  celPreconditions: [{ name: 'n', expression: 'true' }],
}
const webhook: All<WebhookConfiguration> = {
  failurePolicy: 'Fail',
  timeoutSeconds: 5,
  matchConditions: [{ name: 'n', expression: 'true' }],
}
const spec: All<PolicySpec> = {
  rules: [rule],
  applyRules: 'One',
  failurePolicy: 'Fail',
  validationFailureAction: 'Enforce',
  validationFailureActionOverrides: [{ action: 'Audit', namespaces: ['a'], namespaceSelector: selector }],
  emitWarning: true,
  admission: true,
  background: false,
  schemaValidation: true,
  webhookTimeoutSeconds: 5,
  webhookConfiguration: webhook,
}

describe('the model and the schema', () => {
  test('the model and the schema have the same fields and types', () => {
    const schema = POLICY_SCHEMAS.get('kyverno.io/v1')
    const document: Json = JSON.parse(
      JSON.stringify({ apiVersion: 'kyverno.io/v1', kind: 'ClusterPolicy', metadata: { name: 'p' }, spec }),
    )
    const issues: unknown[] = []
    expect(schema && checkSchema(document, schema, [], (...issue) => issues.push(issue))).toEqual(document)
    expect(issues).toEqual([])
  })
})
