import type { NotaryValidation } from '../evidence.ts'

export type Check = NotaryValidation['check']
export type Action = NotaryValidation['action']

/** What is done when a validation fails. */
export type Enforcement = Readonly<Record<Check, Action>>

export type LevelName = 'strict' | 'permissive' | 'audit' | 'skip'

/** @see Notary Project, trust store and trust policy: Signature Verification details */
export const LEVELS: Readonly<Record<LevelName, Enforcement>> = {
  strict: {
    integrity: 'enforce',
    authenticity: 'enforce',
    authenticTimestamp: 'enforce',
    expiry: 'enforce',
    revocation: 'enforce',
  },
  permissive: {
    integrity: 'enforce',
    authenticity: 'enforce',
    authenticTimestamp: 'log',
    expiry: 'log',
    revocation: 'log',
  },
  audit: { integrity: 'enforce', authenticity: 'log', authenticTimestamp: 'log', expiry: 'log', revocation: 'log' },
  skip: { integrity: 'skip', authenticity: 'skip', authenticTimestamp: 'skip', expiry: 'skip', revocation: 'skip' },
}

/** The actions that `override` may set. Integrity is always enforced. */
export const OVERRIDES: ReadonlyMap<string, readonly Action[]> = new Map<Check, readonly Action[]>([
  ['authenticity', ['enforce', 'log']],
  ['authenticTimestamp', ['enforce', 'log']],
  ['expiry', ['enforce', 'log']],
  ['revocation', ['enforce', 'log', 'skip']],
])
