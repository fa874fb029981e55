export { reasonsOf } from '@verify-images/primitives'
export { createNotaryReader } from './notary-reader.ts'
export { createNotaryVerifier } from './notary-verifier.ts'
export type { NotaryVerifierOptions } from './notary-verifier.ts'
export { NotaryError } from './notary-error.ts'
export type { TrustPolicyTexts } from './notary-trust.ts'
export type { TargetDescriptor } from './payload.ts'
export { createRevocationChecker } from './revocation/http-revocation-checker.ts'
export type {
  ResponderFetch,
  ResponderRequest,
  RevocationCheckerOptions,
} from './revocation/http-revocation-checker.ts'
export { createMemoryRevocationCache } from './revocation/revocation-cache.ts'
export type { RevocationCache } from './revocation/revocation-cache.ts'
export type { RevocationAnswer, RevocationChecker, RevocationRequest } from './revocation/revocation-checker.ts'
export { createTrustPolicyVerifier } from './trust-policy-verifier.ts'
export type {
  NotarySignature,
  Skipped,
  TrustPolicyRun,
  TrustPolicyVerifier,
  TrustPolicyVerifierOptions,
  VerifiedNotaryImage,
  VerifiedNotarySignature,
} from './trust-policy-verifier.ts'
export { parseTrustPolicy } from './trust/parse-trust-policy.ts'
export { selectStatement } from './trust/statement.ts'
export type { TrustPolicy, TrustPolicyStatement, TrustStoreName, TrustStoreType } from './trust/statement.ts'
export type { NameAttributes } from './trust/distinguished-name.ts'
export type { TrustStoreTexts } from './trust/trust-store.ts'
export type { TrustedIdentity } from './trust/trusted-identity.ts'
export type { Action, Check, Enforcement, LevelName } from './trust/verification-level.ts'
