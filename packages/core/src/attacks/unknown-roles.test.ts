import type { PolicyException } from '@verify-images/policy-parser'
import { describe, expect, test } from 'vitest'
import { createImageVerifier } from '../create-image-verifier.ts'
import { fixedObjects, type KubernetesReader, type ListableKind } from '../kubernetes.ts'
import { parseExceptions } from '../parse-policies.ts'
import type { ResourceRequest } from '../request/admission-request.ts'
import { attackedWorld, type Options } from '../testing/attacked-world.ts'
import { podOf, policyOf, signedBy } from '../testing/policies.ts'

/** Roles that were not stated are unknown, not absent: an API server never sends them. */
const attacked = attackedWorld()
const SIGNED = 'registry.test/app:signed'
const UNSIGNED = 'registry.test/app:unsigned'
const pods = { resources: { kinds: ['Pod'] } }
const makers = { any: [{ ...pods, clusterRoles: ['podmaker'] }] }
const jane: ResourceRequest = { userInfo: { username: 'jane', groups: ['dev'] } }

function policies(rule: object = { match: makers }, spec: object = {}): ReturnType<typeof policyOf> {
  const { world } = attacked
  world.image(SIGNED).signedBy(world.key('release'))
  world.image(UNSIGNED)
  return policyOf([signedBy([world.key('release')])], { rule, spec })
}

const subject = { kind: 'User', name: 'jane' }
const clusterRoleBinding = (role: string, subjects: readonly object[] | null = [subject]): object => ({
  kind: 'ClusterRoleBinding',
  metadata: { name: `b-${role}` },
  roleRef: { kind: 'ClusterRole', name: role },
  subjects,
})
const roleBinding = (namespace: string, roleRef: object, subjects: readonly object[] = [subject]): object => ({
  kind: 'RoleBinding',
  metadata: { name: 'b', namespace },
  roleRef,
  subjects,
})
const outcome = async (
  image: string,
  {
    request = jane,
    rule,
    spec,
    ...options
  }: Options & { request?: ResourceRequest; rule?: object; spec?: object } = {},
): Promise<string> => {
  const { admitted, outcome: result } = await attacked.judge(policies(rule, spec), podOf(image), options, request)
  return `${admitted ? 'admitted' : 'denied'} ${result}`
}

describe('a rule for a cluster role, in a request that does not state the roles', () => {
  test('with unknown roles, a rule for a role passes a signed image, and is inconclusive for another', async () => {
    expect(await outcome(SIGNED)).toBe('admitted accepted')
    expect(await outcome(UNSIGNED)).toBe('denied inconclusive')
    const { rules } = await attacked.judge(policies(), podOf(UNSIGNED), {}, jane)
    expect(rules.map(({ status, code }) => `${status} ${String(code)}`)).toEqual(['error VERIFIER_ROLES_UNAVAILABLE'])
    expect(rules[0]?.reasons).toMatchObject([{ difference: 'adm-roles-unknown' }])
    expect(rules[0]?.message).toContain('ATTESTOR_NO_SIGNATURE')
  })

  test('control: a rule for a cluster role is decided by the roles that are stated', async () => {
    const stated = (...clusterRoles: string[]): ResourceRequest => ({ ...jane, roles: [], clusterRoles })
    expect(await outcome(UNSIGNED, { request: stated('podmaker') })).toBe('denied rejected')
    expect(await outcome(SIGNED, { request: stated('podmaker') })).toBe('admitted accepted')
    expect(await outcome(UNSIGNED, { request: stated() })).toBe('admitted accepted')
  })

  test('control: a rule for a cluster role does not apply to another kind, whatever the roles', async () => {
    const rule = { match: { any: [{ resources: { kinds: ['Job'] }, clusterRoles: ['podmaker'] }] } }
    expect(await outcome(UNSIGNED, { rule })).toBe('admitted accepted')
  })

  test('a rule is not turned off by an `exclude` of unknown roles', async () => {
    const rule = { match: { any: [pods] }, exclude: { any: [{ ...pods, roles: ['default:admin'] }] } }
    expect(await outcome(UNSIGNED, { rule })).toBe('denied inconclusive')
    expect(await outcome(UNSIGNED, { rule, request: { ...jane, roles: ['default:admin'], clusterRoles: [] } })).toBe(
      'admitted accepted',
    )
  })

  test('a rule is not exempted by an exception for unknown roles', async () => {
    const exceptions = (role: string): readonly PolicyException[] =>
      parseExceptions(
        JSON.stringify({
          apiVersion: 'kyverno.io/v2',
          kind: 'PolicyException',
          metadata: { name: 'debug', namespace: 'kyverno' },
          spec: {
            background: false,
            exceptions: [{ policyName: 'signed', ruleNames: ['check'] }],
            match: { any: [{ ...pods, clusterRoles: [role] }] },
          },
        }),
      )
    const rule = { match: { any: [pods] } }
    expect(await outcome(UNSIGNED, { rule, exceptions: exceptions('admin') })).toBe('denied inconclusive')
    const request = { ...jane, roles: [], clusterRoles: ['admin'] }
    expect(await outcome(UNSIGNED, { rule, exceptions: exceptions('admin'), request })).toBe('admitted accepted')
    expect(await outcome(UNSIGNED, { rule, exceptions: exceptions('other'), request })).toBe('denied rejected')
  })

  test('a rule for unknown roles does not end a policy with `applyRules: One`', async () => {
    const { world } = attacked
    const both = policies({ match: makers }, { applyRules: 'One' }).map((policy) => ({
      ...policy,
      spec: {
        ...policy.spec,
        rules: [
          ...policy.spec.rules,
          ...policyOf([signedBy([world.key('other')])], { rule: { name: 'second', match: { any: [pods] } } }).flatMap(
            ({ spec }) => spec.rules,
          ),
        ],
      },
    }))
    expect(await attacked.judge(both, podOf(SIGNED), {}, jane)).toMatchObject({
      admitted: false,
      outcome: 'inconclusive',
    })
    const request = { ...jane, roles: [], clusterRoles: ['podmaker'] }
    expect(await attacked.judge(both, podOf(SIGNED), {}, request)).toMatchObject({ outcome: 'accepted' })
  })

  test('a rule for a cluster role is evaluated as in Kyverno without a requester', async () => {
    expect(await outcome(UNSIGNED, { request: {} })).toBe('denied rejected')
    const scanned = await createImageVerifier({
      policies: policies({ match: { any: [pods] }, exclude: makers }, { background: false }),
      registry: attacked.world.registryClient(),
    }).scan(podOf(UNSIGNED))
    expect(scanned).toMatchObject({ unmatched: true })
  })
})

