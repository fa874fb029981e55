import { BlockList, isIP } from 'node:net'
import { invalid } from './check-options.ts'

/**
 * The environment variables that name proxies; others are ignored. The names in capital letters take precedence.
 *
 * @see Go, golang.org/x/net/http/httpproxy, whose rules apply
 */
export type ProxyEnvironment = Readonly<Record<string, string | undefined>>

/** Returns the proxy for a URL; undefined if it is contacted directly. */
export type ProxyFinder = (url: URL) => URL | undefined

/** @throws RegistryError `REGISTRY_OPTIONS_INVALID` for a proxy that is not an http or https URL */
export function createProxyFinder(environment: ProxyEnvironment): ProxyFinder {
  const read = (name: string): string => environment[name] || environment[name.toLowerCase()] || ''
  const proxies = new Map(
    (['HTTP_PROXY', 'HTTPS_PROXY'] as const).map((name) => [
      `${name.slice(0, -'_PROXY'.length).toLowerCase()}:`,
      parseProxy(name, read(name)),
    ]),
  )
  const exceptions = read('NO_PROXY')
    .toLowerCase()
    .split(/[\s,]+/)
    .filter((entry) => entry !== '')
  return (url) => {
    const proxy = proxies.get(url.protocol)
    if (proxy === undefined || isLoopback(url.hostname)) return undefined
    return exceptions.some((entry) => isException(entry, url)) ? undefined : proxy
  }
}

function parseProxy(name: string, text: string): URL | undefined {
  if (text === '') return undefined
  const url = URL.parse(/^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `http://${text}`)
  // The URL may contain a password, so it is not part of the message.
  if (url === null || !/^https?:$/.test(url.protocol))
    throw invalid(`\`proxy.${name}\`: expected http://host[:port] or https://host[:port]`)
  return url
}

function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(hostname)
}

/** `*`, `host`, `.host`, `*.host`, an address, a CIDR block; each with an optional port except the last. */
function isException(entry: string, url: URL): boolean {
  if (entry === '*') return true
  const hostname = url.hostname.replace(/^\[|\]$/g, '')
  if (entry.includes('/')) return isInBlock(entry, hostname)
  const port = /^(?:\[.*\]|[^:]*):(\d+)$/.exec(entry)?.[1]
  const wanted = (port === undefined ? entry : entry.slice(0, -port.length - 1)).replace(/^\[|\]$/g, '')
  if (port !== undefined && port !== (url.port || (url.protocol === 'https:' ? '443' : '80'))) return false
  if (isIP(hostname) !== 0) return wanted === hostname
  const suffix = wanted.replace(/^\*(?=\.)/, '')
  return suffix.startsWith('.') ? hostname.endsWith(suffix) : hostname === suffix || hostname.endsWith(`.${suffix}`)
}

function isInBlock(block: string, hostname: string): boolean {
  const [address = '', bits = ''] = block.split('/', 2)
  const family = isIP(address)
  if (family === 0 || isIP(hostname) !== family || !/^\d{1,3}$/.test(bits)) return false
  if (Number(bits) > (family === 4 ? 32 : 128)) return false
  const type = family === 4 ? 'ipv4' : 'ipv6'
  const list = new BlockList()
  list.addSubnet(address, Number(bits), type)
  return list.check(hostname, type)
}
