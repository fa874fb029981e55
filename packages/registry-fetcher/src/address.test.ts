import type { LookupAddress } from 'node:dns'
import { expect, test } from 'vitest'
import type { AddressReach } from '@verify-images/primitives'
import { checkLiteralAddress, guardedLookup } from './address.ts'

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

test('reaches names that only end like those of this machine', () => {
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

test('yields the addresses of a name within reach', async () => {
  await expect(look('public', [{ address: '8.8.8.8', family: 4 }], true)).resolves.toEqual([
    { address: '8.8.8.8', family: 4 },
  ])
  await expect(look('public', [{ address: '8.8.8.8', family: 4 }], false)).resolves.toEqual(['8.8.8.8', 4])
})

test('refuses a name with one internal address', async () => {
  const mixed = [
    { address: '8.8.8.8', family: 4 },
    { address: '10.0.0.1', family: 4 },
  ]
  await expect(look('public', mixed, true)).rejects.toMatchObject({ code: 'REGISTRY_ADDRESS_REFUSED' })
  await expect(look('public', mixed, false)).rejects.toMatchObject({ code: 'REGISTRY_ADDRESS_REFUSED' })
})

test('reports a name without addresses as not found', async () => {
  await expect(look('any', [], true)).rejects.toMatchObject({ code: 'ENOTFOUND' })
})
