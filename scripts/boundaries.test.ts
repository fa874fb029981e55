import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const packages = join(import.meta.dirname, '../packages')

/** Who may import whom, beside what each needs from npm. Types travel the same roads. */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  primitives: [],
  x509: ['primitives'],
  'registry-fetcher': ['image-matcher', 'primitives'],
  'policy-parser': ['image-matcher', 'primitives'],
  'image-matcher': ['primitives'],
  'condition-engine': ['image-matcher', 'primitives', 'x509'],
  'attestor-evaluator': ['image-matcher', 'policy-parser', 'primitives', 'x509'],
  notary: ['attestor-evaluator', 'image-matcher', 'primitives', 'x509'],
  core: [
    'attestor-evaluator',
    'condition-engine',
    'image-matcher',
    'notary',
    'policy-parser',
    'primitives',
    'registry-fetcher',
    'x509',
  ],
  cli: ['core', 'primitives'],
  testing: ['attestor-evaluator', 'primitives', 'registry-fetcher'],
}
/** Packages of which only types may be taken: none of their code may be loaded. */
const TYPES_ONLY: Readonly<Record<string, readonly string[]>> = {
  'attestor-evaluator': ['policy-parser'],
}

interface Import {
  readonly file: string
  readonly typeOnly: boolean
  readonly from: string
}

function importsOf(folder: string): Import[] {
  const sources = readdirSync(join(packages, folder, 'src'), { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith('.ts'),
  )
  return sources.flatMap((file) => {
    const text = readFileSync(join(packages, folder, 'src', file), 'utf8')
    return [
      ...text.matchAll(/^(?:import|export)([^'"`;]*) from '([^']+)'|\bimport\(\s*'([^']+)'\s*\)|^import\s+'([^']+)'/gm),
    ].map((match) => ({
      file,
      typeOnly: match[1]?.startsWith(' type') === true,
      from: match[2] ?? match[3] ?? match[4] ?? '',
    }))
  })
}

const isTest = (file: string): boolean => /\.test(?:-d)?\.ts$|(?:^|\/)testing\//.test(file)

test.each(readdirSync(packages))('%s imports only what it may', (folder) => {
  const allowed = ALLOWED[folder]
  if (!allowed) throw new Error(`${folder} has no row in ALLOWED`)
  const manifest = JSON.parse(readFileSync(join(packages, folder, 'package.json'), 'utf8')) as Partial<
    Record<'dependencies' | 'peerDependencies', Record<string, string>>
  >
  const declared = Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies })
  const problems: string[] = []
  for (const { file, typeOnly, from } of importsOf(folder)) {
    const at = `${file}: ${from}`
    if (from.startsWith('.')) {
      if (/(?:^|\/)index\.ts$/.test(from) && !isTest(file))
        problems.push(`${at}: a package does not import its own index`)
      if (from.split('/').filter((part) => part === '..').length >= file.split('/').length)
        problems.push(`${at}: leaves the package`)
      continue
    }
    if (from.startsWith('node:') || isTest(file)) continue
    const name = from
      .split('/')
      .slice(0, from.startsWith('@') ? 2 : 1)
      .join('/')
    if (!declared.includes(name)) problems.push(`${at}: not a declared dependency`)
    const ours = /^@verify-images\/(.+)$/.exec(name)?.[1]
    if (ours === undefined) continue
    if (!allowed.includes(ours)) problems.push(`${at}: not allowed`)
    if (from !== name && from !== `${name}/testing`) problems.push(`${at}: a deep path`)
    if ((TYPES_ONLY[folder] ?? []).includes(ours) && !typeOnly) problems.push(`${at}: types only`)
  }
  expect(problems).toEqual([])
})
