import { lookup } from 'node:dns'
import { BlockList, isIP } from 'node:net'
import type { LookupFunction } from 'node:net'
import { unknownBecause } from './problem.ts'

/** Addresses that are not of the public internet: this machine, its networks, clouds' metadata, and what is no host at all. */
const INSIDE: Readonly<Record<'ipv4' | 'ipv6', BlockList>> = {
  ipv4: blockList('ipv4', [
    '0.0.0.0/8',
    '10.0.0.0/8',
    '100.64.0.0/10',
    '127.0.0.0/8',
    '169.254.0.0/16',
    '172.16.0.0/12',
    '192.0.0.0/24',
    '192.0.2.0/24',
    '192.88.99.0/24',
    '192.168.0.0/16',
    '198.18.0.0/15',
    '198.51.100.0/24',
    '203.0.113.0/24',
    '224.0.0.0/4',
    '240.0.0.0/4',
    '168.63.129.16/32',
  ]),
  // Only global unicast is public, and of that not the forms that carry an IPv4 address inside. A list of its own, because
  // one list would hold IPv4 addresses, which it takes for mapped ones, against these as well.
  ipv6: blockList('ipv6', ['::/3', '4000::/2', '8000::/1', '2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20']),
}

function blockList(family: 'ipv4' | 'ipv6', subnets: readonly string[]): BlockList {
  const list = new BlockList()
  for (const subnet of subnets) {
    const [address = '', bits] = subnet.split('/')
    list.addSubnet(address, Number(bits), family)
  }
  return list
}

/** Whether an address, as a resolver gives it, is one of the public internet. Text that is no address is none. */
export function isPublicAddress(address: string): boolean {
  const version = isIP(address)
  if (version === 0) return false
  const family = version === 6 ? 'ipv6' : 'ipv4'
  return !INSIDE[family].check(address, family)
}

export type ResolveAddresses = (
  host: string,
) => Promise<readonly { readonly address: string; readonly family: number }[]>

/** The resolver of the system. */
export const systemResolver: ResolveAddresses = (host) =>
  new Promise((done, fail) => {
    lookup(host, { all: true, verbatim: true }, (error, addresses) => (error ? fail(error) : done(addresses)))
  })

/**
 * A `lookup` for sockets that hands on public addresses only.
 *
 * What is checked is what the socket connects to: names that resolve inward, and answers that change between check and
 * connect, all come through here. One inner address refuses the name.
 */
export function publicLookup(resolve: ResolveAddresses): LookupFunction {
  return (hostname, options, callback) => {
    resolve(hostname).then(
      (addresses) => {
        const [first] = addresses
        if (!first || !addresses.every(({ address }) => isPublicAddress(address)))
          callback(refusedAddress(hostname), '', 0)
        else if (options.all === true)
          callback(
            null,
            addresses.map(({ address, family }) => ({ address, family })),
          )
        else callback(null, first.address, first.family)
      },
      (error: unknown) => callback(error instanceof Error ? error : new Error('the name was not found'), '', 0),
    )
  }
}

export function refusedAddress(host: string): Error {
  return unknownBecause(`\`${host}\` is at an address inside the network, and is not among the hosts allowed by name`)
}
