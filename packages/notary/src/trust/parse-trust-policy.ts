import { parseDocument } from '@verify-images/attestor-evaluator'
import { CheckError, isJsonObject, ownMember } from '@verify-images/primitives'
import { MAX_IDENTITY_LENGTH, MAX_STATEMENTS, MAX_STATEMENT_ENTRIES, MAX_TRUST_POLICY_LENGTH } from '../limits.ts'
import { NotaryError } from '../notary-error.ts'
import { shown } from '../shown.ts'
import { checkMembers, invalid, listOf, refuseRepeated, textOf } from './policy-members.ts'
import type { Json } from './policy-members.ts'
import { isRepositoryScope, scopeName } from './registry-scope.ts'
import type { TrustPolicy, TrustPolicyStatement, TrustStoreName, TrustStoreType } from './statement.ts'
import { overlaps, parseTrustedIdentity } from './trusted-identity.ts'
import type { TrustedIdentity } from './trusted-identity.ts'
import { LEVELS, OVERRIDES } from './verification-level.ts'
import type { Action, Enforcement, LevelName } from './verification-level.ts'

/**
 * Reads a trust policy document for OCI artifacts, version 1.0.
 *
 * Everything is refused that the specification forbids, at once and with its place, and so are members nobody knows: a
 * misspelt `override` would otherwise mean none.
 *
 * @throws NotaryError NOTARY_TRUST_POLICY_INVALID
 * @see Notary Project, trust store and trust policy: OCI Trust Policy
 */
export function parseTrustPolicy(text: string): TrustPolicy {
  const document = readDocument(text)
  checkMembers(document, '', ['version', 'trustPolicies'])
  const version = ownMember(document, 'version')
  if (version !== '1.0') throw invalid('version', 'must be `1.0`')
  const [first, ...rest] = listOf(ownMember(document, 'trustPolicies'), 'trustPolicies', MAX_STATEMENTS).map(
    (value, i) => readStatement(value, `trustPolicies[${i}]`),
  )
  if (!first) throw invalid('trustPolicies', 'must have a statement')
  const statements: TrustPolicy['statements'] = [first, ...rest]
  refuseRepeated(
    statements.map(({ name }) => name),
    (i) => `trustPolicies[${i}].name`,
    'is the name of another statement',
  )
  const scopes = statements.flatMap(({ registryScopes }, i) =>
    registryScopes.map((scope, j) => ({ scope, path: `trustPolicies[${i}].registryScopes[${j}]` })),
  )
  refuseRepeated(
    scopes.map(({ scope }) => scopeName(scope)),
    (i) => scopes[i]?.path ?? '',
    'is in another statement or twice in one',
  )
  return { statements }
}

function readDocument(text: string): Json {
  if (typeof text !== 'string') throw invalid('', 'the trust policy must be a text')
  if (text.length > MAX_TRUST_POLICY_LENGTH)
    throw invalid('', `the trust policy has ${text.length} characters, at most ${MAX_TRUST_POLICY_LENGTH} are read`)
  try {
    return parseDocument(text, 'the trust policy', 'ATTESTOR_POLICY_INVALID')
  } catch (error) {
    if (error instanceof CheckError)
      throw new NotaryError('NOTARY_TRUST_POLICY_INVALID', '', error.message, { cause: error })
    throw error
  }
}

function readStatement(value: Json, path: string): TrustPolicyStatement {
  checkMembers(value, path, ['name', 'registryScopes', 'signatureVerification', 'trustStores', 'trustedIdentities'])
  const name = textOf(ownMember(value, 'name'), `${path}.name`)
  const registryScopes = readScopes(ownMember(value, 'registryScopes'), `${path}.registryScopes`)
  const verification = readVerification(ownMember(value, 'signatureVerification'), `${path}.signatureVerification`)
  const trustStores = listOf(ownMember(value, 'trustStores') ?? [], `${path}.trustStores`, MAX_STATEMENT_ENTRIES).map(
    (store, i) => readStore(store, `${path}.trustStores[${i}]`),
  )
  const trustedIdentities = readIdentities(ownMember(value, 'trustedIdentities') ?? [], `${path}.trustedIdentities`)
  if (verification.level === 'skip') {
    if (trustStores.length > 0 || trustedIdentities.length > 0)
      throw invalid(path, 'has the level `skip` and must name neither stores nor identities')
    if (registryScopes.includes('*')) throw invalid(path, 'has the level `skip`, which cannot be for all repositories')
  } else if (trustStores.length === 0 || trustedIdentities.length === 0) {
    throw invalid(path, 'must name trust stores and trusted identities')
  }
  return { name, registryScopes, ...verification, trustStores, trustedIdentities }
}

