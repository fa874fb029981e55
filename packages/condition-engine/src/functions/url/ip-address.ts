import { BlockList, isIPv4, isIPv6 } from 'node:net'

/** The addresses that Go calls loopback or private. Link-local ones are not among them. */
const INTERNAL: readonly (readonly [network: string, prefix: number, family: 'ipv4' | 'ipv6'])[] = [
  ['127.0.0.0', 8, 'ipv4'],
  ['10.0.0.0', 8, 'ipv4'],
  ['172.16.0.0', 12, 'ipv4'],
  ['192.168.0.0', 16, 'ipv4'],
  ['::1', 128, 'ipv6'],
  ['fc00::', 7, 'ipv6'],
]

/** Whether the text is an IP address in the one form that Go reads: no short, octal or decimal forms, no zone. */
export function isAddress(text: string): boolean {
  return isIPv4(text) || (isIPv6(text) && !text.includes('%'))
}

/** Whether an address is loopback or private. An IPv4 address inside an IPv6 one counts as what it is. */
export function isInternalAddress(address: string): boolean {
  const internal = new BlockList()
  for (const [network, prefix, family] of INTERNAL) internal.addSubnet(network, prefix, family)
  return internal.check(address, isIPv4(address) ? 'ipv4' : 'ipv6')
}
