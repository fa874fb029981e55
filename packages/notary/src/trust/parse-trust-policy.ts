import { isJsonObject, ownMember, parseStrictJson } from '@verify-images/primitives'
import type { Json } from '@verify-images/primitives'
import {
  MAX_IDENTITIES,
  MAX_IDENTITY_LENGTH,
  MAX_STATEMENTS,
  MAX_STATEMENT_ENTRIES,
  MAX_TRUST_POLICY_LENGTH,
} from '../limits.ts'
import { NotaryError, shown } from '../notary-error.ts'
import { isRepositoryScope, scopeName } from './statement.ts'
import type { TrustPolicy, TrustPolicyStatement, TrustStoreName, TrustStoreType } from './statement.ts'
import { overlaps, parseTrustedIdentity } from './trusted-identity.ts'
import type { TrustedIdentity } from './trusted-identity.ts'
import { LEVELS, OVERRIDES } from './verification-level.ts'
import type { Action, Enforcement, LevelName } from './verification-level.ts'

/**
 * Parses a trust policy document for OCI artifacts, version 1.0.
 *
 * Rejects everything that the specification forbids, with its path, and unknown members: a misspelt `override` would
 * otherwise be ignored.
 *
 * @throws NotaryError NOTARY_TRUST_POLICY_INVALID
 * @see Notary Project, trust store and trust policy: OCI Trust Policy
 */
export function parseTrustPolicy(text: string): TrustPolicy {
  const document = readDocument(text)
  checkMembers(document, '', ['version', 'trustPolicies'])
  const version = ownMember(document, 'version')
  if (version !== '1.0') throw invalid('version', 'expected `1.0`')
  const [first, ...rest] = arrayOf(ownMember(document, 'trustPolicies'), 'trustPolicies', MAX_STATEMENTS).map(
    (value, i) => readStatement(value, `trustPolicies[${i}]`),
  )
  if (!first) throw invalid('trustPolicies', 'expected at least one statement')
  const statements: TrustPolicy['statements'] = [first, ...rest]
  rejectRepeated(
    statements.map(({ name }) => name),
    (i) => `trustPolicies[${i}].name`,
    'is already the name of another statement',
  )
  const scopes = statements.flatMap(({ registryScopes }, i) =>
    registryScopes.map((scope, j) => ({ scope, path: `trustPolicies[${i}].registryScopes[${j}]` })),
  )
  rejectRepeated(
    scopes.map(({ scope }) => scopeName(scope)),
    (i) => scopes[i]?.path ?? '',
    'occurs twice in the trust policy',
  )
  return { statements }
}

function readDocument(text: string): Json {
  if (typeof text !== 'string') throw invalid('', 'trust policy: expected a string')
  if (text.length > MAX_TRUST_POLICY_LENGTH)
    throw invalid('', `trust policy: expected at most ${MAX_TRUST_POLICY_LENGTH} characters, got ${text.length}`)
  try {
    return parseStrictJson(text, { exactIntegers: true })
  } catch (cause) {
    const problem = cause instanceof SyntaxError ? cause.message : 'expected JSON'
    throw new NotaryError('NOTARY_TRUST_POLICY_INVALID', '', `cannot parse the trust policy: ${problem}`, { cause })
  }
}

function readStatement(value: Json, path: string): TrustPolicyStatement {
  checkMembers(value, path, ['name', 'registryScopes', 'signatureVerification', 'trustStores', 'trustedIdentities'])
  const name = stringOf(ownMember(value, 'name'), `${path}.name`)
  const registryScopes = readScopes(ownMember(value, 'registryScopes'), `${path}.registryScopes`)
  const verification = readVerification(ownMember(value, 'signatureVerification'), `${path}.signatureVerification`)
  const trustStores = arrayOf(ownMember(value, 'trustStores') ?? [], `${path}.trustStores`, MAX_STATEMENT_ENTRIES).map(
    (store, i) => readStore(store, `${path}.trustStores[${i}]`),
  )
  const trustedIdentities = readIdentities(ownMember(value, 'trustedIdentities') ?? [], `${path}.trustedIdentities`)
  if (verification.level === 'skip') {
    if (trustStores.length > 0 || trustedIdentities.length > 0)
      throw invalid(path, 'expected neither trust stores nor trusted identities with the level `skip`')
    if (registryScopes.includes('*')) throw invalid(path, 'the level `skip` is not allowed for all repositories')
  } else if (trustStores.length === 0 || trustedIdentities.length === 0) {
    throw invalid(path, 'expected trust stores and trusted identities')
  }
  return { name, registryScopes, ...verification, trustStores, trustedIdentities }
}