function readScopes(value: Json | undefined, path: string): readonly string[] {
  const scopes = listOf(value, path, MAX_STATEMENT_ENTRIES).map((scope, i) => textOf(scope, `${path}[${i}]`))
  if (scopes.length === 0) throw invalid(path, 'must have a value')
  if (scopes.includes('*') && scopes.length > 1) throw invalid(path, 'must not have `*` beside other values')
  const bad = scopes.findIndex((scope) => scope !== '*' && !isRepositoryScope(scope))
  if (bad >= 0)
    throw invalid(
      `${path}[${bad}]`,
      `\`${shown(scopes[bad] ?? '')}\` is not a repository in full, such as \`registry.example.com/team/app\``,
    )
  return scopes
}

type Verification = Pick<TrustPolicyStatement, 'level' | 'enforcement' | 'verifyTimestamp'>

function readVerification(value: Json | undefined, path: string): Verification {
  checkMembers(value, path, ['level', 'override', 'verifyTimestamp'])
  const level = ownMember(value, 'level')
  if (!isLevelName(level)) throw invalid(`${path}.level`, `must be one of \`${Object.keys(LEVELS).join('`, `')}\``)
  const verifyTimestamp = ownMember(value, 'verifyTimestamp') ?? 'always'
  if (verifyTimestamp !== 'always' && verifyTimestamp !== 'afterCertExpiry')
    throw invalid(`${path}.verifyTimestamp`, 'must be `always` or `afterCertExpiry`')
  return { level, enforcement: readOverride(ownMember(value, 'override'), level, `${path}.override`), verifyTimestamp }
}

function readOverride(value: Json | undefined, level: LevelName, path: string): Enforcement {
  if (value === undefined) return LEVELS[level]
  if (!isJsonObject(value)) throw invalid(path, 'must be an object')
  const entries = Object.entries(value).map(([check, action]) => {
    const allowed: readonly Json[] | undefined = OVERRIDES.get(check)
    if (!allowed) throw invalid(path, `\`${shown(check)}\` is not a validation that can be overridden`)
    if (!allowed.includes(action)) throw invalid(`${path}.${check}`, `must be one of \`${allowed.join('`, `')}\``)
    return [check, action as Action] as const
  })
  if (level === 'skip' && entries.length > 0) throw invalid(path, 'the level `skip` cannot be overridden')
  return { ...LEVELS[level], ...Object.fromEntries(entries) }
}

const storeTypes: ReadonlySet<string> = new Set<TrustStoreType>(['ca', 'signingAuthority', 'tsa'])

function readStore(value: Json, path: string): TrustStoreName {
  const text = textOf(value, path)
  const colon = text.indexOf(':')
  const [type, name] = [text.slice(0, Math.max(colon, 0)), text.slice(colon + 1)]
  if (!isStoreType(type)) throw invalid(path, `must begin with \`${[...storeTypes].join(':`, `')}:\``)
  if (!/^[\w.-]+$/.test(name))
    throw invalid(path, 'names of trust stores are made of letters, digits, `_`, `.` and `-`')
  return { type, name }
}

function readIdentities(value: Json, path: string): readonly TrustedIdentity[] {
  const identities = listOf(value, path, MAX_STATEMENT_ENTRIES).map((entry, i) => {
    const text = textOf(entry, `${path}[${i}]`)
    const identity = text.length > MAX_IDENTITY_LENGTH ? { problem: 'is too long' } : parseTrustedIdentity(text)
    if ('problem' in identity) throw invalid(`${path}[${i}]`, `\`${shown(text)}\`: ${identity.problem}`)
    return identity
  })
  if (identities.length > 1 && identities.some(({ kind }) => kind === 'anyone'))
    throw invalid(path, 'must not have `*` beside other values')
  for (const [i, narrow] of identities.entries()) {
    const wide = identities.find((other, j) => i !== j && overlaps(other, narrow))
    if (wide) throw invalid(`${path}[${i}]`, `\`${shown(narrow.text)}\` overlaps with \`${shown(wide.text)}\``)
  }
  return identities
}

function isLevelName(value: Json | undefined): value is LevelName {
  return typeof value === 'string' && Object.hasOwn(LEVELS, value)
}

function isStoreType(text: string): text is TrustStoreType {
  return storeTypes.has(text)
}
