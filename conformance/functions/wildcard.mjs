import { matchWildcard } from '@verify-images/wildcard'

export const evaluate = ({ pattern, name }) => ({ match: matchWildcard(pattern, name) })
