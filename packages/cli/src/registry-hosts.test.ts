import { expect, test } from 'vitest'
import { registryHosts } from './registry-hosts.ts'

const hostsOf = (insecureRegistries: readonly string[], endpoints: Readonly<Record<string, string>> = {}): object =>
  registryHosts({ insecureRegistries, endpoints: new Map(Object.entries(endpoints)) })

test('says of each registry how it is reached', () => {
  expect(hostsOf(['localhost:5000', 'localhost:5000'], { 'ghcr.io': 'https://mirror.test/ghcr' })).toEqual({
    'localhost:5000': { insecure: true },
    'ghcr.io': { endpoint: 'https://mirror.test/ghcr' },
  })
})

const onceMore =
  'once more: a registry has one --insecure-registry or --registry-endpoint, whose scheme says whether plain HTTP is allowed'

test.each<readonly [string, readonly string[], Readonly<Record<string, string>>, string]>([
  [
    'a URL for a host',
    ['http://localhost:5000'],
    {},
    '--insecure-registry names `http://localhost:5000`, expected host[:port]',
  ],
  [
    'a path of a registry',
    [],
    { 'ghcr.io/acme': 'https://a' },
    '--registry-endpoint names `ghcr.io/acme`, expected host[:port]',
  ],
  [
    'an endpoint without a scheme',
    [],
    { 'a.test': '127.0.0.1:1' },
    '--registry-endpoint of `a.test` cannot be used, expected https://host[:port] or http://host[:port], without a password',
  ],
  [
    'a password in an endpoint, and does not show it',
    [],
    { 'a.test': 'https://user:secret@b.test' },
    '--registry-endpoint of `a.test` cannot be used, expected https://host[:port] or http://host[:port], without a password',
  ],
  [
    'plain HTTP beside an endpoint',
    ['a.test'],
    { 'a.test': 'http://127.0.0.1:1' },
    `--registry-endpoint names \`a.test\` ${onceMore}`,
  ],
  [
    'two spellings of one registry',
    [],
    { 'docker.io': 'https://a', 'index.docker.io': 'https://b' },
    `--registry-endpoint names \`index.docker.io\` ${onceMore}`,
  ],
])('refuses %s in the words of the command line', (_, insecure, endpoints, message) => {
  expect(() => hostsOf(insecure, endpoints)).toThrow(expect.objectContaining({ name: 'UsageError', message }))
})
