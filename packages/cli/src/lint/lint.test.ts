import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Log } from 'sarif'
import { expect, test } from 'vitest'
import { run } from '../run.ts'
import { memoryIO, type Written } from '../testing/memory-io.ts'
import { fixFor } from './fixes.ts'

const policy = (attestors: string): string => `
apiVersion: kyverno.io/v1
kind: ClusterPolicy
metadata: { name: signed }
spec:
  validationFailureAction: Enforce
  rules:
    - name: check
      match: { any: [{ resources: { kinds: [Pod] } }] }
      verifyImages:
        - imageReferences: ['registry.test/*']
          ${attestors}
`
const FILES = new Map([
  [
    'good.yaml',
    policy(
      'attestors: [{ entries: [{ keyless: { subject: a@b.c, issuer: "https://i.test", rekor: { url: ' +
        '"https://r.test" } } }] }]',
    ),
  ],
  [
    'open.yaml',
    policy(
      'attestors: [{ entries: [{ keyless: { subject: "*", issuer: "https://i.test", rekor: { url: ' +
        '"https://r.test" } } }] }]',
    ),
  ],
  ['never.yaml', policy('attestors: [{ entries: [{ keys: { publicKeys: "k8s://a/b" } }] }]')],
  ['broken.yaml', policy('attestor: []')],
  ['settings.yaml', 'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: a }\n'],
])

async function lint(...argv: readonly string[]): Promise<Written & { readonly code: number }> {
  const { io, written } = memoryIO(FILES)
  const code = await run(['lint', ...argv], io)
  return { ...written, code }
}

test('a policy without findings is one line, and exit code 0', async () => {
  expect(await lint('good.yaml', 'settings.yaml')).toMatchObject({
    code: 0,
    out: '2 files: 0 problems, 0 warnings\n',
    stderr: [],
  })
})

test('every finding has its line, its code and a fix, and a problem exits with 1', async () => {
  const { code, out } = await lint('open.yaml', 'never.yaml')
  expect(code).toBe(1)
  expect(out).toMatch(/^warning: open\.yaml:12:\d+ \S+: ATTESTOR_IDENTITY_OPEN: .*\n {2}to do: name the identity/m)
  expect(out).toMatch(/^problem: never\.yaml:12:\d+ \S+: ATTESTOR_KEY_UNAVAILABLE: .*\n {2}to do: pass what resolves/m)
  expect(out).toMatch(/\n2 files: 1 problem, 1 warning\n$/)
})

test('a policy that Kyverno would refuse exits with 64, and does not hide the findings of others', async () => {
  const { code, out } = await lint('broken.yaml', 'never.yaml')
  expect(code).toBe(64)
  expect(out).toMatch(
    /^refused: broken\.yaml:12:\d+ \S+attestor: POLICY_FIELD_UNKNOWN: .*\n {2}to do: correct the spelling/,
  )
  expect(out).toContain('\nproblem: never.yaml:12:')
  expect(out).toMatch(/\n2 files: 1 problem, 0 warnings, 1 reason for which Kyverno would refuse a policy\n$/)
})

test('a refused policy is in every format', async () => {
  const sarif = await lint('broken.yaml', '--output', 'sarif')
  expect(sarif.code).toBe(64)
  const log = JSON.parse(sarif.out) as Log
  expect(log.runs[0]?.results).toMatchObject([
    {
      ruleId: 'POLICY_FIELD_UNKNOWN',
      level: 'error',
      locations: [{ physicalLocation: { artifactLocation: { uri: 'broken.yaml' }, region: { startLine: 12 } } }],
    },
  ])
  expect((await lint('broken.yaml', '--output', 'github')).out).toMatch(
    /^::error file=broken\.yaml,line=12,col=\d+,title=POLICY_FIELD_UNKNOWN::/,
  )
  expect(JSON.parse((await lint('broken.yaml', '--output', 'json')).out)).toMatchObject({
    problems: [
      {
        severity: 'refused',
        code: 'POLICY_FIELD_UNKNOWN',
        source: 'broken.yaml',
        line: 12,
        fix: expect.any(String) as string,
      },
    ],
  })
})

test('a missing file is wrong usage, not a finding', async () => {
  const { code, stderr } = await lint('gone.yaml')
  expect({ code, stderr }).toEqual({ code: 64, stderr: ['verify-images: gone.yaml: ENOENT: no such file'] })
})

test('every documented code of policies, problems and warnings has a fix', () => {
  const read = (name: string): string => readFileSync(join(import.meta.dirname, '../../../../docs', name), 'utf8')
  const rows = [...`${read('errors.md')}${read('warnings.md')}`.matchAll(/^\| (`[^|]+`) \|/gm)].map(
    ([, cell = '']) => cell,
  )
  const warned = [...read('warnings.md').matchAll(/^\| (`[^|]+`) \|/gm)].map(([, cell = '']) => cell)
  const codes = [...rows.filter((cell) => cell.startsWith('`POLICY_')), ...warned].flatMap((cell) =>
    [...cell.matchAll(/`([A-Z_]+)`/g)].map(([, code = '']) => code),
  )
  expect(codes.length).toBeGreaterThan(35)
  expect(codes.filter((code) => fixFor(code as Parameters<typeof fixFor>[0]) === undefined)).toEqual([])
})