function readScopes(value: Json | undefined, path: string): readonly string[] {
  const scopes = arrayOf(value, path, MAX_STATEMENT_ENTRIES).map((scope, i) => stringOf(scope, `${path}[${i}]`))
  if (scopes.length === 0) throw invalid(path, 'expected at least one scope')
  if (scopes.includes('*') && scopes.length > 1) throw invalid(path, '`*` must be the only scope')
  const bad = scopes.findIndex((scope) => scope !== '*' && !isRepositoryScope(scope))
  if (bad >= 0)
    throw invalid(
      `${path}[${bad}]`,
      `expected a complete repository such as \`registry.example.com/team/app\`, got \`${shown(scopes[bad] ?? '')}\``,
    )
  return scopes
}

type Verification = Pick<TrustPolicyStatement, 'level' | 'enforcement' | 'verifyTimestamp'>

function readVerification(value: Json | undefined, path: string): Verification {
  checkMembers(value, path, ['level', 'override', 'verifyTimestamp'])
  const level = ownMember(value, 'level')
  if (!isLevelName(level)) throw invalid(`${path}.level`, `expected \`${Object.keys(LEVELS).join('`, `')}\``)
  const verifyTimestamp = ownMember(value, 'verifyTimestamp') ?? 'always'
  if (verifyTimestamp !== 'always' && verifyTimestamp !== 'afterCertExpiry')
    throw invalid(`${path}.verifyTimestamp`, 'expected `always` or `afterCertExpiry`')
  return { level, enforcement: readOverride(ownMember(value, 'override'), level, `${path}.override`), verifyTimestamp }
}

function readOverride(value: Json | undefined, level: LevelName, path: string): Enforcement {
  if (value === undefined) return LEVELS[level]
  if (!isJsonObject(value)) throw invalid(path, 'expected an object')
  const entries = Object.entries(value).map(([check, action]) => {
    const allowed: readonly Json[] | undefined = OVERRIDES.get(check)
    if (!allowed) throw invalid(path, `\`${shown(check)}\` cannot be overridden`)
    if (!allowed.includes(action)) throw invalid(`${path}.${check}`, `expected \`${allowed.join('`, `')}\``)
    return [check, action as Action] as const
  })
  if (level === 'skip' && entries.length > 0) throw invalid(path, 'the level `skip` cannot be overridden')
  return { ...LEVELS[level], ...Object.fromEntries(entries) }
}

const storeTypes: ReadonlySet<string> = new Set<TrustStoreType>(['ca', 'signingAuthority', 'tsa'])

function readStore(value: Json, path: string): TrustStoreName {
  const text = stringOf(value, path)
  const colon = text.indexOf(':')
  const [type, name] = [text.slice(0, Math.max(colon, 0)), text.slice(colon + 1)]
  if (!isStoreType(type)) throw invalid(path, `expected a name that starts with \`${[...storeTypes].join(':`, `')}:\``)
  if (!/^[\w.-]+$/.test(name)) throw invalid(path, 'expected a trust store name of letters, digits, `_`, `.` and `-`')
  return { type, name }
}

function readIdentities(value: Json, path: string): readonly TrustedIdentity[] {
  const identities = arrayOf(value, path, MAX_IDENTITIES).map((entry, i) => {
    const text = stringOf(entry, `${path}[${i}]`)
    const identity =
      text.length > MAX_IDENTITY_LENGTH
        ? { problem: `expected at most ${MAX_IDENTITY_LENGTH} characters` }
        : parseTrustedIdentity(text)
    if ('problem' in identity) throw invalid(`${path}[${i}]`, `\`${shown(text)}\`: ${identity.problem}`)
    return identity
  })
  if (identities.length > 1 && identities.some(({ kind }) => kind === 'anyone'))
    throw invalid(path, '`*` must be the only trusted identity')
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

/** Rejects anything but an object, and unknown members. */
function checkMembers(value: Json | undefined, path: string, known: readonly string[]): void {
  if (!isJsonObject(value)) throw invalid(path, 'expected an object')
  const unknown = Object.keys(value).find((name) => !known.includes(name))
  if (unknown !== undefined) throw invalid(path, `unknown member \`${shown(unknown)}\``)
}

/** Rejects a string that occurs twice. */
function rejectRepeated(texts: readonly string[], pathOf: (index: number) => string, problem: string): void {
  const first = new Set<string>()
  for (const [i, text] of texts.entries()) {
    if (first.has(text)) throw invalid(pathOf(i), `\`${shown(text)}\` ${problem}`)
    first.add(text)
  }
}

function arrayOf(value: Json | undefined, path: string, max: number): readonly Json[] {
  if (!Array.isArray(value)) throw invalid(path, 'expected an array')
  if (value.length > max) throw invalid(path, `expected at most ${max} entries, got ${value.length}`)
  return value
}

function stringOf(value: Json | undefined, path: string): string {
  if (typeof value !== 'string' || value === '') throw invalid(path, 'expected a string that is not empty')
  return value
}

function invalid(path: string, problem: string): NotaryError {
  return new NotaryError('NOTARY_TRUST_POLICY_INVALID', path, problem)
}
