import { existsSync, readdirSync, readFileSync, realpathSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'

/**
 * Nothing that runs in a verifier compiles text to code: no `eval`, no `Function`, no `node:vm`, in our sources and in
 * everything our packages depend on. There are two exceptions. `jsonpath-plus` has an evaluator for filters; it is
 * called in one place, for a constant path, with its evaluator off. `tinypool` compiles one constant,
 * `import(specifier)`, so that bundlers leave it alone; the specifier is the file of our worker.
 */
const packages = join(import.meta.dirname, '../packages')
const EXCEPTION = 'jsonpath-plus'
const CONSTANT = 'tinypool'

interface Manifest {
  readonly name: string
  readonly dependencies?: Readonly<Record<string, string>>
  readonly optionalDependencies?: Readonly<Record<string, string>>
}

const compilesText = [
  // A call; definitions of methods of that name end with their brace.
  /(?<![.\w$])eval\s*\((?!.*\{\s*$)/,
  /\bnew\s+Function\b/,
  /(?<![.\w$])Function\s*\(\s*['"`]/,
  /['"](?:node:)?vm['"]/,
  /\bset(?:Timeout|Interval)\s*\(\s*['"`]/,
  /\.constructor\s*\(\s*['"`]/,
]

function readManifest(folder: string): Manifest {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest
}

/** Returns the folder from which Node loads a package. */
function locate(name: string, from: string): string | undefined {
  for (let folder = from; folder !== dirname(folder); folder = dirname(folder)) {
    const candidate = join(folder, 'node_modules', name)
    if (existsSync(join(candidate, 'package.json'))) return realpathSync(candidate)
  }
  return undefined
}

/** Returns every package that is installed with ours, by its folder. */
function dependencyTree(): ReadonlyMap<string, string> {
  const found = new Map<string, string>()
  const visit = (folder: string): void => {
    if (found.has(folder)) return
    const { name, dependencies, optionalDependencies } = readManifest(folder)
    found.set(folder, name)
    for (const dependency of Object.keys({ ...dependencies, ...optionalDependencies })) {
      const place = locate(dependency, folder)
      if (place !== undefined) visit(place)
    }
  }
  for (const folder of readdirSync(packages)) visit(realpathSync(join(packages, folder)))
  return found
}

function linesCompilingText(folder: string, files: RegExp): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => files.test(file) && !file.includes('node_modules'))
    .flatMap((file) =>
      readFileSync(join(folder, file), 'utf8')
        .split('\n')
        .flatMap((line, i) =>
          /^\s*(?:\/\/|\*)/.test(line) || !compilesText.some((pattern) => pattern.test(line))
            ? []
            : [`${file}:${String(i + 1)}`],
        ),
    )
}

test('the patterns match calls that compile text, and nothing similar', () => {
  for (const line of [
    'eval(text)',
    'return new Function(...keys, code)',
    "import vm from 'node:vm'",
    'require("vm")',
    'Function("x")',
    "x.constructor('return 1')()",
    'setTimeout("x", 1)',
  ]) {
    expect(
      compilesText.some((pattern) => pattern.test(line)),
      line,
    ).toBe(true)
  }
  for (const line of [
    '  eval(input, pos) {',
    'this.prefilter.eval(input, pos)',
    "typeof value === 'Function'",
    'setTimeout(done, 1)',
  ]) {
    expect(
      compilesText.some((pattern) => pattern.test(line)),
      line,
    ).toBe(false)
  }
})

test('no dependency compiles text to code, except those that never get any', () => {
  const tree = [...dependencyTree()].filter(([folder]) => !folder.startsWith(realpathSync(packages)))
  expect(tree.length).toBeGreaterThan(5)
  const found = tree.filter(([folder]) => linesCompilingText(folder, /\.[cm]?js$/).length > 0).map(([, name]) => name)
  expect(found.toSorted()).toEqual([EXCEPTION, CONSTANT])
})

test(`${CONSTANT} compiles a constant, and nothing else`, () => {
  const [folder = ''] = [...dependencyTree()].find(([, name]) => name === CONSTANT) ?? []
  const lines = linesCompilingText(folder, /\.[cm]?js$/).map((place) => {
    const [file = '', line = ''] = place.split(':')
    return readFileSync(join(folder, file), 'utf8').split('\n')[Number(line) - 1]?.trim()
  })
  expect(lines).toEqual([
    'if (importESMCached === void 0) importESMCached = new Function("specifier", "return import(specifier)");',
  ])
})

test('none of our sources compiles text to code', () => {
  for (const folder of readdirSync(packages)) {
    expect(linesCompilingText(join(packages, folder, 'src'), /(?<!\.test)(?<!\.test-d)\.ts$/), folder).toEqual([])
  }
})

test(`${EXCEPTION} is called once, for a constant path, with its evaluator off`, () => {
  const calls = readdirSync(packages).flatMap((folder) => {
    const source = join(packages, folder, 'src')
    return readdirSync(source, { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts'))
      .flatMap((file) =>
        [...readFileSync(join(source, file), 'utf8').matchAll(/JSONPath\((?<options>[^)]*)\)/g)].map(
          ({ groups }) => `${folder} ${groups?.['options'] ?? ''}`,
        ),
      )
  })
  expect(calls).toEqual(["image-matcher { path: '$[*]', json: node, eval: false, resultType: 'parentProperty' }"])
})
