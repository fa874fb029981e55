import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import * as api from './index.ts'

const readme = readFileSync(join(import.meta.dirname, '../README.md'), 'utf8')

test('the README example prints what its comments say', () => {
  const pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    spec: { containers: [{ name: 'web', image: 'index.docker.io/library/nginx:1.27' }] },
  }
  const patterns = api.compileImagePatterns(['docker.io/library/*'])
  const said = api
    .extractImages(pod)
    .map(({ pointer, reference }) => [pointer, reference.canonical, api.matchImage(patterns, reference)])
  expect(said).toEqual([
    ['/spec/containers/0/image', 'index.docker.io/library/nginx:1.27', { matches: true, kyvernoMatches: false }],
  ])
})

test('the README names every function', () => {
  for (const name of Object.keys(api)) expect(readme).toContain(name)
})
