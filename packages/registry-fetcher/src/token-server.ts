import { isIP } from 'node:net'
import { getDomain } from 'tldts'

/**
 * Domains that are registrable by themselves, or under whose subdomains strangers have registries or servers: that two
 * hosts are below one of them says nothing about who runs them. Most are in the private section of the public suffix
 * list, but not all, and not at each depth.
 */
const SHARED_DOMAINS: ReadonlySet<string> = new Set([
  'aliyuncs.com', // Alibaba Cloud: registries and buckets of customers
  'amazonaws.com', // Amazon ECR, and everything else of AWS
  'amazonaws.com.cn',
  'azurecr.io', // Azure Container Registry: a subdomain per customer
  'azurecr.cn',
  'azurecr.us',
  'cloudsmith.io', // Cloudsmith: subdomains and paths of customers
  'cluster.local', // Services of every namespace of a Kubernetes cluster
  'docker.io',
  'gcr.io',
  'jfrog.io', // Artifactory SaaS: a subdomain per customer
  'myhuaweicloud.com', // Huawei Cloud: registries and buckets of customers
  'nip.io', // a name for every address, independent of its owner
  'ovh.net', // OVHcloud: a subdomain per customer
  'pkg.dev', // Google Artifact Registry: a subdomain per location, for all customers
  'sslip.io', // as nip.io
  'tencentcloudcr.com', // Tencent Container Registry: a subdomain per customer
])

/** Token servers that public registries use although they are other hosts. */
const KNOWN_TOKEN_SERVERS: ReadonlyMap<string, string> = new Map([
  ['index.docker.io', 'auth.docker.io'],
  ['registry.gitlab.com', 'gitlab.com'],
])

/**
 * Returns whether the owner of a registry is known to run a token server, too: both have the same registrable domain,
 * as `registry.gitlab.example.com` and `gitlab.example.com` have. Ports do not matter.
 *
 * @param registry `host[:port]`
 * @param server `host[:port]`
 * @see https://publicsuffix.org/
 */
export function isTokenServerOf(registry: string, server: string): boolean {
  if (KNOWN_TOKEN_SERVERS.get(registry) === server) return true
  const domain = registrableDomain(registry)
  return domain !== undefined && domain === registrableDomain(server)
}

function registrableDomain(authority: string): string | undefined {
  const host = authority.replace(/:\d+$/, '').replace(/\.$/, '').toLowerCase()
  if (isIP(host.replace(/^\[|\]$/g, '')) !== 0 || !host.includes('.')) return undefined
  // Services of every namespace of a Kubernetes cluster with any domain.
  if (host.split('.')[2] === 'svc') return undefined
  for (let at = 0; at >= 0; at = host.indexOf('.', at + 1))
    if (SHARED_DOMAINS.has(host.slice(at === 0 ? 0 : at + 1))) return undefined
  return getDomain(host, { allowPrivateDomains: true, detectIp: false }) ?? undefined
}
