import type { LookupAddress } from 'node:dns'
import { expect, test } from 'vitest'
import { checkLiteralAddress, guardedLookup, isReachable } from './address.ts'
import type { AddressReach } from './address.ts'

test.each<[string, AddressReach]>([
  ['8.8.8.8', 'public'],
  ['2606:4700::1111', 'public'],
  ['64:ff9b::808:808', 'public'],
  ['::ffff:8.8.8.8', 'public'],
  ['10.1.2.3', 'private'],
  ['172.31.0.1', 'private'],
  ['192.168.0.1', 'private'],
  ['100.64.1.1', 'private'],
  ['198.18.0.1', 'private'],
  ['fd12::1', 'private'],
  ['::ffff:10.0.0.1', 'private'],
  ['64:ff9b::a00:1', 'private'],
  ['127.0.0.1', 'any'],
  ['127.9.9.9', 'any'],
  ['::1', 'any'],
  ['::ffff:127.0.0.1', 'any'],
  ['::ffff:7f00:1', 'any'],
  ['64:ff9b::7f00:1', 'any'],
  ['169.254.169.254', 'any'],
  ['::ffff:169.254.169.254', 'any'],
  ['::ffff:a9fe:a9fe', 'any'],
  ['0:0:0:0:0:ffff:a9fe:a9fe', 'any'],
  ['64:ff9b::a9fe:a9fe', 'any'],
  ['fd00:ec2::254', 'any'],
  ['fd20:ce::254', 'any'],
  ['100.100.100.200', 'any'],
  ['168.63.129.16', 'any'],
  ['fe80::1', 'any'],
  ['fe80::1%eth0', 'any'],
  ['0.0.0.0', 'any'],
  ['::', 'any'],
  ['224.0.0.1', 'any'],
  ['255.255.255.255', 'any'],
  ['2002:a9fe:a9fe::1', 'any'],
  ['2001:0:1::1', 'any'],
  ['::ffff:0:169.254.169.254', 'any'],
])('%s is reached by %s and what reaches further', (address, needed) => {
  const order: readonly AddressReach[] = ['public', 'private', 'any']
  expect(order.filter((reach) => isReachable(address, reach))).toEqual(order.slice(order.indexOf(needed)))
})

test.each(['', 'localhost', '2130706433', '0x7f.1', '127.1', '1.2.3.4.', '[::1]'])(
  '%j is no address a resolver gives',
  (text) => {
    expect(isReachable(text, 'any')).toBe(false)
  },
)

test.each([
  '169.254.169.254',
  '2852039166',
  '0xa9fea9fe',
  '0251.0376.0251.0376',
  '169.254.43518',
  '169.254.169.254.',
  '[::ffff:169.254.169.254]',
  '127.1',
  '0177.0.0.1',
])('the address in the URL of %s is refused', (spelling) => {
  expect(() => checkLiteralAddress(new URL(`https://${spelling}/`).hostname, 'private')).toThrow(
    expect.objectContaining({ code: 'REGISTRY_ADDRESS_REFUSED' }),
  )
})

test.each(['localhost', 'LOCALHOST.', 'registry.localhost'])(
  '%s means this machine, and is refused unless it is named',
  (name) => {
    expect(() => checkLiteralAddress(name, 'private')).toThrow(
      expect.objectContaining({ code: 'REGISTRY_ADDRESS_REFUSED' }),
    )
    expect(() => checkLiteralAddress(name, 'any')).not.toThrow()
  },
)

test('a name that only ends alike is another', () => {
  expect(() => checkLiteralAddress('notlocalhost', 'public')).not.toThrow()
  expect(() => checkLiteralAddress('localhost.example.com', 'public')).not.toThrow()
})

function look(reach: AddressReach, answers: readonly LookupAddress[], all: boolean): Promise<unknown> {
  const lookup = guardedLookup(reach, () => Promise.resolve(answers))
  return new Promise((done, fail) => {
    lookup('name.test', { all }, (error, address, family) =>
      error ? fail(error) : done(all ? address : [address, family]),
    )
  })
}

test('hands on what may be reached', async () => {
  await expect(look('public', [{ address: '8.8.8.8', family: 4 }], true)).resolves.toEqual([
    { address: '8.8.8.8', family: 4 },
  ])
  await expect(look('public', [{ address: '8.8.8.8', family: 4 }], false)).resolves.toEqual(['8.8.8.8', 4])
})

test('refuses a name of which one address is inside', async () => {
  const mixed = [
    { address: '8.8.8.8', family: 4 },
    { address: '10.0.0.1', family: 4 },
  ]
  await expect(look('public', mixed, true)).rejects.toMatchObject({ code: 'REGISTRY_ADDRESS_REFUSED' })
  await expect(look('public', mixed, false)).rejects.toMatchObject({ code: 'REGISTRY_ADDRESS_REFUSED' })
})

test('a name without addresses is not found', async () => {
  await expect(look('any', [], true)).rejects.toMatchObject({ code: 'ENOTFOUND' })
})
