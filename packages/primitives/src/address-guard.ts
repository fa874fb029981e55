import { BlockList, isIP } from 'node:net'

/**
 * How far inward a connection may go: `public` addresses only; also `private` ones, where registries of a cluster live;
 * or `any`, for hosts that the embedder has named.
 */
export type AddressReach = 'public' | 'private' | 'any'

type Family = 'ipv4' | 'ipv6'
/** One list per family: a list that holds IPv4 subnets also matches IPv4-mapped IPv6 addresses against them. */
type Lists = Readonly<Record<Family, BlockList>>

/**
 * Never reached without the host being named: this machine, link-local and multicast addresses, clouds' metadata
 * services, and forms that carry an IPv4 address inside at a place that varies.
 *
 * Of IPv6 only global unicast (2000::/3) and unique local addresses (fc00::/7) are left; all else is unassigned or
 * special.
 */
const NEVER: Lists = {
  ipv4: blockList('ipv4', [
    '0.0.0.0/8', // "this network"
    '127.0.0.0/8',
    '169.254.0.0/16', // link-local, and the metadata service of most clouds
    '192.0.0.0/24', // IETF protocol assignments, and Oracle's metadata service
    '224.0.0.0/4', // multicast
    '240.0.0.0/4', // reserved, and limited broadcast
    '100.100.100.200/32', // Alibaba's metadata service
    '168.63.129.16/32', // Azure's platform service
  ]),
  ipv6: blockList('ipv6', [
    '::/3', // unspecified, loopback, IPv4-mapped and -compatible, discard-only, NAT64 (judged before by the address inside)
    '4000::/2',
    '8000::/2',
    'c000::/3',
    'e000::/4',
    'f000::/5',
    'f800::/6',
    'fe00::/7', // link-local, site-local, multicast
    '2001::/23', // IETF protocol assignments, Teredo among them
    '2002::/16', // 6to4
    '3fff::/20', // documentation
    'fd00:ec2::/32', // Amazon's metadata service
    'fd20:ce::/32', // Google's metadata service
  ]),
}

/** Addresses outside of the public internet. */
const PRIVATE: Lists = {
  ipv4: blockList('ipv4', [
    '10.0.0.0/8',
    '100.64.0.0/10', // shared address space of carriers; some clouds use it for clusters
    '172.16.0.0/12',
    '192.0.2.0/24', // documentation
    '192.88.99.0/24', // 6to4 relay anycast, deprecated
    '192.168.0.0/16',
    '198.18.0.0/15', // benchmarking
    '198.51.100.0/24', // documentation
    '203.0.113.0/24', // documentation
  ]),
  ipv6: blockList('ipv6', ['fc00::/7', '2001:db8::/32']),
}
/** The well-known prefix, behind which clusters without IPv4 see the rest of the world. RFC 6052, 2.1. */
const NAT64: BlockList = blockList('ipv6', ['64:ff9b::/96'])

function blockList(family: Family, subnets: readonly string[]): BlockList {
  const list = new BlockList()
  for (const subnet of subnets) {
    const [address = '', bits] = subnet.split('/')
    list.addSubnet(address, Number(bits), family)
  }
  return list
}

/**
 * Returns whether a connection to an IP address is allowed. A string that is not an address is refused.
 *
 * A NAT64 address is judged by the IPv4 address inside. Other forms with an address inside (IPv4-mapped, 6to4, Teredo)
 * are not what an honest resolver answers, and are refused.
 *
 * @see https://www.iana.org/assignments/iana-ipv4-special-registry
 *   https://www.iana.org/assignments/iana-ipv6-special-registry
 */
export function isReachableAddress(address: string, reach: AddressReach): boolean {
  const bare = address.split('%', 1)[0] ?? ''
  const version = isIP(bare)
  if (version === 0) return false
  if (reach === 'any') return true
  const family = version === 6 ? 'ipv6' : 'ipv4'
  if (family === 'ipv6' && NAT64.check(bare, family)) return isReachableAddress(lastFourBytes(bare), reach)
  return !NEVER[family].check(bare, family) && (reach === 'private' || !PRIVATE[family].check(bare, family))
}

/** Returns the last 32 bits of an IPv6 address, as an IPv4 address. */
function lastFourBytes(address: string): string {
  // The URL parser writes every IPv6 address in one form, with the last 32 bits as two groups.
  const groups = new URL(`http://[${address}]`).hostname.slice(1, -1).split(':')
  const [high = 0, low = 0] = groups.slice(-2).map((group) => Number.parseInt(group === '' ? '0' : group, 16))
  return [high >> 8, high & 255, low >> 8, low & 255].join('.')
}
