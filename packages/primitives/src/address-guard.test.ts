import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isReachableAddress, type AddressReach } from './address-guard.ts'

const ORDER: readonly AddressReach[] = ['public', 'private', 'any']
const reachesOf = (address: string): readonly AddressReach[] =>
  ORDER.filter((reach) => isReachableAddress(address, reach))

/**
 * One address of every block of the IANA special-purpose address registries, with the reach it needs.
 *
 * @see https://www.iana.org/assignments/iana-ipv4-special-registry (RFC 6890 and its updates)
 * @see https://www.iana.org/assignments/iana-ipv6-special-registry
 */
test.each<[string, string, AddressReach]>([
  ['0.0.0.0/8', '0.1.2.3', 'any'],
  ['0.0.0.0/32', '0.0.0.0', 'any'],
  ['10.0.0.0/8', '10.1.2.3', 'private'],
  ['100.64.0.0/10', '100.64.1.1', 'private'],
  ['127.0.0.0/8', '127.9.9.9', 'any'],
  ['169.254.0.0/16', '169.254.169.254', 'any'],
  ['172.16.0.0/12', '172.31.255.255', 'private'],
  ['192.0.0.0/24', '192.0.0.192', 'any'],
  ['192.0.0.0/29', '192.0.0.1', 'any'],
  ['192.0.0.8/32', '192.0.0.8', 'any'],
  ['192.0.0.9/32', '192.0.0.9', 'any'],
  ['192.0.0.10/32', '192.0.0.10', 'any'],
  ['192.0.0.170/32', '192.0.0.170', 'any'],
  ['192.0.2.0/24', '192.0.2.1', 'private'],
  ['192.31.196.0/24', '192.31.196.1', 'public'],
  ['192.52.193.0/24', '192.52.193.1', 'public'],
  ['192.88.99.0/24', '192.88.99.1', 'private'],
  ['192.168.0.0/16', '192.168.0.1', 'private'],
  ['192.175.48.0/24', '192.175.48.1', 'public'],
  ['198.18.0.0/15', '198.19.255.255', 'private'],
  ['198.51.100.0/24', '198.51.100.1', 'private'],
  ['203.0.113.0/24', '203.0.113.1', 'private'],
  ['240.0.0.0/4', '240.0.0.1', 'any'],
  ['255.255.255.255/32', '255.255.255.255', 'any'],
  ['::1/128', '::1', 'any'],
  ['::/128', '::', 'any'],
  ['::ffff:0:0/96', '::ffff:8.8.8.8', 'any'],
  ['64:ff9b::/96', '64:ff9b::808:808', 'public'],
  ['64:ff9b:1::/48', '64:ff9b:1::808:808', 'any'],
  ['100::/64', '100::1', 'any'],
  ['100:0:0:1::/64', '100:0:0:1::1', 'any'],
  ['2001::/23', '2001:1ff::1', 'any'],
  ['2001::/32', '2001:0:808:808::1', 'any'],
  ['2001:1::1/128', '2001:1::1', 'any'],
  ['2001:2::/48', '2001:2::1', 'any'],
  ['2001:3::/32', '2001:3::1', 'any'],
  ['2001:4:112::/48', '2001:4:112::1', 'any'],
  ['2001:10::/28', '2001:10::1', 'any'],
  ['2001:20::/28', '2001:20::1', 'any'],
  ['2001:30::/28', '2001:30::1', 'any'],
  ['2001:db8::/32', '2001:db8::1', 'private'],
  ['2002::/16', '2002:808:808::1', 'any'],
  ['2620:4f:8000::/48', '2620:4f:8000::1', 'public'],
  ['3fff::/20', '3fff::1', 'any'],
  ['5f00::/16', '5f00::1', 'any'],
  ['fc00::/7', 'fd12::1', 'private'],
  ['fe80::/10', 'fe80::1', 'any'],
])('%s: %s is reached by %s and what reaches further', (_block, address, needed) => {
  expect(reachesOf(address)).toEqual(ORDER.slice(ORDER.indexOf(needed)))
})

test.each<[string, AddressReach]>([
  ['8.8.8.8', 'public'],
  ['172.15.255.255', 'public'],
  ['172.32.0.0', 'public'],
  ['100.63.255.255', 'public'],
  ['100.128.0.0', 'public'],
  ['2606:4700::1111', 'public'],
  ['2a00:1450:4001::200e', 'public'],
  ['2001:200::1', 'public'],
  ['3ffe:ffff::1', 'public'],
  // Clouds' metadata services outside of link-local.
  ['100.100.100.200', 'any'],
  ['168.63.129.16', 'any'],
  ['fd00:ec2::254', 'any'],
  ['fd20:ce::254', 'any'],
  // Multicast, site-local and unassigned ranges.
  ['224.0.0.1', 'any'],
  ['ff02::1', 'any'],
  ['fec0::1', 'any'],
  ['fe80::1%eth0', 'any'],
  ['4000::1', 'any'],
  ['8000::1', 'any'],
  ['c000::1', 'any'],
  ['e000::1', 'any'],
  ['f000::1', 'any'],
  ['f800::1', 'any'],
  // IPv4 inside IPv6.
  ['64:ff9b::a00:1', 'private'],
  ['64:ff9b::7f00:1', 'any'],
  ['64:ff9b::a9fe:a9fe', 'any'],
  ['64:ff9b:1::a9fe:a9fe', 'any'],
  ['::ffff:10.0.0.1', 'any'],
  ['::ffff:7f00:1', 'any'],
  ['0:0:0:0:0:ffff:a9fe:a9fe', 'any'],
  ['::ffff:0:169.254.169.254', 'any'],
  ['::127.0.0.1', 'any'],
  ['2002:a9fe:a9fe::1', 'any'],
])('%s is reached by %s and what reaches further', (address, needed) => {
  expect(reachesOf(address)).toEqual(ORDER.slice(ORDER.indexOf(needed)))
})

test.each(['', 'localhost', '2130706433', '0x7f.1', '127.1', '1.2.3.4.', '[::1]', '%eth0'])(
  'refuses %j, which is not an address as a resolver gives it',
  (text) => {
    expect(reachesOf(text)).toEqual([])
  },
)

test('what is public is reached by all, and every address by a host that is named', () => {
  fc.assert(
    fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), (address) => {
      const reaches = reachesOf(address)
      expect(reaches).toEqual(ORDER.slice(ORDER.length - reaches.length))
      expect(reaches.at(-1)).toBe('any')
    }),
  )
})

test('a NAT64 address is judged like the IPv4 address inside', () => {
  fc.assert(
    fc.property(fc.ipV4(), (address) => {
      expect(reachesOf(`64:ff9b::${address}`)).toEqual(reachesOf(address))
    }),
  )
})
