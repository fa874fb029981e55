import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const packages = join(import.meta.dirname, '../packages')

/** Which of our packages each package may import, types included. */
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
  cli: ['core', 'primitives', 'testing'],
  action: ['primitives'],
  kubernetes: ['condition-engine', 'core', 'policy-parser', 'primitives'],
  webhook: ['core', 'primitives'],
  testing: ['attestor-evaluator', 'primitives', 'registry-fetcher'],
}
/** Packages of which only types may be imported. */
const TYPES_ONLY: Readonly<Record<string, readonly string[]>> = {
  'attestor-evaluator': ['policy-parser'],
  notary: ['attestor-evaluator'],
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

test.each(readdirSync(packages))('%s imports only what the table allows', (folder) => {
  const allowed = ALLOWED[folder]
  if (!allowed) throw new Error(`${folder} has no row in ALLOWED`)
  const manifest = JSON.parse(readFileSync(join(packages, folder, 'package.json'), 'utf8')) as Partial<
    Record<'dependencies' | 'peerDependencies' | 'devDependencies', Record<string, string>>
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
    // Types that no declaration of ours shows are needed to build only.
    if (typeOnly && manifest.devDependencies?.[`@types/${name}`] !== undefined) continue
    if (!declared.includes(name)) problems.push(`${at}: not a declared dependency`)
    const ours = /^@verify-images\/(.+)$/.exec(name)?.[1]
    if (ours === undefined) continue
    if (!allowed.includes(ours)) problems.push(`${at}: not allowed`)
    if (from !== name && from !== `${name}/testing`) problems.push(`${at}: a deep path`)
    if ((TYPES_ONLY[folder] ?? []).includes(ours) && !typeOnly) problems.push(`${at}: types only`)
  }
  expect(problems).toEqual([])
})

const core = importsOf('core').filter(({ file }) => !isTest(file))
const inFolder = (folder: string): readonly Import[] => core.filter(({ file }) => file.startsWith(`${folder}/`))
/** The target of a relative import, from core/src. */
const targetOf = ({ file, from }: Import): string => join(file, '..', from)

/** Every file of core/src that a file imports, directly or through others, types included. */
function reachedFrom(start: string): ReadonlySet<string> {
  const reached = new Set<string>()
  const visit = (file: string): void => {
    if (reached.has(file)) return
    reached.add(file)
    for (const each of core) if (each.file === file && each.from.startsWith('.')) visit(targetOf(each))
  }
  visit(start)
  return reached
}

test('the engine reaches no file of kyverno/, and nothing that connects the two', () => {
  const files = new Set(inFolder('engine').map(({ file }) => file))
  expect(files.size).toBeGreaterThan(20)
  const reached = [...files].flatMap((file) =>
    [...reachedFrom(file)].filter((each) => each.startsWith('kyverno/') || each === 'create-image-verifier.ts'),
  )
  expect(reached).toEqual([])
})

/** What kyverno/ loads of the engine: functions over its data, and no step. */
const ENGINE_DATA: readonly string[] = ['engine/rule-finding.ts']

test('kyverno/ takes types and data of the engine, and runs none of its steps', () => {
  const loaded = inFolder('kyverno').filter((each) => !each.typeOnly && targetOf(each).startsWith('engine/'))
  expect(new Set(loaded.map(targetOf))).toEqual(new Set(ENGINE_DATA))
})

test('kyverno/ loads no cryptography, no network code and no verifier', () => {
  const loaded = inFolder('kyverno').filter(({ typeOnly, from }) => !typeOnly && !from.startsWith('.'))
  expect(new Set(loaded.map(({ from }) => from))).toEqual(new Set(['@verify-images/primitives']))
})

test('the presenter of failures imports reasons, and nothing of the engine', () => {
  for (const { file, from } of inFolder('kyverno/text'))
    expect(from, file).toMatch(/^(?:\.\/[a-z-]+\.ts|@verify-images\/primitives)$/)
})

/** The constant parts of strings of at least four words: what Kyverno would print. */
function sentencesOf(text: string): readonly string[] {
  const code = text.replaceAll(/\/\*\*.*?\*\//gs, '').replaceAll(/^ *\/\/.*$/gm, '')
  const quoted = [...code.matchAll(/'((?:[^'\\\n]|\\.)*)'|"((?:[^"\\\n]|\\.)*)"/g)].map(
    ([, single, double]) => single ?? double ?? '',
  )
  const templates = [...code.matchAll(/`((?:[^`\\]|\\.)*)`/g)].flatMap(([, template = '']) =>
    template.split(/\$\{[^}]*\}/),
  )
  return [...quoted, ...templates].map((part) => part.trim()).filter((part) => part.split(/\s+/).length >= 4)
}

/** Packages that carry facts instead of Kyverno's sentences. */
const SILENT_PACKAGES = ['primitives', 'registry-fetcher', 'x509', 'attestor-evaluator', 'notary']

test("Kyverno's sentences are in core/src/kyverno and nowhere else", () => {
  const source = (folder: string, under = ''): readonly (readonly [string, string])[] => {
    const root = join(packages, folder, 'src', under)
    return readdirSync(root, { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts') && !isTest(file))
      .map((file) => [join(folder, under, file), readFileSync(join(root, file), 'utf8')])
  }
  const sentences = source('core', 'kyverno')
    .filter(([file]) => !file.endsWith('/differences.ts'))
    .flatMap(([, text]) => sentencesOf(text))
  expect(sentences.length).toBeGreaterThan(10)
  const elsewhere = [...source('core', 'engine'), ...SILENT_PACKAGES.flatMap((each) => source(each))]
  const found = elsewhere.flatMap(([file, text]) =>
    sentences.filter((sentence) => text.includes(sentence)).map((sentence) => `${file}: ${sentence}`),
  )
  expect(found).toEqual([])
})

/** The verifier of each signature format, which alone may mark a statement as verified. */
const MARKERS: readonly string[] = [
  'attestor-evaluator/src/bundle/bundle-verifier.ts',
  'attestor-evaluator/src/cosign/verify-attestations.ts',
  'notary/src/verify-attestations.ts',
]

test('only the verifier of each signature format marks a value as verified', () => {
  const marking = Object.keys(ALLOWED).flatMap((folder) =>
    readdirSync(join(packages, folder, 'src'), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts') && !isTest(file))
      .filter((file) => readFileSync(join(packages, folder, 'src', file), 'utf8').includes('markVerified('))
      .map((file) => `${folder}/src/${file}`),
  )
  expect(marking.sort()).toEqual([...MARKERS])
})
