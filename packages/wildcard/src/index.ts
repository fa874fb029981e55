export { hasWildcard, matchWildcard } from './match-wildcard.ts'
