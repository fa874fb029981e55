import { groupVersionKindOf, matchRule } from '@verify-images/core'

export const evaluate = ({
  match,
  exclude,
  resource,
  gvk,
  subresource = '',
  operation,
  userInfo = {},
  roles = [],
  clusterRoles = [],
  namespaceLabels = {},
  policyNamespace,
}) => {
  const request = {
    object: resource,
    gvk: gvk ?? groupVersionKindOf(resource),
    subresource,
    operation,
    userInfo,
    roles,
    clusterRoles,
    namespaceLabels,
    policyNamespace,
  }
  return matchRule({ name: 'r', match, exclude }, request)
}
