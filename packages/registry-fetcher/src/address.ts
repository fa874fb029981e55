import { lookup } from 'node:dns'
import { BlockList, isIP } from 'node:net'
import type { LookupFunction } from 'node:net'

import { RegistryError } from './registry-error.ts'

/**
 * How far inward a connection may go: `public` addresses only; also `private` ones (RFC 1918 and the like, where
 * registries of a cluster live); or `any`, for hosts that the embedder has named.
 */
export type AddressReach = 'public' | 'private' | 'any'

/**
 * Where clouds keep their metadata services, this machine itself, and what is no host at all: never reached without the
 * host being named.
 */
const NEVER: BlockList = blockList([
  '0.0.0.0/8',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '192.0.0.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
  '100.100.100.200/32',
  '168.63.129.16/32',
  '::/127',
  'fe80::/10',
  'fec0::/10',
  'ff00::/8',
  'fd00:ec2::/32',
  'fd20:ce::/32',
])
const PRIVATE: BlockList = blockList([
  '10.0.0.0/8',
  '100.64.0.0/10',
  '172.16.0.0/12',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  'fc00::/7',
  '100::/64',
  '2001:db8::/32',
  '64:ff9b:1::/48',
])
/** Forms that carry an IPv4 address inside; where it lies differs, so all but NAT64 (which clusters need) are refused. */
const EMBEDDING: BlockList = blockList(['2002::/16', '2001::/32', '::/96', '::ffff:0:0:0/96'])
const NAT64: BlockList = blockList(['64:ff9b::/96'])

function blockList(subnets: readonly string[]): BlockList {
  const list = new BlockList()
  for (const subnet of subnets) {
    const [address = '', bits] = subnet.split('/')
    list.addSubnet(address, Number(bits), address.includes(':') ? 'ipv6' : 'ipv4')
  }
  return list
}

/** Whether an IP address (as a resolver gives it) may be connected to. Text that is no address may not. */
export function isReachable(address: string, reach: AddressReach): boolean {
  const bare = address.split('%', 1)[0] ?? ''
  const version = isIP(bare)
  if (version === 0) return false
  if (reach === 'any') return true
  const family = version === 6 ? 'ipv6' : 'ipv4'
  if (version === 6) {
    const mapped = embeddedIpv4(bare)
    if (mapped !== undefined) return isReachable(mapped, reach)
    if (EMBEDDING.check(bare, family)) return false
  }
  return !NEVER.check(bare, family) && (reach === 'private' || !PRIVATE.check(bare, family))
}

/** The IPv4 address inside an IPv4-mapped or NAT64 one. */
function embeddedIpv4(address: string): string | undefined {
  // The URL parser writes every IPv6 address in one form, with the last 32 bits as two groups.
  const groups = new URL(`http://[${address}]`).hostname.slice(1, -1).split(':')
  const mapped = groups.at(-3) === 'ffff' && groups.slice(0, -3).every((group) => group === '')
  if (!mapped && !NAT64.check(address, 'ipv6')) return undefined
  const [high, low] = groups.slice(-2).map((group) => Number.parseInt(group === '' ? '0' : group, 16))
  if (high === undefined || low === undefined) return undefined
  return [high >> 8, high & 255, low >> 8, low & 255].join('.')
}

export type ResolveAddresses = (
  host: string,
) => Promise<readonly { readonly address: string; readonly family: number }[]>

const systemResolver: ResolveAddresses = (host) =>
  new Promise((done, fail) => {
    lookup(host, { all: true, verbatim: true }, (error, addresses) => (error ? fail(error) : done(addresses)))
  })

/**
 * A `lookup` for sockets that hands on only checked addresses.
 *
 * The check is on what the socket will connect to, not on the text of the name: names that resolve inward, numbers in
 * odd notations and answers that change between check and connect all come through here. One bad address refuses
 * the name: an honest name has no mixture.
 */
export function guardedLookup(reach: AddressReach, resolve: ResolveAddresses = systemResolver): LookupFunction {
  return (hostname, options, callback) => {
    resolve(hostname).then(
      (addresses) => {
        const [first] = addresses
        if (first === undefined) callback(Object.assign(new Error('no address'), { code: 'ENOTFOUND' }), '', 0)
        else if (!addresses.every(({ address }) => isReachable(address, reach)))
          callback(addressRefused(hostname), '', 0)
        else if (options.all === true)
          callback(
            null,
            addresses.map(({ address, family }) => ({ address, family })),
          )
        else callback(null, first.address, first.family)
      },
      (error: unknown) => callback(error instanceof Error ? error : new Error('lookup failed'), '', 0),
    )
  }
}

/** Names that mean this machine whoever resolves them, also a `fetch` of the embedder's, whose sockets are not ours. */
const THIS_MACHINE = /(?:^|\.)localhost\.?$/i

/** @throws RegistryError `REGISTRY_ADDRESS_REFUSED` for a host that is an address out of reach; sockets do not look those up */
export function checkLiteralAddress(hostname: string, reach: AddressReach): void {
  const bare = hostname.replace(/^\[|\]$/g, '')
  const refused = isIP(bare) === 0 ? reach !== 'any' && THIS_MACHINE.test(bare) : !isReachable(bare, reach)
  if (refused) throw addressRefused(hostname)
}

function addressRefused(host: string): RegistryError {
  return new RegistryError(
    'REGISTRY_ADDRESS_REFUSED',
    `\`${host}\` is at an address inside the network, and is not among the hosts allowed by name`,
  )
}
