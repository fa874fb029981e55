import { execFileSync, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { COMMAND_LIST, SHELLS } from './commands.ts'
import { completionScript } from './completion.ts'
import { optionsOf, TREE_FORMATS } from './options.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'completion-'))
  for (const shell of SHELLS) await writeFile(join(folder, `script.${shell}`), completionScript(shell))
  await mkdir(join(folder, 'policies'))
  await writeFile(join(folder, 'policies', 'one policy.yaml'), '')
})
afterAll(() => rm(folder, { recursive: true }))

const isInstalled = (shell: string): boolean => existsSync(`/bin/${shell}`) || existsSync(`/usr/bin/${shell}`)

/** What bash offers for the last word. */
function bashReply(...words: readonly string[]): readonly string[] {
  const program = [
    'source script.bash',
    'COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))',
    '_verify_images',
    'printf "%s\\n" "${COMPREPLY[@]}"',
  ].join('\n')
  const out = execFileSync('bash', ['--norc', '-c', program, 'bash', 'verify-images', ...words], {
    cwd: folder,
    encoding: 'utf8',
  })
  return out.split('\n').filter((line) => line !== '')
}

test.each<readonly [readonly string[], readonly string[]]>([
  [['exp'], ['explain']],
  [['t'], ['tree', 'test', 'trust']],
  [
    ['trust', ''],
    ['show', 'refresh', 'export'],
  ],
  [
    ['completion', ''],
    ['bash', 'zsh', 'fish'],
  ],
  [['tree', '--output', ''], TREE_FORMATS],
  [['tree', '-o', 'j'], ['json']],
  [['apply', 'a.yaml', '--output', '=', 'ju'], ['junit']],
  [
    ['lint', '--output', '='],
    ['text', 'json', 'sarif', 'github'],
  ],
  [
    ['apply', '--unmatched', ''],
    ['admit', 'refuse'],
  ],
  [['apply', 'pol'], ['policies']],
  [['apply', 'policies/o'], ['policies/one policy.yaml']],
  [['apply', 'a.yaml', '--resource', 'pol'], ['policies']],
  [['apply', 'a.yaml', '--image', 'pol'], []],
  [['tree', 'pol'], []],
  [['lint', '--im'], []],
])('bash completes %j', (words, expected) => {
  expect(bashReply(...words)).toEqual(expected)
})

test.each(COMMAND_LIST)('bash knows every option of %s, and no other', (name) => {
  const known = optionsOf(name).flatMap(([option, { short }]) => [
    ...(short === undefined ? [] : [`-${short}`]),
    `--${option}`,
  ])
  expect(bashReply(...name.split(' '), '-').toSorted()).toEqual([...known, '--help'].toSorted())
})

test.skipIf(!isInstalled('script'))('a terminal completes a command when Tab is pressed', async () => {
  const shell = spawn('script', ['-qec', 'bash --norc --noprofile -i', '/dev/null'], {
    cwd: folder,
    env: { PATH: process.env['PATH'], TERM: 'dumb', PS1: '> ' },
  })
  const out = text(shell.stdout)
  shell.stdin.end(
    'source script.bash; verify-images() { echo "RAN $*"; }\nverify-images lin\t--outp\tsar\tpol\t\nexit\n',
  )
  expect(await out).toMatch(/RAN lint --output sarif policies\/\s/)
})

test.skipIf(!isInstalled('fish'))('fish completes commands, options, formats and files', () => {
  const reply = (line: string): readonly string[] =>
    execFileSync('fish', ['--no-config', '-c', `source script.fish; complete -C '${line}'`], {
      cwd: folder,
      encoding: 'utf8',
      env: { PATH: process.env['PATH'], HOME: folder },
    })
      .split('\n')
      .map((found) => found.split('\t', 1)[0] ?? '')
  expect(reply('verify-images exp')).toContain('explain')
  expect(reply('verify-images trust ')).toEqual(expect.arrayContaining(['show', 'refresh', 'export']))
  expect(reply('verify-images lint --output sa')).toContain('sarif')
  expect(reply('verify-images apply --unm')).toContain('--unmatched')
  expect(reply('verify-images lint --unm')).not.toContain('--unmatched')
  expect(reply('verify-images lint pol')).toContain('policies/')
})

test.skipIf(!isInstalled('zsh'))('zsh accepts the script, and registers it for the command', () => {
  const program = 'autoload -Uz compinit; compinit -u -D; source script.zsh; print -- $_comps[verify-images]'
  const run = (...argv: readonly string[]): string =>
    execFileSync('zsh', ['-f', ...argv], {
      cwd: folder,
      encoding: 'utf8',
      env: { PATH: process.env['PATH'], HOME: folder },
    })
  expect(run('-n', 'script.zsh')).toBe('')
  expect(run('-c', program)).toBe('_verify_images\n')
})

test('descriptions cannot end a quoted word of a shell', () => {
  for (const shell of SHELLS) {
    const script = completionScript(shell)
    expect(script).not.toMatch(/`|\$\(rm/)
    expect(script.endsWith('\n')).toBe(true)
  }
})
