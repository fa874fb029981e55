import { anyAllConditions } from './condition-schema.ts'
import { imageRegistryCredentials } from './context-schema.ts'
import { any, conditions, boolean, arrayOf, object, enumOf, string, stringArray, stringMap } from './schema.ts'
import type { ObjectSchema, Schema } from './schema.ts'

const rekor: Schema = object({ url: string, pubkey: string, ignoreTlog: boolean })
const ctlog: Schema = object({ ignoreSCT: boolean, pubkey: string, tsaCertChain: string })

const signatureAlgorithm: Schema = { kind: 'string', default: 'sha256' }

const attestorEntry: Schema = object({
  keys: object({
    publicKeys: string,
    signatureAlgorithm,
    kms: string,
    secret: object({ 'name!': string, 'namespace!': string }),
    rekor,
    ctlog,
  }),
  certificates: object({ cert: string, certChain: string, rekor, ctlog }),
  keyless: object({
    issuer: string,
    issuerRegExp: string,
    subject: string,
    subjectRegExp: string,
    roots: string,
    additionalExtensions: stringMap,
    rekor,
    ctlog,
  }),
  // A nested set. The CRD does not look inside, so no defaults are filled in there.
  attestor: any,
  annotations: stringMap,
  repository: string,
  signatureAlgorithm,
})

/** `{ count, entries }`. Also what a nested `attestor` is read as. */
export const attestorSet: ObjectSchema = object({
  count: { kind: 'integer', minimum: 1, bits: 64 },
  entries: arrayOf(attestorEntry),
})

const attestation: Schema = object({
  name: string,
  type: string,
  predicateType: string,
  attestors: arrayOf(attestorSet),
  conditions: arrayOf(anyAllConditions),
})

const requiredFlag: Schema = { kind: 'boolean', default: true, zero: false }

const current: Readonly<Record<string, Schema>> = {
  failureAction: enumOf('Audit', 'Enforce'),
  type: enumOf('Cosign', 'SigstoreBundle', 'Notary'),
  imageReferences: stringArray,
  skipImageReferences: stringArray,
  attestors: arrayOf(attestorSet),
  attestations: arrayOf(attestation),
  repository: string,
  mutateDigest: requiredFlag,
  verifyDigest: requiredFlag,
  required: requiredFlag,
  useCache: requiredFlag,
  validate: object({ message: string, deny: object({ conditions }) }),
  imageRegistryCredentials,
}

/** `verifyImages[]` of kyverno.io/v1, with the old short forms of an attestor. */
export const verifyImages: Schema = arrayOf(
  object({
    ...current,
    image: string,
    key: string,
    roots: string,
    subject: string,
    issuer: string,
    additionalExtensions: stringMap,
    annotations: stringMap,
    cosignOCI11: boolean,
  }),
)

/** `verifyImages[]` of kyverno.io/v2beta1. */
export const verifyImagesV2: Schema = arrayOf(object(current))
