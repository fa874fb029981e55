import { spawn } from 'node:child_process'
import { existsSync, openSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { expect, test } from 'vitest'
import { LIMITS } from './limits.ts'

interface Ended {
  readonly code: number | null
  readonly talk: string
}

/** The command as a process, its standard output at `stdout` or closed before anything is written. */
async function verifyImages(
  argv: readonly string[],
  { stdout = 'pipe', input = '' }: { readonly stdout?: 'pipe' | number; readonly input?: string } = {},
): Promise<Ended> {
  const child = spawn(
    process.execPath,
    ['--conditions=@verify-images/source', join(import.meta.dirname, 'main.ts'), ...argv],
    { stdio: ['pipe', stdout, 'pipe'] },
  )
  child.stdout?.destroy()
  // Whoever has read enough closes standard input as well.
  child.stdin?.on('error', () => undefined).end(input)
  const talk = child.stderr === null ? '' : text(child.stderr)
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve))
  return { code, talk: await talk }
}

test('a closed pipe ends quietly, with the code that there would have been', async () => {
  expect(await verifyImages(['--help'])).toEqual({ code: 0, talk: '' })
})

test.skipIf(!existsSync('/dev/full'))('74 and a line where the answer cannot be written', async () => {
  expect(await verifyImages(['--help'], { stdout: openSync('/dev/full', 'w') })).toEqual({
    code: 74,
    talk: 'verify-images: standard output: ENOSPC: cannot be written\n',
  })
})

test('standard input is bounded as files are', async () => {
  const { code, talk } = await verifyImages(['apply', '-', '--image', 'registry.test/app:1'], {
    input: ' '.repeat(LIMITS.inputBytes + 1),
  })
  expect(talk).toBe(`verify-images: standard input: POLICY_TOO_LARGE: longer than ${String(LIMITS.inputBytes)} bytes\n`)
  expect(code).toBe(64)
})
