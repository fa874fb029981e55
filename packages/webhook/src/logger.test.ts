import { expect, test } from 'vitest'
import { jsonLogger } from './logger.ts'

test('writes one line of JSON with level, time and message for each entry', () => {
  const lines: string[] = []
  const logger = jsonLogger((line) => lines.push(line))
  logger.info({ uid: 'u1' }, 'review')
  logger.warn({ error: 'a\nb' }, 'request refused')
  logger.error({}, 'failed')
  for (const line of lines) expect(line).toMatch(/^[^\n]+\n$/)
  expect(lines.map((line) => JSON.parse(line))).toEqual([
    { level: 'info', time: expect.stringMatching(/^\d{4}-.*Z$/), message: 'review', uid: 'u1' },
    { level: 'warn', time: expect.any(String), message: 'request refused', error: 'a\nb' },
    { level: 'error', time: expect.any(String), message: 'failed' },
  ])
})
