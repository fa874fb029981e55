import { expect, test } from 'vitest'
import { demo } from './demo.ts'

test('the demo admits the signed Pod, pinned, and denies the other', async () => {
  const lines: string[] = []
  await demo((line) => lines.push(line))
  const text = lines.join('\n')
  expect(text).toMatch(
    /Pod default\/app[\s\S]*?admitted\n[\s\S]*?patch \/spec\/containers\/0\/image = registry\.test\/shop\/app:1\.4@sha256:[0-9a-f]{64}/,
  )
  expect(text).toMatch(/Pod default\/tool[\s\S]*?denied\n[\s\S]*?no signatures found/)
})
