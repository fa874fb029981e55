import { type Json, type JsonObject, type Operation } from '@verify-images/core'
import { isJsonArray, isJsonObject, ownMember } from '@verify-images/primitives'
import type { ApplyArguments, Requester } from './command-line/arguments.ts'
import type { CommandIO } from './command-io.ts'
import { checkMembers, invalid, listOf, singleDocument, stringOf, stringsOf } from './decode.ts'
import { readInput } from './read-input.ts'

/** What is known of the admission request, from options and from the files of Kyverno's command line. */
export interface RequestFacts {
  readonly requester: Requester
  readonly operation: Operation
  /** Namespaces with their labels. */
  readonly namespaces: readonly JsonObject[]
}

type FileArguments = Pick<ApplyArguments, 'requester' | 'operation' | 'userInfoFile' | 'valuesFile'>

/** Loads the facts of the request. Options count before files. */
export async function loadRequestFacts(given: FileArguments, io: CommandIO): Promise<RequestFacts> {
  const values = given.valuesFile === undefined ? NO_VALUES : await readInput(given.valuesFile, io, parseValues)
  const fromFile = given.userInfoFile === undefined ? {} : await readInput(given.userInfoFile, io, parseUserInfo)
  return {
    requester: { ...fromFile, ...given.requester },
    operation: given.operation ?? values.operation ?? 'CREATE',
    namespaces: values.namespaces,
  }
}

export interface Values {
  readonly operation?: Operation
  readonly namespaces: readonly JsonObject[]
}

export const NO_VALUES: Values = { namespaces: [] }

/**
 * Reads a values file of Kyverno's command line. Values of context variables are refused: they would replace what
 * rules read in the cluster, so the result would say nothing about the cluster.
 *
 * @throws InputError
 * @see Kyverno, cmd/cli/kubectl-kyverno/apis/v1alpha1/values_spec.go
 */
export function parseValues(text: string, name: string): Values {
  return valuesOf(singleDocument(text, name, ['Values', 'Value']), name)
}

const VALUES_MEMBERS = ['globalValues', 'namespaceSelector', 'namespaces', 'subresources', 'policies', 'variables']

/** Reads the members of a values file, which a test file can contain, too. @throws InputError */
export function valuesOf(document: JsonObject, name: string): Values {
  checkMembers(document, ['apiVersion', 'kind', 'metadata', ...VALUES_MEMBERS], name)
  for (const member of ['policies', 'variables', 'subresources'])
    if (document[member] !== undefined && !isEmpty(document[member]))
      throw invalid(name, `${member}: not supported; pass what rules read as objects (--objects)`)
  const { globalValues = {}, namespaceSelector = [], namespaces = [] } = document
  return {
    ...operationOf(globalValues, name),
    namespaces: [
      ...listOf(namespaceSelector, `${name}: namespaceSelector`).map((each) => ({
        apiVersion: 'v1',
        kind: 'Namespace',
        metadata: { name: stringOf(each, 'name', name), labels: ownMember(each, 'labels') ?? {} },
      })),
      ...listOf(namespaces, `${name}: namespaces`),
    ],
  }
}

const OPERATIONS: readonly Operation[] = ['CREATE', 'UPDATE', 'DELETE', 'CONNECT']

function operationOf(values: Json, name: string): { readonly operation?: Operation } {
  if (!isJsonObject(values)) throw invalid(name, 'globalValues: expected an object')
  checkMembers(values, ['request.operation'], `${name}: globalValues`)
  const given = values['request.operation']
  const operation = OPERATIONS.find((each) => each === given)
  if (given !== undefined && operation === undefined)
    throw invalid(name, `globalValues.request.operation: expected one of ${OPERATIONS.join(', ')}`)
  return operation === undefined ? {} : { operation }
}

/**
 * Reads a file with the requester.
 *
 * @throws InputError
 * @see Kyverno, cmd/cli/kubectl-kyverno/apis/v1alpha1/user_info.go
 */
export function parseUserInfo(text: string, name: string): Requester {
  const document = singleDocument(text, name, ['UserInfo'])
  checkMembers(document, ['apiVersion', 'kind', 'metadata', 'roles', 'clusterRoles', 'userInfo'], name)
  const { roles, clusterRoles, userInfo = {} } = document
  if (!isJsonObject(userInfo)) throw invalid(name, 'userInfo: expected an object')
  checkMembers(userInfo, ['username', 'groups', 'uid'], `${name}: userInfo`)
  const { username, uid, groups } = userInfo
  return {
    userInfo: {
      ...(username === undefined ? {} : { username: stringOf(userInfo, 'username', name) }),
      ...(uid === undefined ? {} : { uid: stringOf(userInfo, 'uid', name) }),
      ...(groups === undefined ? {} : { groups: stringsOf(groups, `${name}: userInfo.groups`) }),
    },
    ...(roles === undefined ? {} : { roles: stringsOf(roles, `${name}: roles`) }),
    ...(clusterRoles === undefined ? {} : { clusterRoles: stringsOf(clusterRoles, `${name}: clusterRoles`) }),
  }
}

function isEmpty(value: Json): boolean {
  return isJsonArray(value) ? value.length === 0 : isJsonObject(value) && Object.keys(value).length === 0
}
