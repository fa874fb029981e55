export { isReachableAddress } from './address-guard.ts'
export type { AddressReach } from './address-guard.ts'
export type { Descriptor, ManifestNotFound, ReferrerListing, StoredManifest } from './artifact.ts'
export {
  decodeCanonicalBase64,
  decodeCanonicalBase64Url,
  decodeDsseSignature,
  decodeGoBase64,
  decodeProtobufBase64,
} from './base64.ts'
export { concurrently } from './concurrently.ts'
export { concurrentlyInOrder } from './concurrently-in-order.ts'
export type { OrderedConcurrency } from './concurrently-in-order.ts'
export { createDigester, digestAlgorithm, digestHex, digestOf, isDigest, parseDigest } from './digest.ts'
export type { Digest, DigestAlgorithm, Digester } from './digest.ts'
export { hashInSlices, updateInSlices } from './hash.ts'
export { equalBytes, joined, messageLength } from './bytes.ts'
export type { Message } from './bytes.ts'
export { printableText, trimEnd } from './printable-text.ts'
export { linkSignals, withLinkedSignal } from './link-signals.ts'
export type { LinkedSignal } from './link-signals.ts'
export { untilAborted } from './until-aborted.ts'
export { markVerified } from './verified.ts'
export type { Verified } from './verified.ts'
export { preAuthenticationEncoding, preAuthenticationParts } from './dsse.ts'
export { isJsonArray, isJsonObject, ownMember, setKey } from './json.ts'
export type { Json, JsonObject } from './json.ts'
export { isJsonText, jsonForm, misshapenMember, ofForm } from './json-form.ts'
export { manifestJson, parseLayeredManifest, prepareManifest, readDescriptor } from './manifest.ts'
export type { LayeredManifest } from './manifest.ts'
export { countPayloadTokens, parseCountedPayload, parseDocument, parseVerifiedPayload } from './parse-document.ts'
export { parsePayloadDocument } from './payload-document.ts'
export type { PayloadDocument, PayloadDocumentOptions } from './payload-document.ts'
export { HeldPredicate, isPredicateObject, payloadsInMemory, predicateOf } from './verified-payload.ts'
export type { PayloadReader, Predicate, PredicatePart, VerifiedPayload } from './verified-payload.ts'
export { createEvaluationBudget, DEFAULT_BUDGET } from './evaluation-budget.ts'
export type { BudgetLimits, BudgetName, EvaluationBudget } from './evaluation-budget.ts'
export { checkJsonShape } from './json-shape.ts'
export type { JsonShape } from './json-shape.ts'
export { readWithin } from './read-within.ts'
export { yieldIfDue } from './scheduler.ts'
export { foldKey, hasFoldedTwins, parseStrictJson } from './strict-json.ts'
export type { StrictJsonOptions } from './strict-json.ts'
export { messageOf } from './message-of.ts'
export { findOptionFault, findValueFault, isObject, optionChecker, valueChecker } from './option-table.ts'
export type { CheckOptions, CheckValue, OptionFault, OptionKind, OptionPlace, OptionTable } from './option-table.ts'
export {
  aBoolean,
  aFunction,
  anAbortSignal,
  anObject,
  anything,
  aDuration,
  aPositiveInteger,
  aSize,
  aString,
  aDate,
  arrayOf,
  oneOf,
  recordOf,
  withMethods,
} from './option-kinds.ts'
export {
  float32Text,
  formatGoFloat,
  formatJsonNumber,
  MAX_INT64,
  MIN_INT64,
  parseGoFloat,
  parseGoInteger,
} from './go-number.ts'
export { isPlainString } from './yaml/scalar.ts'
export { readYaml, YamlError } from './yaml/read-yaml.ts'
export type { YamlDocument, YamlErrorKind, YamlPlace, YamlRules } from './yaml/read-yaml.ts'
export { isDnsLabel, isDnsSubdomain, isLabelKey, isLabelValue } from './kubernetes-name.ts'
export { hasWildcard, matchWildcard } from './match-wildcard.ts'
export { expressionOf, findReferences, findVariables, hasVariables, replaceVariables } from './variables.ts'
export type { Placeholder } from './variables.ts'
export type {
  AttestorDetail,
  AttestorEntryStep,
  AttestorStep,
  CosignDetail,
  CosignStep,
  KeyDetail,
} from './reasons/attestor-detail.ts'
export type { CertificateDetail } from './reasons/certificate-detail.ts'
export { CheckError, checkErrorOf, during, duringSync, StepError } from './reasons/check-error.ts'
export type { CheckErrorDetails } from './reasons/check-error.ts'
export {
  attestorCodes,
  certificateCodes,
  conditionCodes,
  imageCodes,
  notaryCodes,
  policyCodes,
  registryCodes,
  verifierCodes,
} from './reasons/codes.ts'
export type {
  AttestorCode,
  CertificateCode,
  ConditionCode,
  ImageCode,
  NotaryCode,
  PolicyCode,
  ReasonCode,
  RegistryCode,
  VerifierCode,
} from './reasons/codes.ts'
export { differenceRows } from './reasons/differences.ts'
export type { DifferenceRow } from './reasons/differences.ts'
export { failureOf, isInconclusive, reasonsOf, refusalOf } from './reasons/failure.ts'
export type { Failure, Outcome, Place, ReasonDetail, Refusal, Step, StepFailure } from './reasons/failure.ts'
export type { NotaryDetail, NotaryLayer, NotaryStep } from './reasons/notary-detail.ts'
export type { Reason } from './reasons/reason.ts'
export type {
  RegistryAnswerDetail,
  RegistryAnswerError,
  RegistryDetail,
  RegistryFault,
  RegistryRequest,
  RegistryTransportDetail,
} from './reasons/registry-detail.ts'
export { createVerificationMemo } from './verification-memo.ts'
export type { RememberedResults, VerificationMemo } from './verification-memo.ts'
