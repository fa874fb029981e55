import { matchWildcard } from '@verify-images/primitives'

export const evaluate = ({ pattern, name }) => ({ match: matchWildcard(pattern, name) })