describe('expressions that mention the roles', () => {
  const preconditions = (key: string): object => ({
    match: { any: [pods] },
    preconditions: { all: [{ key, operator: 'AnyNotIn', value: ['podmaker'] }] },
  })

  test('expressions that mention unknown roles fail, even with a default', async () => {
    for (const key of ['{{ request.clusterRoles || `["podmaker"]` }}', '{{ request.clusterRoles }}'])
      expect(await outcome(UNSIGNED, { rule: preconditions(key) })).toBe('denied inconclusive')
  })

  test('control: expressions see roles that are stated, or bound in the cluster', async () => {
    const rule = preconditions('{{ request.clusterRoles || `["podmaker"]` }}')
    const request = { ...jane, roles: [], clusterRoles: ['other'] }
    expect(await outcome(UNSIGNED, { rule, request })).toBe('denied rejected')
    expect(await outcome(UNSIGNED, { rule, kubernetes: fixedObjects([clusterRoleBinding('podmaker')]) })).toBe(
      'admitted accepted',
    )
  })
})

describe('with a reader of role bindings a rule', () => {
  const rolesRule = { match: { any: [{ ...pods, roles: ['team:admin'] }] } }
  const serviceAccount: ResourceRequest = { userInfo: { username: 'system:serviceaccount:default:app' } }
  const applies: readonly [string, object[], (object | undefined)?, ResourceRequest?][] = [
    ['a ClusterRoleBinding of the user', [clusterRoleBinding('podmaker')]],
    ['one of a group', [clusterRoleBinding('podmaker', [{ kind: 'Group', name: 'dev' }])]],
    [
      'one of a service account',
      [clusterRoleBinding('podmaker', [{ kind: 'ServiceAccount', namespace: 'default', name: 'app' }])],
      undefined,
      serviceAccount,
    ],
    [
      'a RoleBinding to the ClusterRole in its namespace',
      [roleBinding('default', { kind: 'ClusterRole', name: 'podmaker' })],
    ],
    [
      "a RoleBinding whose service account has the binding's namespace",
      [roleBinding('default', { kind: 'ClusterRole', name: 'podmaker' }, [{ kind: 'ServiceAccount', name: 'app' }])],
      undefined,
      serviceAccount,
    ],
    ['a RoleBinding to a Role of any namespace', [roleBinding('team', { kind: 'Role', name: 'admin' })], rolesRule],
  ]
  test.each(applies)('applies by %s', async (_, objects, rule, request) => {
    const kubernetes = fixedObjects(objects)
    const given = { kubernetes, ...(rule && { rule }), ...(request && { request }) }
    expect(await outcome(UNSIGNED, given)).toBe('denied rejected')
    expect(await outcome(SIGNED, given)).toBe('admitted accepted')
  })

  const passes: readonly [string, object[], (object | undefined)?, ResourceRequest?][] = [
    ['of another user', [clusterRoleBinding('podmaker', [{ kind: 'User', name: 'joe' }])]],
    ['without subjects', [clusterRoleBinding('podmaker', null)]],
    ['of another role', [clusterRoleBinding('admin')]],
    ['to the ClusterRole in another namespace', [roleBinding('team', { kind: 'ClusterRole', name: 'podmaker' })]],
    ['to a Role of the same name', [roleBinding('default', { kind: 'Role', name: 'podmaker' })]],
    [
      'of a service account without a namespace',
      [clusterRoleBinding('podmaker', [{ kind: 'ServiceAccount', name: 'app' }])],
      undefined,
      serviceAccount,
    ],
  ]
  test.each(passes)('does not apply by a binding %s', async (_, objects, rule, request) => {
    const given = { kubernetes: fixedObjects(objects), ...(rule && { rule }), ...(request && { request }) }
    expect(await outcome(UNSIGNED, given)).toBe('admitted accepted')
  })

  const listing = (list: (kind: ListableKind) => unknown): KubernetesReader => ({
    read: () => Promise.resolve(undefined),
    list: (kind) => Promise.resolve(list(kind)) as Promise<readonly object[]>,
  })
  test.each<[string, (kind: ListableKind) => unknown]>([
    [
      'fails',
      () => {
        throw new Error('forbidden')
      },
    ],
    ['knows no bindings', () => undefined],
    ['returns no array', () => ({})],
    ['returns something that is no binding', () => [{ metadata: {} }]],
    ['returns subjects that are no array', () => [{ roleRef: { kind: 'ClusterRole', name: 'x' }, subjects: {} }]],
    [
      'returns a name that is no string',
      () => [{ roleRef: { kind: 'ClusterRole', name: 'x' }, subjects: [{ kind: 'User', name: 7 }] }],
    ],
    ['returns more bindings than the limit', () => new Array(100_001).fill(clusterRoleBinding('podmaker'))],
  ])('a rule for a cluster role is inconclusive if the reader of role bindings %s', async (_, list) => {
    expect(await outcome(UNSIGNED, { kubernetes: listing(list) })).toBe('denied inconclusive')
    expect(await outcome(SIGNED, { kubernetes: listing(list) })).toBe('admitted accepted')
  })

  test('role bindings are listed once per evaluation, and not for a rule that does not match', async () => {
    const listed: string[] = []
    const kubernetes = listing((kind) => {
      listed.push(kind)
      return []
    })
    const { world } = attacked
    const twice = policyOf([signedBy([world.key('release')]), signedBy([world.key('other')])], {
      rule: { match: makers },
    })
    await attacked.judge([...policies(), ...twice], podOf(UNSIGNED, SIGNED), { kubernetes }, jane)
    expect(listed.sort()).toEqual(['ClusterRoleBinding', 'RoleBinding'])
    listed.length = 0
    await attacked.judge(policies({ match: { any: [pods] } }), podOf(UNSIGNED), { kubernetes }, jane)
    await attacked.judge(policies(), podOf('elsewhere.test/app:1'), { kubernetes }, jane)
    expect(listed).toEqual([])
  })
})

