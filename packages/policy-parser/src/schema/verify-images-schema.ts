import { anyAllConditions } from './condition-schema.ts'
import { imageRegistryCredentials } from './context-schema.ts'
import { any, conditions, flag, listOf, object, oneOfTexts, text, textList, textMap } from './schema.ts'
import type { ObjectSchema, Schema } from './schema.ts'

const rekor: Schema = object({ url: text, pubkey: text, ignoreTlog: flag })
const ctlog: Schema = object({ ignoreSCT: flag, pubkey: text, tsaCertChain: text })

const signatureAlgorithm: Schema = { kind: 'text', default: 'sha256' }

const attestorEntry: Schema = object({
  keys: object({
    publicKeys: text,
    signatureAlgorithm,
    kms: text,
    secret: object({ 'name!': text, 'namespace!': text }),
    rekor,
    ctlog,
  }),
  certificates: object({ cert: text, certChain: text, rekor, ctlog }),
  keyless: object({
    issuer: text,
    issuerRegExp: text,
    subject: text,
    subjectRegExp: text,
    roots: text,
    additionalExtensions: textMap,
    rekor,
    ctlog,
  }),
  // A nested set. The CRD does not look inside, so no defaults are filled in there.
  attestor: any,
  annotations: textMap,
  repository: text,
  signatureAlgorithm,
})

/** `{ count, entries }`. Also what a nested `attestor` is read as. */
export const attestorSet: ObjectSchema = object({
  count: { kind: 'integer', minimum: 1, bits: 64 },
  entries: listOf(attestorEntry),
})

const attestation: Schema = object({
  name: text,
  type: text,
  predicateType: text,
  attestors: listOf(attestorSet),
  conditions: listOf(anyAllConditions),
})

const requiredFlag: Schema = { kind: 'flag', default: true, zero: false }

const current: Readonly<Record<string, Schema>> = {
  failureAction: oneOfTexts('Audit', 'Enforce'),
  type: oneOfTexts('Cosign', 'SigstoreBundle', 'Notary'),
  imageReferences: textList,
  skipImageReferences: textList,
  attestors: listOf(attestorSet),
  attestations: listOf(attestation),
  repository: text,
  mutateDigest: requiredFlag,
  verifyDigest: requiredFlag,
  required: requiredFlag,
  useCache: requiredFlag,
  validate: object({ message: text, deny: object({ conditions }) }),
  imageRegistryCredentials,
}

/** `verifyImages[]` of kyverno.io/v1, with the old short forms of an attestor. */
export const verifyImages: Schema = listOf(
  object({
    ...current,
    image: text,
    key: text,
    roots: text,
    subject: text,
    issuer: text,
    additionalExtensions: textMap,
    annotations: textMap,
    cosignOCI11: flag,
  }),
)

/** `verifyImages[]` of kyverno.io/v2beta1. */
export const verifyImagesV2: Schema = listOf(object(current))