test('a review without a requester is evaluated by rules for users', async () => {
  const rule = { match: { any: [{ ...pods, subjects: [{ kind: 'User', name: 'jane' }] }] } }
  const review = (userInfo: object | undefined): object => ({
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    request: { uid: '1', operation: 'CREATE', object: podOf(UNSIGNED), ...(userInfo && { userInfo }) },
  })
  const verifier = createImageVerifier({ policies: policies(rule), registry: attacked.world.registryClient() })
  expect((await verifier.review(review(undefined))).verdict?.outcome).toBe('inconclusive')
  expect((await verifier.review(review({ username: 'jane' }))).verdict?.outcome).toBe('rejected')
  expect((await verifier.review(review({ username: 'joe' }))).verdict?.outcome).toBe('accepted')
})

test('a warning names the rules whose roles would be unknown', () => {
  const codes = (rule: object, options: Options = {}): readonly string[] =>
    createImageVerifier({ policies: policies(rule), ...options }).warnings.flatMap(({ code, path }) =>
      code === 'VERIFIER_ROLES_UNAVAILABLE' ? [path] : [],
    )
  expect(codes({ match: makers })).toEqual(['spec.rules[0].match'])
  expect(codes({ match: { any: [pods] }, exclude: makers })).toEqual(['spec.rules[0].match'])
  expect(codes({ match: { any: [pods] } })).toEqual([])
  expect(codes({ match: makers }, { kubernetes: fixedObjects([]) })).toEqual([])
  const preconditions = { all: [{ key: "{{ request.clusterRoles || '' }}", operator: 'NotEquals', value: 'x' }] }
  expect(codes({ match: { any: [pods] }, preconditions })).toEqual(['spec.rules[0]'])
  expect(codes({ match: { any: [pods] }, preconditions }, { kubernetes: fixedObjects([]) })).toEqual([])
})
